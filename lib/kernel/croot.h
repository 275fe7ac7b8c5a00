/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The one gate between a path of the container and a file descriptor. A path is resolved as the container
 * would resolve it (absolute, upward and looping links stay inside: openat2(2), RESOLVE_IN_ROOT) and no link
 * of /proc is followed. What comes back is an fd; the path is not used again.
 *
 * Who controls the components: the image, and, where a volume is mounted, any container that shares it, at
 * this very moment. So what an fd is, is asked of the fd.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct stat;

/* A rootfs, O_PATH. A type of its own, so that a directory of the host cannot be passed for it. */
struct croot {
        int fd;
};

enum croot_want {
        CROOT_ANY,
        CROOT_DIRECTORY,
        CROOT_READABLE,   /* a directory, open for reading and not O_PATH */
        CROOT_FILE,       /* a regular one */
        CROOT_UNFOLLOWED, /* any, and the last component itself where that is a link */
        CROOT_LISTED,     /* any, by a path of the kernel's mount table: no link is followed */
};

/*
 * Returns an O_PATH fd (but for CROOT_READABLE), or -errno: -ENOENT, -ELOOP, -EXDEV (a link of /proc),
 * -ENOTDIR, -EINVAL (another type).
 */
int croot_open(struct croot root, const char *path, enum croot_want want, struct err *e) must_check;

/*
 * A new open for reading of the regular file that croot_open returned, by the fd and not by the path again:
 * never of anything that could block, or that the kernel makes up as it is read (-EXDEV). path is for the error.
 */
int croot_reopen(int found, const char *path, struct err *e) must_check;

/* The same for who has asked fstat(2) of found before: st is its answer. */
int croot_reopen_seen(int found, const struct stat *st, const char *path, struct err *e) must_check;

/* What is made where something is missing. */
struct croot_making {
        uid_t owner;
        gid_t group;
        const uint64_t *mounts; /* ids of mounts that may be made on, beside root's own, which always may */
        size_t mount_count;
};

/*
 * As croot_open, and makes what is missing: an empty directory or file for a mount, with a umask of 0. A link that leads
 * nowhere is followed, and what it leads to is made. Only the mounts that making names are written to: where another would
 * have to be, it is -EXDEV.
 */
int croot_make(struct croot root, const char *path, enum croot_want want, const struct croot_making *making,
        struct err *e) must_check;

/* Whether fd is the root of a mount. Negative: -errno. */
int croot_is_mount(int fd);

/* The id of the mount that fd is on: statx(2), STATX_MNT_ID. As croot_is_mount otherwise. */
int croot_mount_of(int fd, uint64_t *ret_id) must_check;
