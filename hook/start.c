/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/apply.h"
#include "cli.h"
#include "feature/feature.h"
#include "road.h"
#include "say.h"

static int carry_out(struct road *road, struct err *e)
{
        struct feature_start features =
                feature_begin(&road->plan, &road->settings, &road->container, road->view);

        say_hold();

        int r = apply(&(struct apply_input){&road->plan, &road->container, road->arena, road->bundle,
                              road->facts.mounted_at, road->rootfs, road->view, &feature_calls, &features},
                e);

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
