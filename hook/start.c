/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/apply.h"
#include "cli.h"
#include "feature/feature.h"
#include "road.h"
#include "say.h"

/* What only turned out while the plan was carried out is said like what the plan knew. */
static void note_left_out(struct road *road, const struct apply_left_out *left)
{
        for (size_t i = 0; i < left->count; i++) {
                const char **grown =
                        arena_grow(road->arena, road->plan.notes, road->plan.note_count, sizeof *grown);
                const char *note = arena_print(
                        road->arena, "%s is left out: it is not there, and cannot be made", left->target[i]);

                if (!grown || !note)
                        return;
                road->plan.notes = grown;
                road->plan.notes[road->plan.note_count++] = note;
        }
}

static int carry_out(struct road *road, struct err *e)
{
        struct feature_start features =
                feature_begin(&road->plan, &road->settings, &road->container, road->view);

        struct apply_left_out left = {.count = 0};

        say_hold();

        int r = apply(&(struct apply_input){&road->plan, &road->container, road->arena, road->bundle,
                              road->facts.mounted_at, road->rootfs, road->view, &feature_calls, &features, &left},
                e);

        note_left_out(road, &left);
        feature_release(&features);
        feature_report(&features, road->arena, &road->plan);
        return r;
}

int start(const struct call *call, struct err *e)
{
        const struct oci_state *state = call->state;
        struct road road = ROAD_START;

        if (!state->bundle)
                return err_refuse(e, "the container's state has no bundle");
        road.arena = call->arena;
        road.bundle = state->bundle;
        road.id = state->id;
        road.pid = state->pid;
        road.lives = true;
        road.trusts_state = state->has_annotations;
        road.annotations = state->annotations;
        road.settings = call->settings;

        int r = road_take(&road, e);

        if (r == 0 && road.has_plan)
                r = carry_out(&road, e);
        road_end(&road);
        return r;
}
