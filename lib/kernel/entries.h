/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Files of ours in a tmpfs, by the fd of the tmpfs's root. */

#include "kernel/croot.h"
#include "kernel/tmpfs.h"

/*
 * Makes the entries in the tmpfs at fd, owned by owner and group. The umask has to be 0. A directory that
 * exists where an entry is a directory stays; any other file with the name of an entry is replaced.
 * is_private says that nobody else can reach the tmpfs yet. Otherwise the tmpfs is a user's and may have
 * volumes mounted in it: then no link is followed, and nothing is made in a volume.
 */
int entries_make(int fd, const struct tmpfs *t, bool is_private, uid_t owner, gid_t group, struct err *e)
        must_check;
