/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/subtree.h"

#include "base/file.h"
#include "base/scope.h"
#include "kernel/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define DEPTH_MOST   64
#define REMOVE_TRIES 100
#define REMOVE_PAUSE 10000000L /* nanoseconds: a second in all */

static const char *relative(const char *path)
{
        path += strspn(path, "/");
        return *path ? path : ".";
}

static int lookup(int mount, const char *path, int flags)
{
        const struct open_how how = {
                .flags = (uint64_t)(flags | O_CLOEXEC),
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
        };
        int fd = sys_openat2(mount, relative(path), &how);

        return fd < 0 ? -errno : fd;
}

int subtree_open(int mount, const char *path, struct err *e)
{
        int fd = lookup(mount, path, O_PATH | O_DIRECTORY);

        return fd < 0 ? err_set(e, -fd, "open the cgroup %s (openat2)", path) : fd;
}

/* The whole value in one write: cgroup files take no other. */
static int write_file(int cgroup, const char *name, const char *value)
{
        scoped_fd fd = openat(cgroup, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        return write(fd, value, strlen(value)) < 0 ? -errno : 0;
}

/* The next cgroup of a directory, in which all else are files of the kernel's. */
static struct dirent *next_child(DIR *dir)
{
        struct dirent *entry;

        while ((entry = readdir(dir)))
                if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
                        strcmp(entry->d_name, "..") != 0)
                        break;
        return entry;
}

static int open_child(int cgroup, const char *name)
{
        return openat(cgroup, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* In the cgroup itself. A threaded cgroup does not say (EOPNOTSUPP): the domain above it does. */
static bool has_process(int cgroup)
{
        char byte;
        scoped_fd fd = openat(cgroup, "cgroup.procs", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, &byte, 1);

        return n > 0 || (n < 0 && errno != ENOENT && errno != ENODEV && errno != EOPNOTSUPP);
}

/* In it or below it; what cannot be looked at has some. What is deeper than systemd goes is not looked at. */
static bool has_processes(int cgroup, unsigned depth)
{
        int copy = openat(cgroup, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        scoped_dir dir = copy < 0 ? NULL : fdopendir(copy);
        struct dirent *entry;

        if (!dir) {
                scope_close(&copy);
                return errno != ENOENT;
        }

        if (has_process(cgroup))
                return true;
        while (depth < DEPTH_MOST && (entry = next_child(dir))) {
                scoped_fd child = open_child(cgroup, entry->d_name);

                if (child < 0 ? errno != ENOENT : has_processes(child, depth + 1))
                        return true;
        }
        return false;
}

/* Removes the children until one that has some itself: its fd. -ENOENT: none is left. */
static int remove_leaves(int cgroup)
{
        int copy = openat(cgroup, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        scoped_dir dir = copy < 0 ? NULL : fdopendir(copy);
        struct dirent *entry;
        struct stat st;

        if (!dir) {
                scope_close(&copy);
                return -errno;
        }
        while ((entry = next_child(dir))) {
                if (unlinkat(cgroup, entry->d_name, AT_REMOVEDIR) == 0 || errno == ENOENT)
                        continue;
                if (errno != EBUSY)
                        return -errno;

                scoped_fd child = open_child(cgroup, entry->d_name);

                if (child < 0 && errno == ENOENT)
                        continue; /* gone meanwhile */
                if (child < 0 || fstat(child, &st) < 0)
                        return -errno;
                if (st.st_nlink > 2)
                        return take_fd(&child);
                return -EBUSY; /* by a process */
        }
        return -ENOENT;
}

/* All below it; a cgroup's files go with it. As deep as it may be, which the payload decides: with one fd,
 * down and up again. */
static int remove_below(int cgroup)
{
        scoped_fd at = openat(cgroup, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        size_t depth = 0;

        while (at >= 0) {
                int next = remove_leaves(at);

                if (next == -ENOENT && depth == 0)
                        return 0;
                if (next == -ENOENT)
                        next = openat(at, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC), depth--;
                else if (next >= 0)
                        depth++;
                else
                        return next;
                scope_close(&at);
                at = next;
        }
        return -errno;
}

/* -EBUSY: not yet, or never: somebody lives in it. Then nothing of it is removed. */
static int remove_once(int mount, const char *path)
{
        scoped_fd fd = lookup(mount, path, O_RDONLY | O_DIRECTORY);

        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        if (has_processes(fd, 0))
                return -EBUSY;

        int r = remove_below(fd);

        if (r < 0)
                return r;
        return unlinkat(mount, relative(path), AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

int subtree_make(int mount, const char *path, struct err *e)
{
        if (mkdirat(mount, relative(path), 0755) == 0)
                return 0;
        if (errno != EEXIST)
                return err_set(e, errno, "make the cgroup %s", path);

        /* of a container whose poststop never ran; or of one that lives, and whose record we cannot see */
        int r = remove_once(mount, path);

        if (r == -EBUSY)
                return err_refuse(e,
                        "the cgroup %s is there already and has processes in it; another container has this "
                        "id",
                        path);
        if (r == 0 && mkdirat(mount, relative(path), 0755) < 0)
                r = -errno;
        return r < 0 ? err_set(e, -r, "make the cgroup %s anew", path) : 0;
}

int subtree_join(int mount, const char *path, pid_t pid, struct err *e)
{
        static const char name[] = "cgroup.procs";
        filled_later char file[PATH_MAX];
        char value[16];
        int n = snprintf(file, sizeof file, "%s/%s", relative(path), name);
        scoped_fd fd = n < (int)sizeof file ? lookup(mount, file, O_WRONLY) : -ENAMETOOLONG;

        snprintf(value, sizeof value, "%d", pid);
        if (fd < 0 || write(fd, value, strlen(value)) < 0)
                return err_set(e, fd < 0 ? -fd : errno, "move pid %d into the cgroup %s", pid, path);
        return 0;
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
        r = write_file(fd, "cgroup.subtree_control", value);
        if (r == -EBUSY) {
                err_set(e, EBUSY, "hand the controllers of the cgroup %s down", path);
                return err_hint(e, "processes beside the container's are in it: let the runtime make a "
                                   "cgroup for the container");
        }
        return r < 0 ? err_set(e, -r, "hand the controllers of the cgroup %s down", path) : 0;
}

int subtree_delegate(
        int mount, const char *path, const char *delegate, uid_t owner, gid_t group, struct err *e)
{
        scoped_fd fd = lookup(mount, path, O_RDONLY | O_DIRECTORY);

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

int subtree_remove(int mount, const char *path, struct err *e)
{
        int r = -EBUSY;

        for (int i = 0; i < REMOVE_TRIES && r == -EBUSY; i++) {
                if (i > 0)
                        nanosleep(&(struct timespec){.tv_nsec = REMOVE_PAUSE}, NULL);
                r = remove_once(mount, path);
        }
        return r < 0 ? err_set(e, -r, "remove the cgroup %s", path) : 0;
}
