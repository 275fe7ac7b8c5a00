/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The one road from a bundle, or from a container that lives, to what the hook would do. A start takes it and carries the plan
 * out; the commands for people take it and print. Nothing is changed.
 *
 *   settings ─ annotations ─ config.json ─ payload ─► decision ─ facts ─► plan ─ what the host's policy says of it
 *
 * Of a container that lives, config.json is read no further than the decision needs. Of a bundle alone, what a runtime would
 * make is expected from config.json.
 */

#include "base/arena.h"
#include "host/facts.h"
#include "host/payload.h"
#include "kernel/container.h"
#include "oci/oci.h"
#include "oci/settings.h"
#include "plan/decide.h"
#include "plan/lacks.h"
#include "plan/plan.h"

struct road {
        /* where it begins */
        struct arena *arena;
        const char *bundle;
        const char *id;    /* NULL: not known yet */
        pid_t pid;         /* of the container's first process */
        bool lives;        /* false: the bundle alone is looked at */
        bool trusts_state; /* the state has config.json's annotations, so those need not be read */
        struct annotations annotations; /* the state's */
        enum stop_signal stop_signal;   /* likewise */
        bool asks; /* by an option for this container: --mode=auto or always; then, by its annotations, too */

        /* what is found, in this order */
        struct settings settings; /* as given, then with the annotations */
        struct oci_config config;
        bool has_config;
        const char *command; /* its process.args[0], which is known first */
        struct container container;
        const char *rootfs;
        /* of a bundle: what of config.json's mounts could not be looked at, and why; or NULL */
        const char *unseen;
        struct croot view; /* of the rootfs, as the container has it */
        struct payload payload;
        struct decision decision;
        bool is_prepared; /* by an earlier call of the hook in this start: the plan is not made again */
        struct facts facts;
        bool has_plan;
        struct plan plan;
        struct lacks lacks;
};

#define ROAD_START ((struct road){.view.fd = -1, .container = CONTAINER_NONE})

/* Returns 0 with decision, and where that acts a plan, or is_prepared. A start is refused with -errno and e. */
int road_take(struct road *road, struct err *e) must_check;

/* What to do where nothing is done for want of a systemd, or NULL: the reason says it, or there is nothing to be done. */
const char *road_skip_cure(const struct road *road);

/* Lets go of the container. */
void road_end(struct road *road);
