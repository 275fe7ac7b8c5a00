/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What an image has in a directory that a tmpfs will cover, copied into the tmpfs. */

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define COPY_BYTES_MOST (64u << 20)
#define COPY_FILES_MOST 16384u
#define COPY_DEPTH_MOST 32u

struct copy_size {
        uint64_t bytes; /* in whole pages, as a tmpfs fills them */
        size_t files;   /* directories and links, too */
};

/*
 * Measures what copy_in would copy of the directory from. Returns 0, or -EFBIG for more than the limits above, and
 * -errno for what cannot be looked at. Nothing is opened but directories.
 */
int copy_measure(int from, struct copy_size *ret_size) must_check;

/*
 * Copies what is in the directory from (an fd of the image, open for reading) into to:
 * directories, regular files, links and FIFOs with owner and mode, regular files also with their times. What is there
 * already stays; what is mounted below from, sockets and devices are left out. More than left is refused, which goes down by what was copied:
 * the image may be another one than was measured.
 */
int copy_in(int from, int to, const char *path, struct copy_size *left, struct err *e) must_check;
