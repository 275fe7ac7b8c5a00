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
        bool run_is_volume;   /* nothing is made in /run but mount points */
        bool run_is_led;      /* by a link of the image: nothing at all is made there */
        bool run_fits;        /* what the image has in /run is copied */
        const char *id_claim; /* a directory on the user's mount that /etc/machine-id is on */
        struct err *e;
        int failed; /* the first failure; later additions do nothing */
};

/* "64m", "20%". */
void plan_size_text(struct size size, char *text, size_t most);

/* Adds a step. */
void plan_add(struct planning *p, struct step step);

/* Adds a sentence for people: what was left out, and why. */
void plan_note(struct planning *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Nothing more is planned: there is no memory, unless something else has failed before. */
void plan_no_memory(struct planning *p);

/* A formatted string of the arena; "" with failed set when there is no memory. */
const char *plan_text(struct planning *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A tmpfs that a step can point to, with what is the same for all. */
const struct tmpfs *plan_tmpfs(struct planning *p, struct tmpfs t);

/* A mount of the engine's or the user's on exactly this path. */
bool plan_has_mount(const struct planning *p, const char *path);

/* How many are on exactly this path: one on the other. */
size_t plan_times_mounted(const struct planning *p, const char *path);

/* The nearest one on it or on a directory above it, or NULL. */
const char *plan_mount_above(const struct planning *p, const char *path);

/* What config.json says of the last mount on path, or NULL. */
const struct oci_mount *plan_last_mount(const struct planning *p, const char *path);

/*
 * The user's fresh tmpfs on path, which belongs to this container alone, or NULL: the last mount there, and the only one,
 * as what lies over a tmpfs is somebody's.
 */
const struct oci_mount *plan_fresh_tmpfs(const struct planning *p, const char *path);

/*
 * What the image has at place can be copied into a tmpfs of this size, with room for as much again, beside what is copied
 * elsewhere. Counts it as copied then.
 */
bool plan_fits(struct planning *p, enum place_id place, const struct tmpfs *t);

/* A size that somebody asked for, of a place where the user has a mount: it is given to a tmpfs that has none of its own,
 * or said to have no effect. */
void plan_asked_size(struct planning *p, enum place_id place);

/* Says of t, the tmpfs on place, that somebody asked for less than systemd needs. */
void plan_check_size(struct planning *p, enum place_id place, const struct tmpfs *t);

/* tmp.mount would fail: the payload has no mount on /tmp, and may make none. */
void plan_mask_tmp_mount(struct planning *p);

/* Adds a tmpfs at target. base, optional: see struct step. */
void plan_cover(struct planning *p, const char *target, struct tmpfs t, const char *base, bool optional);

/*
 * Adds a file of ours in /run, with the directories above it. path is relative to /run. To be called before
 * plan_places. What is there already, or is a mount of the user's, stays.
 */
void plan_run_entry(
        struct planning *p, enum entry_kind kind, const char *path, mode_t mode, const char *content);

/* Masks a unit, where PID 1 will see it. */
void plan_run_mask(struct planning *p, const char *unit);

/* A tmpfs of this size, with a number of inodes that goes with it; a percentage is of the memory that the container
 * may use. */
struct tmpfs plan_sized(const struct planning *p, struct size size);

/* The rows of oci/places.h. */
struct size plan_place_size(const struct planning *p, enum place_id place);
const char *plan_place_path(enum place_id place);
void plan_places(struct planning *p);

/* What /run is: to be called before what makes things there. */
void plan_look_at_run(struct planning *p);

/* Whether PID 1 will see what plan_run_entry makes below /run/systemd/system, and below /run/systemd/system-generators; why not:
 * one clause. */
bool plan_run_has_units(const struct planning *p);
bool plan_run_has_generators(const struct planning *p);
const char *plan_run_why_not(const struct planning *p);

/* The machine-id, and whether it can be given: to be called before plan_run. */
void plan_machine_id(struct planning *p);
/* What has nothing to do in this container does not start: boot=lean. */
void plan_lean(struct planning *p);

/* Units that could only fail are skipped: units=condition. */
void plan_units(struct planning *p);

/* /run and what lies in it. */
void plan_begin_run(struct planning *p); /* refuses what cannot boot, and counts what is copied in */
void plan_run(struct planning *p);
/* what goes into volumes below /run, which are at their places again by then */
void plan_late_run(struct planning *p);

/* The container's cgroups: steps on the hierarchies, and those that show them. */
void plan_cgroups(struct planning *p);
void plan_cgroup_mounts(struct planning *p);

/* The mounts around them in the layouts with cgroup v1. */
void plan_cgroup_room(struct planning *p);

/* Where the layout shows the hierarchy, or NULL. */
const char *plan_cgroup_target(const struct planning *p, enum hierarchy h);

/* CAP_SYS_ADMIN in the host's user namespace: no mount is a barrier to such a container. */
bool plan_is_privileged(const struct planning *p);

/* /run/host and the machine-id. */
void plan_run_host(struct planning *p, const char *base);
