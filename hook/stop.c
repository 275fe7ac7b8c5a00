/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/undo.h"
#include "cli.h"
#include "feature/feature.h"
#include "host/facts.h"

static int undo_recorded(const struct call *call, const struct record *record, struct err *e)
{
        const struct oci_state *state = call->state;
        struct facts facts = {0};
        bool has_unified = false;

        for (size_t i = 0; i < record->count; i++)
                has_unified |= record->lines[i].hierarchy == HIERARCHY_UNIFIED;

        const int r = record->count ? facts_host(call->arena, &facts, e) : 0;

        if (r < 0)
                return r;
        if (has_unified && !facts.mounted_at[HIERARCHY_UNIFIED])
                facts.mounted_at[HIERARCHY_UNIFIED] = facts_search(HIERARCHY_UNIFIED, call->arena);

        const struct undo undo = {.id = state->id,
                .bundle = state->bundle,
                .mounted_at = facts.mounted_at,
                .arena = call->arena};

        /* said to be alive, it was the caller who erred */
        return undo_start(&undo, record, state->pid == 0 || state->stopped, e);
}

/* Of a damaged record what can be read is removed, and the damage is said. */
static int stop_cgroups(const struct call *call, struct err *e)
{
        struct record record;
        struct err second;
        const int found = record_read(call->state->id, call->arena, &record, e);

        if (found == 0) /* a start that was killed before the file was made leaves the directory */
                return record_remove(call->state->id, e);
        if (found < 0 && found != -EBADMSG)
                return found;

        const int r = undo_recorded(call, &record, found < 0 ? &second : e);

        return found < 0 ? found : r;
}

/* No path of the rootfs is opened: by now it may be anybody's. What fails keeps nothing else from being removed. */
int stop(const struct call *call, struct err *e)
{
        const struct oci_state *state = call->state;
        const bool has_ended = state->pid == 0 || state->stopped;
        struct err second;
        const int r = stop_cgroups(call, e);
        const int after = has_ended ? feature_after(state->id, state->bundle, r < 0 ? &second : e) : 0;

        return r < 0 ? r : after;
}
