/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/hold.h"
#include "apply/record.h"
#include "apply/subtree.h"
#include "base/scope.h"
#include "cli.h"
#include "host/facts.h"

#include <sys/stat.h>
#include <time.h>

#define LET_GO_TRIES 10
#define LET_GO_PAUSE 20000000L /* nanoseconds */

static int remove_line(const struct record_line *line, const struct facts *f, struct arena *a, struct err *e)
{
        const char *mounted = f->mounted_at[line->hierarchy];

        if (!mounted && line->hierarchy == HIERARCHY_UNIFIED)
                mounted = facts_search(HIERARCHY_UNIFIED, a);

        scoped_fd mount = hold_for_host(line->hierarchy, mounted, e);

        return mount < 0 ? mount : subtree_remove(mount, line->path, e);
}

/*
 * The kernel frees a removed cgroup of v1 a little later, and a hierarchy that was unmounted before stays: to
 * mount and unmount it once more lets it go. Another container's directory, or a mount elsewhere, keeps it
 * rightly.
 */
static void let_go(enum hierarchy h)
{
        struct err unused;
        struct stat st;

        for (int i = 0; i < LET_GO_TRIES && hold_exists(h); i++) {
                scoped_fd mount = hold_for_host(h, NULL, &unused);

                if (mount < 0 || fstat(mount, &st) < 0 || st.st_nlink > 2)
                        return;
                nanosleep(&(struct timespec){.tv_nsec = LET_GO_PAUSE}, NULL);
        }
}

/* No path of the rootfs is opened: by now it may be anybody's. */
int stop(const struct call *call, struct err *e)
{
        const struct oci_state *state = call->state;
        struct arena *a = call->arena;
        struct record_line *lines;
        struct facts facts = {0};
        size_t count;
        bool found;
        int r = record_read(state->id, state->bundle, a, &found, &lines, &count, e);

        if (r < 0 || !found)
                return r;
        if (count)
                r = facts_host(a, &facts, e);
        for (size_t i = 0; r == 0 && i < count; i++)
                r = remove_line(&lines[i], &facts, a, e);
        if (r == 0 && count && !facts.mounted_at[HIERARCHY_SYSTEMD])
                let_go(HIERARCHY_SYSTEMD);
        return r < 0 ? r : record_remove(state->id, e);
}
