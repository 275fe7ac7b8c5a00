/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/subtree.h"

#include "apply/subtree_private.h"
#include "base/file.h"
#include "base/scope.h"
#include "kernel/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *subtree_relative(const char *path)
{
        path += strspn(path, "/");
        return *path ? path : ".";
}

int subtree_lookup(int mount, const char *path, int flags)
{
        const struct open_how how = {
                .flags = (unsigned)(flags | O_CLOEXEC),
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
        };
        int fd = sys_openat2(mount, subtree_relative(path), &how);

        return fd < 0 ? -errno : fd;
}

int subtree_open(int mount, const char *path, struct err *e)
{
        int fd = subtree_lookup(mount, path, O_PATH | O_DIRECTORY);

        return fd < 0 ? err_set(e, -fd, "open the cgroup %s (openat2)", path) : fd;
}

/* The whole value in one write: cgroup files take no other. */
int subtree_write(int cgroup, const char *name, const char *value)
{
        scoped_fd fd = openat(cgroup, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        return write(fd, value, strlen(value)) < 0 ? -errno : 0;
}

int subtree_read(int cgroup, const char *name, char *text, size_t size)
{
        scoped_fd fd = openat(cgroup, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

        if (n < 0)
                return -errno;
        text[n] = '\0';
        return 0;
}

int subtree_make(int mount, const char *path, struct err *e)
{
        if (mkdirat(mount, subtree_relative(path), 0755) == 0)
                return 0;
        if (errno != EEXIST)
                return err_set(e, errno, "make the cgroup %s", path);

        /* of a container whose poststop never ran; or of one that lives, and whose record we cannot see */
        int r = subtree_try_to_remove(mount, path);

        if (r == -EBUSY)
                return err_refuse(e,
                        "the cgroup %s exists already and has processes in it; another container has this "
                        "id",
                        path);
        if (r == 0 && mkdirat(mount, subtree_relative(path), 0755) < 0)
                r = -errno;
        return r < 0 ? err_set(e, -r, "recreate the cgroup %s", path) : 0;
}

int subtree_join(int mount, const char *path, pid_t pid, struct err *e)
{
        static const char name[] = "cgroup.procs";
        filled_later char file[PATH_MAX];
        char value[16];
        int n = snprintf(file, sizeof file, "%s/%s", subtree_relative(path), name);
        scoped_fd fd = n < (int)sizeof file ? subtree_lookup(mount, file, O_WRONLY) : -ENAMETOOLONG;

        snprintf(value, sizeof value, "%d", pid);
        if (fd < 0 || write(fd, value, strlen(value)) < 0)
                return err_set(e, fd < 0 ? -fd : errno, "move pid %d into the cgroup %s", pid, path);
        return 0;
}

/* A limit that somebody has set is only ever lowered. */
static int lower(int cgroup, const char *name, unsigned most)
{
        char is[24] = "", value[24];
        scoped_fd fd = openat(cgroup, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0 || read(fd, is, sizeof is - 1) < 0)
                return -errno;
        if (*is >= '0' && *is <= '9' && strtoul(is, NULL, 10) <= most)
                return 0;
        snprintf(value, sizeof value, "%u", most);
        return pwrite(fd, value, strlen(value), 0) < 0 ? -errno : 0;
}

int subtree_bound(int mount, const char *path, unsigned most, unsigned depth, struct err *e)
{
        scoped_fd fd = subtree_open(mount, path, e);

        if (fd < 0)
                return fd;
        int r = lower(fd, "cgroup.max.descendants", most);
        if (r == 0)
                r = lower(fd, "cgroup.max.depth", depth);
        return r < 0 ? err_set(e, -r, "bound the cgroups below %s", path) : 0;
}

int subtree_enable(int mount, const char *path, struct err *e)
{
        char controllers[1024], value[2048] = "", *rest = NULL;
        size_t at = 0;
        scoped_fd fd = subtree_open(mount, path, e);

        if (fd < 0)
                return fd;
        int r = file_read(fd, "cgroup.controllers", controllers, sizeof controllers, e);
        if (r < 0)
                return err_within(e, "the cgroup %s", path);
        for (char *c = strtok_r(controllers, " \n", &rest); c; c = strtok_r(NULL, " \n", &rest))
                at += (size_t)snprintf(value + at, sizeof value - at, "+%s ", c);
        if (at == 0)
                return 0;
        r = subtree_write(fd, "cgroup.subtree_control", value);
        if (r == -EBUSY) {
                err_set(e, EBUSY, "enable the controllers in %s/cgroup.subtree_control", path);
                return err_hint(e, "processes other than the container's are in it: let the runtime make a "
                                   "cgroup for the container");
        }
        return r < 0 ? err_set(e, -r, "enable the controllers in %s/cgroup.subtree_control", path) : 0;
}

int subtree_delegate(
        int mount, const char *path, const char *delegate, uid_t owner, gid_t group, struct err *e)
{
        scoped_fd fd = subtree_lookup(mount, path, O_RDONLY | O_DIRECTORY);

        if (fd < 0)
                return err_set(e, -fd, "open the cgroup %s (openat2)", path);
        if (fchown(fd, owner, group) < 0)
                return err_set(e, errno, "give the cgroup %s to the container's root", path);
        for (const char *name = delegate; *name;
                name += strcspn(name, "\n") + (name[strcspn(name, "\n")] == '\n')) {
                char file[128];

                snprintf(file, sizeof file, "%.*s", (int)strcspn(name, "\n"), name);
                /* not every controller is in every hierarchy */
                if (*file && !strchr(file, '/') &&
                        fchownat(fd, file, owner, group, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
                        return err_set(
                                e, errno, "give %s of the cgroup %s to the container's root", file, path);
        }
        return 0;
}
