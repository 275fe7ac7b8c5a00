/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What poststop has to remove that the runtime will not: a file a container, RECORD_DIRECTORY/ID, or of a
 * hook that is a user's and may not write there /run/user/UID/oci-systemd-hook/ID. It has a line
 * "bundle PATH", as two engines may have a container of the same id, and a line "HIERARCHY PATH" for each
 * cgroup. It is there before the first of them is made, so that a prestart which is killed in the middle is
 * cleaned up as well.
 */

#include "base/arena.h"
#include "base/err.h"
#include "kernel/hierarchy.h"
#include "plan/plan.h"

#include <stdbool.h>

#define RECORD_DIRECTORY "/run/oci-systemd-hook"

struct record_line {
        enum hierarchy hierarchy;
        const char *path; /* of a cgroup, as the hook sees it */
};

/*
 * Writes the steps of the plan that have a record. None: no file is made. That of another bundle is refused:
 * its container has the same id. Returns 0, or 1 when there was one of this bundle, whose start may have left
 * something.
 */
int record_write(const struct plan *p, const char *bundle, struct err *e) must_check;

/* Reads the file of id; no file, or another bundle's: no lines and *ret_found false. bundle NULL: anyone's.
 */
int record_read(const char *id, const char *bundle, struct arena *a, bool *ret_found,
        struct record_line **ret_lines, size_t *ret_count, struct err *e) must_check;

/* Removes the file, and the directory when it was the last. */
int record_remove(const char *id, struct err *e) must_check;
