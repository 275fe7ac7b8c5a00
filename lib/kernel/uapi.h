/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Kernel calls, constants and structs, under the names of the kernel's own headers: the headers of a
 * supported distribution may lack some of them (Debian 11 has those of Linux 5.10), and its C library most of
 * the calls (glibc has them from 2.36 on, musl has none). So the calls are always made here, as sys_NAME, and
 * nothing depends on what the build machine has. Each sets errno as a wrapper of the C library does.
 *
 *   open_tree, move_mount, fsopen, fsconfig, fsmount, fspick 5.2   openat2, pidfd_getfd 5.6   close_range 5.9   mount_setattr 5.12
 *   statmount, listmount 6.8   their mnt_ns_id, NS_GET_MNTNS_ID, PIDFD_GET_..._NAMESPACE 6.11
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From 424 on a call has one number on every architecture but alpha and MIPS. */
#ifndef SYS_open_tree
#define SYS_open_tree  428
#define SYS_move_mount 429
#define SYS_fsopen     430
#define SYS_fsconfig   431
#define SYS_fsmount    432
#define SYS_fspick     433
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef SYS_statmount
#define SYS_statmount 457
#endif
#ifndef SYS_listmount
#define SYS_listmount 458
#endif

/* linux/fcntl.h */
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

/* linux/mount.h */
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE   1
#define OPEN_TREE_CLOEXEC O_CLOEXEC
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x00000004
#define MOVE_MOUNT_T_EMPTY_PATH 0x00000040
#endif
#ifndef FSOPEN_CLOEXEC
#define FSOPEN_CLOEXEC  0x00000001
#define FSMOUNT_CLOEXEC 0x00000001
enum {
        FSCONFIG_SET_FLAG = 0,
        FSCONFIG_SET_STRING = 1,
        FSCONFIG_CMD_CREATE = 6,
        FSCONFIG_CMD_RECONFIGURE = 7
};
#endif
#ifndef FSPICK_CLOEXEC
#define FSPICK_CLOEXEC    0x00000001
#define FSPICK_EMPTY_PATH 0x00000008
#endif
#ifndef MOUNT_ATTR_RDONLY
#define MOUNT_ATTR_RDONLY 0x00000001
#define MOUNT_ATTR_NOSUID 0x00000002
#define MOUNT_ATTR_NODEV  0x00000004
#define MOUNT_ATTR_NOEXEC 0x00000008
#endif
#ifndef MOUNT_ATTR_SIZE_VER0
struct mount_attr {
        uint64_t attr_set;
        uint64_t attr_clr;
        uint64_t propagation;
        uint64_t userns_fd;
};
#endif
#ifndef STATMOUNT_MNT_BASIC
#define STATMOUNT_MNT_BASIC 0x00000002U
#endif
#ifndef STATMOUNT_MNT_POINT
#define STATMOUNT_MNT_POINT 0x00000010U
#endif

/* struct mnt_id_req, MNT_ID_REQ_SIZE_VER1; headers of Linux 6.8 to 6.10 have it without mnt_ns_id */
struct uapi_mnt_id_req {
        uint32_t size;
        uint32_t spare;
        uint64_t mnt_id;
        uint64_t param; /* statmount: what is asked for. listmount: the last id that is known */
        uint64_t mnt_ns_id;
};

/* struct statmount, with room for the longest path */
struct uapi_statmount {
        uint32_t size;
        uint32_t mnt_opts;
        uint64_t mask;
        uint64_t superblock[3];
        uint64_t mnt_id;
        uint64_t mnt_parent_id;
        uint64_t other[6];
        uint32_t mnt_root;
        uint32_t mnt_point; /* offset in str */
        uint64_t spare[50];
        char str[4096];
};
_Static_assert(offsetof(struct uapi_statmount, mnt_parent_id) == 48, "linux/mount.h");
_Static_assert(offsetof(struct uapi_statmount, mnt_point) == 108, "linux/mount.h");
_Static_assert(offsetof(struct uapi_statmount, str) == 512, "linux/mount.h");

/* linux/stat.h, which musl's <sys/stat.h> does not go together with */
#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x00001000U
#endif
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x00002000
#endif

/* struct statx */
struct uapi_statx {
        uint32_t stx_mask;
        uint32_t stx_blksize;
        uint64_t stx_attributes;
        uint64_t other[16];
        uint64_t stx_mnt_id;
        uint64_t spare[13];
};
_Static_assert(offsetof(struct uapi_statx, stx_mnt_id) == 0x90, "linux/stat.h");
_Static_assert(sizeof(struct uapi_statx) == 0x100, "linux/stat.h");

/* linux/nsfs.h: on a mount namespace, its id */
#ifndef NS_GET_MNTNS_ID
#define NS_GET_MNTNS_ID _IOR(0xb7, 0x5, uint64_t)
#endif

/* linux/pidfd.h: on a pidfd, an fd of the namespace */
#ifndef PIDFD_GET_CGROUP_NAMESPACE
#define PIDFD_GET_CGROUP_NAMESPACE _IO(0xff, 1)
#endif
#ifndef PIDFD_GET_MNT_NAMESPACE
#define PIDFD_GET_MNT_NAMESPACE _IO(0xff, 3)
#endif
#ifndef PIDFD_GET_USER_NAMESPACE
#define PIDFD_GET_USER_NAMESPACE _IO(0xff, 9)
#endif

/* linux/proc_ns.h: what stat(2) says of /proc/PID/ns/user in the namespace that the kernel begins with */
#define PROC_USER_INIT_INO 0xEFFFFFFDU

#define LOOKUP_TRIES 128

/*
 * A lookup of ".." that must stay below a directory is given up with EAGAIN when anything was mounted or
 * renamed on the whole machine meanwhile (openat2(2)): another container's start is enough. So it is tried
 * again.
 */
static inline int sys_openat2(int dir, const char *path, const struct open_how *how)
{
        int fd = -1;

        for (int i = 0; i < LOOKUP_TRIES; i++) {
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

static inline int sys_close_range(unsigned first, unsigned last)
{
        return (int)syscall(SYS_close_range, first, last, 0);
}

static inline int sys_statx(int fd, unsigned mask, struct uapi_statx *st)
{
        return (int)syscall(SYS_statx, fd, "", AT_EMPTY_PATH, mask, st);
}

static inline int sys_open_tree(int dir, const char *path, unsigned flags)
{
        return (int)syscall(SYS_open_tree, dir, path, flags);
}

static inline int sys_move_mount(int from, int to)
{
        return (int)syscall(
                SYS_move_mount, from, "", to, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static inline int sys_mount_setattr(int mount, unsigned flags, struct mount_attr *attributes)
{
        return (int)syscall(SYS_mount_setattr, mount, "", flags, attributes, sizeof *attributes);
}

static inline int sys_fsopen(const char *type)
{
        return (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
}

static inline int sys_fsconfig(int fs, unsigned command, const char *key, const char *value)
{
        return (int)syscall(SYS_fsconfig, fs, command, key, value, 0);
}

/* Of the mount whose root target is. */
static inline int sys_fspick(int target)
{
        return (int)syscall(SYS_fspick, target, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
}

static inline int sys_fsmount(int fs, unsigned attributes)
{
        return (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes);
}

static inline int sys_statmount(const struct uapi_mnt_id_req *request, struct uapi_statmount *mount)
{
        return (int)syscall(SYS_statmount, request, mount, sizeof *mount, 0);
}

/* Returns how many ids it found, most at a time. */
static inline int sys_listmount(const struct uapi_mnt_id_req *request, uint64_t *ids, size_t most)
{
        return (int)syscall(SYS_listmount, request, ids, most, 0);
}

static inline int sys_pidfd_send_signal(int pidfd, int signal)
{
        return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}
