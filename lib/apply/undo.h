/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a start has made on the host, taken away again by its record. No path of the rootfs is opened. */

#include "apply/record.h"

#include <sys/types.h>

struct undo {
        const char *id, *bundle;
        pid_t pid;                     /* of the container that starts */
        const char *const *mounted_at; /* of each hierarchy on the host; NULL: nowhere */
        struct arena *arena;
};

/*
 * poststop: removes what is on record, and the record. That of another bundle is another container's, and stays.
 * is_gone: the runtime says that the container does not live any more, so that whoever is still in a cgroup which
 * bears its id is a stranger, and killed.
 */
int undo_start(const struct undo *u, const struct record *record, bool is_gone, struct err *e) must_check;

/*
 * Before a start: writes record as that of u->id. Where an earlier start left one, what it names is removed first, and
 * what cannot be removed is taken over; another bundle's container that lives keeps its record, and the start is
 * refused. Returns 0, or 1 when something was taken over.
 */
int undo_before_start(const struct undo *u, struct record *record, struct err *e) must_check;
