/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Carries a plan out over file descriptors, and decides nothing.
 *
 *   PREPARE  hierarchies are held, cgroups made, the process moved, every tmpfs made and filled: on the host
 *   ENTER    into the container's mount namespace, after which no path of the host is opened
 *   ATTACH   each target is resolved to an fd below the rootfs, checked, and gets its mount
 *
 * It trusts nothing in the plan: a target that is not absolute, a hierarchy that is not held, a step in the
 * wrong phase is an error. When it fails, what was not attached is gone with its fds, and what poststop has
 * to remove is on record.
 *
 * What a run changes of its own process, in order, and for good:
 *
 *   hook/harden  environment, umask 077, descriptors, no_new_privs, signals, the time limit, the directory
 *   before       umask 0: modes are meant as they stand in the plan
 *   PREPARE      a cgroup namespace of its own, only where cgroup2 is mounted nowhere on the host (apply/hold)
 *   ENTER        the mount namespace is the container's
 *   then         securebits and file system ids: what is made is the container root's; the capabilities that
 *                ATTACH does not need are given up
 */

#include "kernel/container.h"
#include "plan/plan.h"

/* Where a feature works. */
struct apply_place {
        struct croot root; /* the rootfs, entered */
        int run;           /* the tmpfs at /run, the hook's own or the user's; -1: none */
};

/* What STEP_FEATURE calls: lib/feature, which this room does not know. */
struct apply_features {
        int (*prepare)(void *with, unsigned feature, struct err *e);
        int (*attach)(void *with, unsigned feature, const struct apply_place *place, struct err *e);
};

/* The targets of optional steps that nothing came of, which people are told. */
#define APPLY_LEFT_OUT_MOST 8u
struct apply_left_out {
        const char *target[APPLY_LEFT_OUT_MOST];
        bool leads_away[APPLY_LEFT_OUT_MOST]; /* by a link, onto what is mounted; else it cannot be made */
        size_t count;
};

struct apply_input {
        const struct plan *plan;
        const struct container *container;
        struct arena *arena;
        const char *bundle;                    /* goes on record */
        const char *const *mounted_at;         /* each hierarchy on the host; NULL: nowhere */
        const char *rootfs;                    /* on the host */
        struct croot view;                     /* of the rootfs in the container, from container_rootfs */
        const struct apply_features *features; /* NULL: the plan has no step of theirs */
        void *features_with;
        struct apply_left_out *left_out; /* filled, or NULL */
};

int apply(const struct apply_input *in, struct err *e) must_check;
