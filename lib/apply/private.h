/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "apply/apply.h"
#include "base/arena.h"
#include "kernel/copy_in.h"

#include <stdint.h>

/* The rootfs, /run, /run/lock and the like, /sys/fs/cgroup. */
#define TRUSTED_MOST 16

struct applying {
        const struct apply_input *in;
        int *mounts;                    /* a detached mount for each step that makes one, else -1 */
        int hierarchy[HIERARCHIES];     /* held; -1 when not, or attached and so no longer ours to give */
        int view[HIERARCHIES];          /* likewise, of STEP_VIEW */
        int copy[HIERARCHIES];          /* a second mount of what is shown, of STEP_REPEAT */
        int shown[HIERARCHIES];         /* which of these STEP_SHOW attached */
        int last[HIERARCHIES];          /* and which STEP_SHOW or STEP_REPEAT did last */
        int run_host;                   /* the tmpfs that STEP_FILE takes its file from */
        struct copy_size left;          /* what may still be copied of the image */
        int charge;                     /* cgroup.procs of whom copied memory is charged to; -1: nobody */
        struct croot root;              /* the rootfs, after ENTER */
        uint64_t trusted[TRUSTED_MOST]; /* ids of mounts that a target may be on: see apply_trust */
        size_t trusted_count;
        uint64_t own[TRUSTED_MOST]; /* ids of those of them in which a target may be made: no volume is */
        size_t own_count;
        /* id of the mount that apply_open_cgroup_target made a slave last; UINT64_MAX: none */
        uint64_t made_slave;
        bool has_made;       /* something that is on record */
        char delegate[4096]; /* /sys/kernel/cgroup/delegate */
        struct err *e;
};

/* What the phase does for a step; nothing where the action has no part in the phase. */
int apply_prepare(struct applying *a, const struct step *s) must_check;
int apply_attach(struct applying *a, const struct step *s) must_check;

/* The functions of the actions, by the table of plan/actions.h. */
#define DECLARE_PREPARE(function)                                                                            \
        int apply_prepare_##function(struct applying *a, const struct step *s) must_check;
#define DECLARE_ATTACH(function)                                                                             \
        int apply_attach_##function(struct applying *a, const struct step *s) must_check;
#define DECLARE_BOTH(function)                         DECLARE_PREPARE(function) DECLARE_ATTACH(function)
#define DECLARE(action, word, function, phases, needs) DECLARE_##phases(function)
PLAN_ACTIONS(DECLARE)

/* Where the step's detached mount is kept between the phases; -1 while there is none. */
int *apply_mount_of(struct applying *a, const struct step *s);

/* The mount that fd is on may have mounts of ours on it; own: what is missing for them may be made in it, too. */
int apply_trust(struct applying *a, int fd, bool own) must_check;

/*
 * /sys/fs/cgroup or what is below it: on the sysfs or the cgroup mounts of the engine, which are confined
 * before anything goes on them.
 */
int apply_open_cgroup_target(struct applying *a, const char *path) must_check;
