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
#include "plan/actions.h"
#include "plan/layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Which of these an action needs is in its row of plan/actions.h; the others are NULL or false. */
struct step {
        enum step_action action;
        enum hierarchy hierarchy;
        const char *target; /* container path */
        const char *path;   /* of a cgroup, from the root of what HOLD keeps, or of what SHOW attached */
        const char *source; /* HOLD, VIEW: a path of the host; SHOW: "/view"; FILE: a name; FEATURE: a text */
        const char *record; /* HOLD, MAKE: the cgroup as poststop will find it */
        /* the container's mount that a missing mount point may be made in; NULL: the rootfs */
        const char *base;
        const struct tmpfs *tmpfs;
        unsigned char feature; /* FEATURE: which, as lib/feature counts */
        bool read_only;        /* SHOW, REPEAT */
        bool evict;            /* ENABLE: who is in path is a stranger, and killed */
        bool optional; /* left out when the mount point is missing and cannot be made; HOLD: see there */
        unsigned most, depth; /* BOUND */
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
        uint64_t copied;       /* bytes that the image has where a tmpfs will be */
        size_t copied_files;   /* and in how many files */
        char machine_id[33];   /* empty: the image's */
        bool machine_id_by_id; /* of an id that is not known yet: machine_id is an example, not to be shown */
        const char **notes;    /* what was left out or cannot have an effect, a sentence each */
        size_t note_count;
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

/*
 * What is at each place before and after, as a tree in 80 columns. Memory is of arena; -1: there is none left.
 */
int plan_print_tree(const struct plan *p, const struct facts *facts, struct arena *arena, bool utf8, FILE *f)
        must_check;

/* For people, and for programs. */
void plan_print(const struct plan *p, FILE *f);
void plan_print_json(const struct plan *p, FILE *f);
