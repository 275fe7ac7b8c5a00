/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What will be done for one container: ordered steps, which `plan` prints and lib/apply carries out. Building
 * it touches nothing; the same input gives the same plan.
 *
 * Invariants, which the tests and the fuzzers check: targets are absolute and clean, a tmpfs comes before
 * what is mounted in it, no target is covered twice, host paths are made of our constants, the kernel's
 * /proc/PID/cgroup and the validated id only.
 */

#include "base/arena.h"
#include "host/facts.h"
#include "host/payload.h"
#include "kernel/hierarchy.h"
#include "kernel/tmpfs.h"
#include "oci/oci.h"
#include "oci/settings.h"
#include "plan/layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum step_action {
        STEP_HOLD,      /* hierarchy: keep a mount of it whose root is the root of the container's cgroup
                         * namespace;      source is where that is on the host, NULL: a fresh mount of it */
        STEP_MAKE,      /* hierarchy: make the cgroup path; record is its path for poststop, NULL: the runtime
                           removes it */
        STEP_JOIN,      /* hierarchy: move the container's process into path */
        STEP_ENABLE,    /* hierarchy: hand every controller of path down to its children */
        STEP_DELEGATE,  /* hierarchy: path and its delegation files become the container root's */
        STEP_STASH,     /* hold on to what is mounted at target, which a tmpfs will cover */
        STEP_TMPFS,     /* tmpfs at target */
        STEP_FILL,      /* the tmpfs at target is the user's: only its entries are made in it */
        STEP_RESTORE,   /* what was kept of target, to the same place again */
        STEP_READ_ONLY, /* all that is mounted on and below target, once more and read-only over it */
        STEP_DIRECTORY, /* a directory in the engine's tmpfs at /sys/fs/cgroup */
        STEP_SHOW,      /* hierarchy: attach what is held at target, read-only or not */
        STEP_WRITABLE,  /* hierarchy: its cgroup path once more over what STEP_SHOW attached, writable */
        STEP_FILE,      /* the file source of the tmpfs at /run/host, read-only over target */
        STEP_ACTIONS,
};

struct step {
        enum step_action action;
        const char *target; /* container path */
        enum hierarchy hierarchy;
        const char *path; /* of a cgroup, from the root of the container's cgroup namespace */
        const char *source;
        const char *record;
        const char *base; /* the container's mount that the missing mount point may be made in; NULL: the
                             rootfs */
        bool read_only;
        bool optional; /* left out when the mount point is missing and cannot be made */
        const struct tmpfs *tmpfs;
};

struct plan {
        struct step *steps;
        size_t count;
        enum layout layout;
        const char *layout_reason;
        const char *id;
        const char *label; /* SELinux context for all that is made, or NULL */
        uid_t owner;       /* the container's root */
        gid_t group;
        char machine_id[33]; /* empty: the image's */
};

struct plan_input {
        const char *id;
        const struct oci_config *config;
        const struct settings *settings;
        const struct facts *facts;
        const struct payload *payload;
};

/* Everything in the plan lives in a or in the input. */
int plan_make(const struct plan_input *in, struct arena *a, struct plan *ret_plan, struct err *e) must_check;

/* A text that may be the image's, with what is not printable ASCII as \xNN. */
void plan_print_text(FILE *f, const char *text);

/* For people, and for programs. */
void plan_print(const struct plan *p, FILE *f);
void plan_print_json(const struct plan *p, FILE *f);
