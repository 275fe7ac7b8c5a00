/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files of lib/plan share. */

#include "oci/places.h"
#include "plan/plan.h"

struct planning {
        const struct plan_input *in;
        struct arena *arena;
        struct plan plan;
        struct entry *run; /* what is made in /run, by plan_run_entry */
        size_t run_count;
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

/* Adds a tmpfs at target. base, optional: see struct step. */
void plan_cover(struct planning *p, const char *target, struct tmpfs t, const char *base, bool optional);

/*
 * Adds a file of ours in /run, with the directories above it. path is relative to /run. To be called before
 * plan_places. What is there already, or is a mount of the user's, stays.
 */
void plan_run_entry(
        struct planning *p, enum entry_kind kind, const char *path, mode_t mode, const char *content);

/* A tmpfs of this size, with a number of inodes that goes with it; a percentage is of the memory that the container
 * may use. */
struct tmpfs plan_sized(const struct planning *p, struct size size);

/* The rows of oci/places.h. */
struct size plan_place_size(const struct planning *p, enum place_id place);
const char *plan_place_path(enum place_id place);
void plan_places(struct planning *p);

/* /run and what lies in it. */
void plan_run(struct planning *p);

/* The container's cgroups: steps on the hierarchies, and those that show them. */
void plan_cgroups(struct planning *p);
void plan_cgroup_mounts(struct planning *p);

/* /run/host and the machine-id. */
void plan_run_host(struct planning *p, const char *base);
