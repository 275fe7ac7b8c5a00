/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What poststop has to remove: a file a container, RECORD_DIRECTORY/ID, or of a hook that is a user's and may not write
 * there /run/user/UID/oci-systemd-hook/ID. It has a line "bundle PATH", as two engines may have a container of the same
 * id, and a line "HIERARCHY PATH" or "HIERARCHY-if-unused PATH" for each cgroup. It is there before the first of them is
 * made, so that a prestart which is killed in the middle is cleaned up as well.
 */

#include "base/arena.h"
#include "base/err.h"
#include "kernel/hierarchy.h"

#include <stdbool.h>

#define RECORD_DIRECTORY "/run/oci-systemd-hook"
#define RECORD_LINES     24 /* more than two starts can leave */

struct record_line {
        enum hierarchy hierarchy;
        const char *path; /* of a cgroup, as the hook sees it */
        bool if_unused; /* the runtime's, and perhaps not this container's alone: where somebody lives in it, it stays */
};

struct record {
        const char *bundle; /* NULL: of a prestart that was killed before it made anything */
        struct record_line lines[RECORD_LINES];
        size_t count;
};

/* Writes the file of id. -EEXIST: there is one, and over is not said. */
int record_write(const char *id, const struct record *record, bool over, struct err *e) must_check;

/*
 * Reads the file of id. Returns 1, or 0 when there is none. -EBADMSG: no hook has written it so; ret_record has what can be
 * read of it, and no bundle where it begins with none.
 */
int record_read(const char *id, struct arena *a, struct record *ret_record, struct err *e) must_check;

/* Removes the file, if there is one, and the directory when it is empty. */
int record_remove(const char *id, struct err *e) must_check;
