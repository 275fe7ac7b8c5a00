/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A mount table through libmount (proc_pid_mountinfo(5)), which is loaded when this is called.
 */

#include "base/err.h"

struct mountinfo_line {
        const char *root;   /* what of the file system is mounted */
        const char *target; /* where */
        const char *type;
        unsigned id, parent; /* the mount's, and that of the mount that it is on */
};

/* Calls found for each line of file until it returns nonzero; returns that, 0, or -errno. */
int mountinfo_read(const char *file, int (*found)(void *to, const struct mountinfo_line *line, struct err *e),
        void *to, struct err *e) must_check;
