/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the two halves of lib/plan share. */

#include "plan/plan.h"

struct planning {
        const struct plan_input *in;
        struct arena *arena;
        struct plan plan;
        struct err *e;
        int failed; /* the first failure; later additions do nothing */
};

/* Adds a step. */
void plan_add(struct planning *p, struct step step);

/* Adds a sentence for people: what was left out, and why. */
void plan_note(struct planning *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A formatted string of the arena; "" with failed set when there is no memory. */
const char *plan_text(struct planning *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A tmpfs that a step can point to, with what is the same for all. */
const struct tmpfs *plan_tmpfs(struct planning *p, struct tmpfs t);

/* A mount of the engine's or the user's on exactly this path. */
bool plan_has_mount(const struct planning *p, const char *path);

/* The container's cgroups: steps on the hierarchies, and those that show them. */
void plan_cgroups(struct planning *p);
void plan_cgroup_mounts(struct planning *p);

/* /run/host and the machine-id. */
void plan_run_host(struct planning *p, const char *base);
