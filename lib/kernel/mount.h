/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Mounts that are made away from every tree, get all their attributes there and are attached last (fsopen(2),
 * open_tree(2), mount_setattr(2), move_mount(2)). Each is an fd; one that is never attached dies with it.
 *
 * The sequence:  fsopen fsconfig* fsmount   or   open_tree with OPEN_TREE_CLONE
 *                mount_setattr              attributes and propagation, before anyone can see it
 *                move_mount                 onto an fd of the target
 *
 * Attributes are MOUNT_ATTR_* of kernel/uapi.h. Linux 5.12.
 */

#include "base/err.h"
#include "base/size.h"
#include "kernel/hierarchy.h"
#include "kernel/uapi.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct mount_tmpfs {
        struct size size; /* bytes, or percent of the host's memory */
        uint64_t inodes;  /* 0: the kernel's default */
        mode_t mode;
        uid_t owner;
        gid_t group;
        const char *label; /* an SELinux context for all that is in it, or NULL */
};

/* A new tmpfs. Each option is handed over singly, so no value can bring in another option. Returns its mount.
 */
int mount_tmpfs(const struct mount_tmpfs *t, uint64_t attributes, struct err *e) must_check;

/* Gives the tmpfs whose root target is another size; what is in it stays. Its options but for that, too. */
int mount_resize_tmpfs(int target, struct size size, struct err *e) must_check;

/*
 * The hierarchy as the cgroup namespace of the calling process shows it: its root is the root of the
 * namespace. name=systemd is made if it does not exist, which only the initial namespace may do.
 */
int mount_hierarchy(enum hierarchy h, struct err *e) must_check;

/* A copy of the mount at source/path (path may be "": source itself), with what is mounted below it if
 * recursive. */
int mount_clone(int source, const char *path, bool recursive, struct err *e) must_check;

/* set and clear attributes of a mount that is not attached yet; propagation: 0, MS_SHARED, MS_PRIVATE,
 * MS_SLAVE. */
int mount_attributes(int mount, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive,
        struct err *e) must_check;

/*
 * Lets nothing that is mounted on the mount at target reach its peers (MS_SLAVE): an engine's mount, or the
 * rootfs, may be a peer of a mount of the host. target is the root of a mount of this process's namespace.
 */
int mount_make_slave(int target, const char *what, struct err *e) must_check;

/*
 * Attaches mount on target, which must be of the calling process's mount namespace, with all that is mounted
 * below it. One that is attached somewhere in it is moved; the mount that it was on may have no peers. what
 * is for the error.
 */
int mount_attach(int mount, int target, const char *what, struct err *e) must_check;

/*
 * Takes a mount that mount_attach attached off again; its fd keeps it, with nothing to attach. Leaves the working
 * directory at "/". what is for the error.
 */
int mount_detach(int mount, const char *what, struct err *e) must_check;
