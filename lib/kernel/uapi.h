/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Kernel calls and constants that the C library of a supported distribution may not have yet, with the layout
 * of the kernel's own headers (openat2: 5.6; listmount, statmount: 6.8; mount namespace ids, and namespaces
 * by pidfd: 6.11).
 */

#include <errno.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_statmount
#define SYS_statmount 457
#endif
#ifndef SYS_listmount
#define SYS_listmount 458
#endif
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif

/* what stat(2) says of /proc/PID/ns/user in the one that the kernel begins with: PROC_USER_INIT_INO */
#define PROC_USER_INIT_INO 0xEFFFFFFDU

#define KERNEL_LOOKUPS      128                       /* tries of a lookup that others disturb */
#define STATMOUNT_MNT_POINT 0x10ULL                   /* STATMOUNT_MNT_POINT */
#define NS_GET_MNTNS_ID     _IOR(0xb7, 0x5, uint64_t) /* NS_GET_MNTNS_ID on a mount namespace */

/* PIDFD_GET_..._NAMESPACE on a pidfd: an fd of it */
#define PIDFD_GET_CGROUP_NAMESPACE _IO(0xff, 1)
#define PIDFD_GET_MNT_NAMESPACE    _IO(0xff, 3)
#define PIDFD_GET_USER_NAMESPACE   _IO(0xff, 9)

struct kernel_mount_request { /* struct mnt_id_req */
        uint32_t size;
        uint32_t spare;
        uint64_t mount_id;
        uint64_t parameter; /* statmount: what is asked for. listmount: the last id that is known */
        uint64_t namespace_id;
};

struct kernel_mount { /* struct statmount */
        uint32_t size;
        uint32_t options;
        uint64_t mask;
        uint64_t other[11];
        uint32_t root;
        uint32_t point; /* offset of the mount point in text */
        uint64_t spare[50];
        char text[4096];
};
_Static_assert(offsetof(struct kernel_mount, point) == 108, "include/uapi/linux/mount.h");
_Static_assert(offsetof(struct kernel_mount, text) == 512, "include/uapi/linux/mount.h");

/*
 * A lookup of ".." that must stay below a directory is given up with EAGAIN when anything was mounted or
 * renamed on the whole machine meanwhile (openat2(2)): another container's start is enough.
 */
static inline int sys_openat2(int dir, const char *path, const struct open_how *how)
{
        int fd = -1;

        for (int i = 0; i < KERNEL_LOOKUPS; i++) {
                fd = (int)syscall(SYS_openat2, dir, path, how, sizeof *how);
                if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
                        break;
        }
        return fd;
}

/* A copy of descriptor number of the process (Linux 5.6; pidfd_getfd(2): who may trace it). */
static inline int sys_pidfd_getfd(int pidfd, int number)
{
        return (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
}

static inline int sys_pidfd_open(pid_t pid)
{
        return (int)syscall(SYS_pidfd_open, pid, 0);
}
