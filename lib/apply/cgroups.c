/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/private.h"

#include "apply/subtree.h"
#include "base/scope.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/*
 * A volume that the image or the user wants just there (VOLUME /sys/fs/cgroup): it is covered, and no link
 * led to it.
 */
static bool is_volume_at(struct applying *a, uint64_t id, const char *path)
{
        uint64_t found = 0;
        struct err unused;
        struct stat st;
        scoped_fd fd = croot_open(a->root, path, CROOT_LISTED, &unused);

        return fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && croot_mount_of(fd, &found) == 1 &&
               found == id;
}

/* 1: a sysfs, 0: a tmpfs, cgroups or a volume. The target is on the mount of that id, its root or below. */
static int check_engines(struct applying *a, int target, bool is_root, uint64_t id, const char *path)
{
        struct statfs fs;

        if (fstatfs(target, &fs) < 0)
                return err_set(a->e, errno, "look at the container's %s", path);
        if (fs.f_type != SYSFS_MAGIC && fs.f_type != TMPFS_MAGIC && fs.f_type != CGROUP_SUPER_MAGIC &&
                fs.f_type != CGROUP2_SUPER_MAGIC && !(is_root && is_volume_at(a, id, path)))
                return err_refuse(a->e, "the container's %s is not what an engine mounts there", path);
        return fs.f_type == SYSFS_MAGIC;
}

/* The mount of that id, which is at place, or path leads elsewhere. */
static int make_slave_at(struct applying *a, const char *place, uint64_t id, const char *path)
{
        uint64_t found = 0;
        scoped_fd mount = croot_open(a->root, place, CROOT_ANY, a->e);

        if (mount < 0)
                return mount;
        if (croot_mount_of(mount, &found) != 1 || found != id)
                return err_refuse(a->e, "the container's %s leads onto a volume", path);
        return mount_make_slave(mount, path, a->e);
}

int apply_open_cgroup_target(struct applying *a, const char *path)
{
        uint64_t id = 0;
        scoped_fd target = croot_open(a->root, path, CROOT_ANY, a->e);

        if (target < 0)
                return target;

        int root = croot_mount_of(target, &id);

        if (root < 0)
                return err_set(a->e, -root, "look at the container's %s (statx)", path);
        if (root == 0 && id == a->made_slave)
                return take_fd(&target);

        int r = check_engines(a, target, root, id, path);

        if (r >= 0)
                r = root     ? mount_make_slave(target, path, a->e)
                    : r == 1 ? make_slave_at(a, "/sys", id, path)
                             : make_slave_at(a, "/sys/fs/cgroup", id, path);
        if (r < 0)
                return r;
        a->made_slave = id;
        return take_fd(&target);
}

/* A copy of all that is mounted on and below the target, over it: all of the copy is read-only, or its top alone. */
static int cover_read_only(struct applying *a, const struct step *s, bool all)
{
        scoped_fd target = apply_open_cgroup_target(a, s->target);

        if (target < 0)
                return target;
        scoped_fd mount = mount_clone(target, "", true, a->e);
        if (mount < 0)
                return mount;
        int r = mount_attributes(mount, all ? MOUNT_ATTR_RDONLY : 0, 0, MS_PRIVATE, true, a->e);
        if (r == 0 && !all)
                r = mount_attributes(mount, MOUNT_ATTR_RDONLY, 0, 0, false, a->e);
        return r < 0 ? r : mount_attach(mount, target, s->target, a->e);
}

int apply_attach_read_only(struct applying *a, const struct step *s)
{
        return cover_read_only(a, s, true);
}

int apply_attach_top_read_only(struct applying *a, const struct step *s)
{
        return cover_read_only(a, s, false);
}

static int make_directory_at(int mount, const char *name)
{
        return mkdirat(mount, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/*
 * Where the engine has made its mount read-only already, the directory is made through a writable copy of the
 * mount. A copy is made only then: dropping a mount that was never attached waits for every processor
 * (synchronize_rcu_expedited), which takes longer than all other steps.
 */
int apply_attach_directory(struct applying *a, const struct step *s)
{
        static const char top[] = "/sys/fs/cgroup";
        const char *name = s->target + sizeof top;
        struct statfs fs;
        scoped_fd target = croot_open(a->root, top, CROOT_ANY, a->e);

        if (target < 0)
                return target;
        if (fstatfs(target, &fs) < 0 || fs.f_type != TMPFS_MAGIC || croot_is_mount(target) != 1)
                return err_refuse(a->e, "the container's %s is not a tmpfs of the engine", top);

        int r = make_directory_at(target, name);

        if (r == -EROFS) {
                scoped_fd mount = mount_clone(target, "", false, a->e);
                if (mount < 0)
                        return mount;
                r = mount_attributes(mount, 0, MOUNT_ATTR_RDONLY, MS_PRIVATE, false, a->e);
                if (r < 0)
                        return r;
                r = make_directory_at(mount, name);
        }
        return r < 0 ? err_set(a->e, -r, "make the container's %s", s->target) : 0;
}

/*
 * What is held begins above the container's cgroup: where the hook had to mount the hierarchy. It is attached for the
 * moment in which the part is copied, as kernels before 6.15 copy no part of a mount that is nowhere; nothing of the
 * image runs yet.
 */
static int hold_part(struct applying *a, const struct step *s, int target)
{
        int *mount = &a->hierarchy[s->hierarchy], *view = &a->view[s->hierarchy];
        int r = mount_attach(*mount, target, s->target, a->e);

        if (r < 0)
                return r;
        scoped_fd outer = subtree_open(*mount, s->path, a->e);
        if (outer < 0)
                return outer;
        scoped_fd part = mount_clone(outer, "", false, a->e);
        if (part < 0)
                return part;
        scoped_fd below = s->source ? subtree_open(outer, s->source, a->e) : -1;
        if (s->source && below < 0)
                return below;
        if (s->source)
                *view = mount_clone(below, "", false, a->e);
        if (s->source && *view < 0)
                return *view;
        r = mount_detach(*mount, s->target, a->e);
        if (r < 0)
                return r;
        scope_close(mount);
        *mount = take_fd(&part);
        return 0;
}

int apply_attach_show(struct applying *a, const struct step *s)
{
        const enum hierarchy h = s->hierarchy;
        scoped_fd target = apply_open_cgroup_target(a, s->target);
        int r = 0;

        if (target < 0)
                return target;
        if (a->hierarchy[h] >= 0 && strcmp(s->path, "/") != 0)
                r = hold_part(a, s, target);
        if (r < 0)
                return r;

        const int mount = s->source ? a->view[h] : a->hierarchy[h];

        if (mount < 0)
                return err_refuse(
                        a->e, "internal error: the plan shows %s, which is not held", hierarchy_names[h]);
        if (s->read_only)
                r = mount_attributes(mount, MOUNT_ATTR_RDONLY, 0, 0, false, a->e);
        if (r < 0)
                return r;
        a->shown[h] = a->last[h] = mount;
        return mount_attach(mount, target, s->target, a->e);
}

/* The step's cgroup in what was attached before. */
static int open_shown(struct applying *a, const struct step *s, int shown)
{
        return shown < 0 ? err_refuse(a->e, "internal error: the plan uses %s before it is shown", s->target)
                         : subtree_open(shown, s->path, a->e);
}

/* A copy of the mount at its own directory, made writable before it is attached over it. */
int apply_attach_writable(struct applying *a, const struct step *s)
{
        scoped_fd target = open_shown(a, s, a->last[s->hierarchy]);

        if (target < 0)
                return target;
        scoped_fd mount = mount_clone(target, "", false, a->e);
        if (mount < 0)
                return mount;
        int r = mount_attributes(mount, 0, MOUNT_ATTR_RDONLY, 0, false, a->e);
        return r < 0 ? r : mount_attach(mount, target, s->target, a->e);
}

/* What is held is free where a view is shown; else it is attached already, and copied. */
int apply_attach_repeat(struct applying *a, const struct step *s)
{
        const enum hierarchy h = s->hierarchy;
        scoped_fd target = open_shown(a, s, a->shown[h]);

        if (target < 0)
                return target;
        if (a->last[h] != a->shown[h])
                return err_refuse(a->e, "internal error: the plan repeats %s twice", s->target);
        if (a->shown[h] == a->hierarchy[h])
                a->copy[h] = mount_clone(a->hierarchy[h], "", false, a->e);

        const int mount = a->shown[h] == a->hierarchy[h] ? a->copy[h] : a->hierarchy[h];

        if (mount < 0)
                return mount;
        int r = s->read_only ? mount_attributes(mount, MOUNT_ATTR_RDONLY, 0, 0, false, a->e)
                             : mount_attributes(mount, 0, MOUNT_ATTR_RDONLY, 0, false, a->e);
        if (r < 0)
                return r;
        a->last[h] = mount;
        return mount_attach(mount, target, s->target, a->e);
}
