/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Files of ours in a tmpfs, and the image's copied in beside them. Both work on the fd of the tmpfs's root.
 */

#include "croot.h"
#include "plan.h"

/*
 * Makes the entries in the tmpfs at fd, owned by owner and group, with a umask of 0. What is there already
 * stays, if it is a directory where one is wanted; else it gives way. is_ours: nobody else can reach it yet.
 * Else it is a user's, with volumes in it: no link is followed, and nothing is made in what is mounted there.
 */
int entries_make(int fd, const struct tmpfs *t, bool is_ours, uid_t owner, gid_t group, struct err *e)
        must_check;

#define COPY_BYTES_MOST (64u << 20)
#define COPY_FILES_MOST 16384u
#define COPY_DEPTH_MOST 32u

/*
 * Copies what is in the directory from (an fd of the image, open for reading) into to:
 * directories, regular files, links and FIFOs with owner, mode and time. What is there already stays; what is
 * mounted below from, sockets and devices are left out. More than the limits above is refused: the error
 * names path.
 */
int copy_in(int from, int to, const char *path, struct err *e) must_check;
