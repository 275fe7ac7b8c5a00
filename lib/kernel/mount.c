/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/mount.h"

#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

struct option {
        const char *key, *value; /* value NULL: a flag */
};

/* The kernel says more than an errno in the fd: "e tmpfs: Bad value for 'size'". */
static int fail(int fs, int code, const char *what, struct err *e)
{
        char text[256];
        ssize_t n = read(fs, text, sizeof text - 1);

        if (n <= 2)
                return err_set(e, code, "%s", what);
        text[n] = '\0';
        if (text[n - 1] == '\n')
                text[n - 1] = '\0';
        return err_set(e, code, "%s: %s", what, text + 2);
}

/* Options up to one without a key. */
static int make(const char *type, const struct option *options, uint64_t attributes, struct err *e)
{
        char what[64];
        scoped_fd fs = sys_fsopen(type);

        snprintf(what, sizeof what, "make a new %s (fsopen)", type);
        if (fs < 0)
                return err_set(e, errno, "%s", what);
        for (; options->key; options++) {
                unsigned command = options->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;

                if (sys_fsconfig(fs, command, options->key, options->value) < 0) {
                        snprintf(
                                what, sizeof what, "set %.20s of a new %.10s (fsconfig)", options->key, type);
                        return fail(fs, errno, what, e);
                }
        }
        if (sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL) < 0)
                return fail(fs, errno, what, e);

        int mount = sys_fsmount(fs, (unsigned)attributes);

        return mount < 0 ? fail(fs, errno, "make a new mount (fsmount)", e) : mount;
}

#define TMPFS_MODE 01777 /* of its root, if nothing is said */

int mount_tmpfs(const struct mount_tmpfs *t, uint64_t attributes, struct err *e)
{
        char size[24], inodes[24], mode[8], owner[12], group[12];
        struct option options[7] = {{"size", size}, {"nr_inodes", inodes}};
        unsigned count = 2;

        snprintf(size, sizeof size, "%" PRIu64 "%s", t->size.value, t->size.unit == SIZE_PERCENT ? "%" : "");
        snprintf(inodes, sizeof inodes, "%" PRIu64, t->inodes);
        if (t->mode != TMPFS_MODE) {
                snprintf(mode, sizeof mode, "%o", (unsigned)t->mode);
                options[count++] = (struct option){"mode", mode};
        }
        if (t->owner || t->group) { /* it is root's without them */
                snprintf(owner, sizeof owner, "%u", t->owner);
                snprintf(group, sizeof group, "%u", t->group);
                options[count++] = (struct option){"uid", owner};
                options[count++] = (struct option){"gid", group};
        }
        if (t->label)
                options[count] = (struct option){"context", t->label};
        return make("tmpfs", options, attributes | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, e);
}

int mount_resize_tmpfs(int target, struct size size, struct err *e)
{
        char text[24];
        scoped_fd fs = sys_fspick(target);

        snprintf(text, sizeof text, "%" PRIu64 "%s", size.value, size.unit == SIZE_PERCENT ? "%" : "");
        if (fs < 0)
                return err_set(e, errno, "change the size of a tmpfs (fspick)");
        if (sys_fsconfig(fs, FSCONFIG_SET_STRING, "size", text) < 0 ||
                sys_fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL) < 0)
                return fail(fs, errno, "change the size of a tmpfs (fsconfig)", e);
        return 0;
}

int mount_hierarchy(enum hierarchy h, struct err *e)
{
        static const struct option named[] = {{"none", NULL}, {"name", "systemd"}, {NULL, NULL}};
        const uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

        return h == HIERARCHY_SYSTEMD ? make("cgroup", named, attributes, e)
                                      : make("cgroup2", named + 2, attributes, e);
}

int mount_clone(int source, const char *path, bool recursive, struct err *e)
{
        unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW;
        int mount = sys_open_tree(source, path, recursive ? flags | AT_RECURSIVE : flags);

        return mount < 0 ? err_set(e, errno, "copy a mount%s%s (open_tree)", *path ? " at " : "", path)
                         : mount;
}

int mount_attributes(
        int mount, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive, struct err *e)
{
        struct mount_attr attributes = {.attr_set = set, .attr_clr = clear, .propagation = propagation};
        unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);

        if (sys_mount_setattr(mount, flags, &attributes) < 0)
                return err_set(e, errno, "set the attributes of a mount (mount_setattr)");
        return 0;
}

int mount_make_slave(int target, const char *what, struct err *e)
{
        struct mount_attr attributes = {.propagation = MS_SLAVE};

        if (sys_mount_setattr(target, AT_EMPTY_PATH, &attributes) < 0)
                return err_set(e, errno, "keep mounts on %s from the host (mount_setattr)", what);
        return 0;
}

int mount_attach(int mount, int target, const char *what, struct err *e)
{
        if (sys_move_mount(mount, target) < 0) {
                int code = errno;

                err_set(e, code, "attach %s (move_mount)", what);
                if (code == ENOSPC)
                        err_hint(e, "the mount namespace is full: raise the sysctl fs.mount-max");
                return -code;
        }
        return 0;
}

/* By the working directory: umount2 takes no fd, and a path could lead elsewhere. */
int mount_detach(int mount, const char *what, struct err *e)
{
        int r = 0;

        if (fchdir(mount) < 0 || umount2(".", MNT_DETACH) < 0)
                r = err_set(e, errno, "take the mount off %s again (umount2)", what);
        if (chdir("/") < 0 && r == 0)
                r = err_set(e, errno, "leave the mount at %s", what);
        return r;
}
