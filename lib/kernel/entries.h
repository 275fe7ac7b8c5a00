/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Files of ours in a tmpfs, by the fd of the tmpfs's root. */

#include "kernel/croot.h"
#include "kernel/tmpfs.h"

/*
 * Makes the entries in the tmpfs at fd, owned by owner and group, with a umask of 0. What is there already
 * stays, if it is a directory where one is wanted; else it gives way. is_private: nobody else can reach it yet.
 * Else it is a user's, with volumes in it: no link is followed, and nothing is made in what is mounted there.
 */
int entries_make(int fd, const struct tmpfs *t, bool is_private, uid_t owner, gid_t group, struct err *e)
        must_check;
