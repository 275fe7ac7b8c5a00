/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/apply.h"
#include "cli.h"
#include "feature/feature.h"
#include "road.h"
#include "say.h"

#include <stdio.h>
#include <string.h>

/* What only turned out while the plan was carried out is said like what the plan knew. */
static void note_left_out(struct road *road, const struct apply_left_out *left)
{
        for (size_t i = 0; i < left->count; i++) {
                const char **grown =
                        arena_grow(road->arena, road->plan.notes, road->plan.note_count, sizeof *grown);
                const char *note = arena_print(road->arena, "%s is left out: %s", left->target[i],
                        left->leads_away[i] ? "it leads onto a volume or another file system"
                                            : "it is not there, and cannot be made");

                if (!grown || !note)
                        return;
                road->plan.notes = grown;
                road->plan.notes[road->plan.note_count++] = note;
        }
}

static struct say_about about(const struct road *road)
{
        return (struct say_about){road->id, road->bundle,
                road->has_plan ? layout_names[road->plan.layout] : NULL, road->payload.version};
}

/* Why nothing is done, to a user who asked for it and will look for the reason; and what to do, where the reason does not say. */
static void say_skipped(const struct road *road)
{
        const struct say_about of = about(road);
        const char *cure = road_skip_cure(road);
        char text[512];

        snprintf(text, sizeof text, "skipped: %s%s%s", road->decision.reason, cure ? "; " : "",
                cure ? cure : "");
        say(SAY_SKIPPED, &of, text);
}

static void say_acted(const struct road *road)
{
        const struct plan *p = &road->plan;
        const struct say_about of = about(road);
        char text[512], version[32] = "systemd of an unknown version";

        if (road->payload.version)
                snprintf(version, sizeof version, "systemd %u", road->payload.version);
        snprintf(text, sizeof text, "acted: %s, cgroup layout %s (%s)", version, layout_names[p->layout],
                p->layout_reason);
        say(SAY_ACTED, &of, text);
        for (size_t i = 0; i < p->note_count; i++)
                say(SAY_NOTE, &of, p->notes[i]);
        if (road->lacks.slow)
                say(SAY_NOTE, &of, road->lacks.slow);
}

/* They may also be the reason for a failure, and so are said in both cases. */
static void say_lacks(const struct road *road)
{
        const struct say_about of = about(road);

        for (size_t i = 0; i < road->lacks.count; i++)
                say(SAY_LACKS, &of, road->lacks.list[i]);
}

static int carry_out(struct road *road, struct err *e)
{
        struct feature_start features =
                feature_begin(&road->plan, &road->settings, road->bundle, &road->container, road->view);

        struct apply_left_out left = {.count = 0};

        say_hold();

        int r = apply(
                &(struct apply_input){&road->plan, &road->container, road->arena, road->bundle,
                        road->facts.mounted_at, road->rootfs, road->view, &feature_calls, &features, &left},
                e);

        note_left_out(road, &left);
        feature_release(&features);
        feature_report(&features, road->arena, &road->plan);
        if (r == 0)
                say_acted(road);
        say_lacks(road);
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
        road.stop_signal = state->stop_signal;
        road.settings = call->settings;
        road.asks = call->asks;

        int r = road_take(&road, e);

        if (r == 0 && road.has_plan)
                r = carry_out(&road, e);
        else if (r == 0 && !road.decision.acts && road.asks)
                say_skipped(&road);
        road_end(&road);
        return r;
}
