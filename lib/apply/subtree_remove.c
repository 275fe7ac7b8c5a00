/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/subtree.h"
#include "apply/subtree_private.h"
#include "base/file.h"
#include "base/path.h"
#include "base/scope.h"
#include "kernel/proc_text.h"
#include "kernel/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define DEPTH_MOST   64 /* of what is looked at for processes */
#define REMOVE_TRIES 100
#define REMOVE_PAUSE 10000000L /* nanoseconds: a second in all */
#define KILL_FROM    20 /* the try from which on strangers are killed; until then the kernel may be at work */
#define EVICT_TRIES  50
#define PROCS_MOST   4096 /* bytes of cgroup.procs that are read at a time */

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

/*
 * In it or below it, but for the one whose line this is; what cannot be looked at has some. What is deeper than systemd
 * goes is not looked at.
 */
static bool has_processes(int cgroup, const char *but, unsigned depth)
{
        char procs[24] = "";
        int copy = openat(cgroup, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        scoped_dir dir = copy < 0 ? NULL : fdopendir(copy);
        struct dirent *entry;

        if (!dir) {
                const bool gone = errno == ENOENT;

                scope_close(&copy);
                return !gone;
        }

        int r = subtree_read(cgroup, "cgroup.procs", procs, sizeof procs);

        if ((*procs && strcmp(procs, but) != 0) ||
                (r < 0 && r != -ENOENT && r != -ENODEV && r != -EOPNOTSUPP))
                return true;
        while (depth < DEPTH_MOST && (entry = next_child(dir))) {
                scoped_fd child = open_child(cgroup, entry->d_name);

                if (child < 0 ? errno != ENOENT : has_processes(child, but, depth + 1))
                        return true;
        }
        return false;
}

bool subtree_has_others(int mount, const char *path, pid_t pid)
{
        char but[24];
        scoped_fd fd = subtree_lookup(mount, path, O_RDONLY | O_DIRECTORY);

        snprintf(but, sizeof but, "%d\n", pid);
        return fd < 0 ? fd != -ENOENT : has_processes(fd, but, 0);
}

/* Removes the children until one that has some itself: its fd. -ENOENT: none is left. */
static int remove_leaves(int cgroup)
{
        int copy = openat(cgroup, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        scoped_dir dir = copy < 0 ? NULL : fdopendir(copy);
        struct dirent *entry;
        struct stat st;

        if (!dir) {
                const int error = errno;

                scope_close(&copy);
                return -error;
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

int subtree_try_to_remove(int mount, const char *path)
{
        scoped_fd fd = subtree_lookup(mount, path, O_RDONLY | O_DIRECTORY);

        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        if (has_processes(fd, "", 0))
                return -EBUSY;

        int r = remove_below(fd);

        if (r < 0)
                return r;
        return unlinkat(mount, subtree_relative(path), AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

static void pause_for(long nanoseconds)
{
        nanosleep(&(struct timespec){.tv_nsec = nanoseconds}, NULL);
}

/*
 * Kills the processes that are in the cgroup itself, but for the hook. A pid that is listed before and after the pidfd
 * was opened is that process; it may end at any time, and then the signal reaches nobody.
 */
static unsigned kill_in(int cgroup)
{
        char before[PROCS_MOST], after[PROCS_MOST];
        unsigned killed = 0;
        char *rest = NULL;

        if (subtree_read(cgroup, "cgroup.procs", before, sizeof before) < 0)
                return 0;
        for (char *line = strtok_r(before, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
                const pid_t pid = (pid_t)strtol(line, NULL, 10);
                char wanted[16];
                scoped_fd pidfd = pid > 1 && pid != getpid() ? sys_pidfd_open(pid) : -1;

                if (pidfd < 0 || subtree_read(cgroup, "cgroup.procs", after + 1, sizeof after - 1) < 0)
                        continue;
                after[0] = '\n';
                snprintf(wanted, sizeof wanted, "\n%d\n", pid);
                if (strstr(after, wanted) && sys_pidfd_send_signal(pidfd, SIGKILL) == 0)
                        killed++;
        }
        return killed;
}

unsigned subtree_evict(int mount, const char *path)
{
        unsigned killed = 0, last = 1;
        scoped_fd cgroup = subtree_lookup(mount, path, O_RDONLY | O_DIRECTORY);

        for (int i = 0; cgroup >= 0 && last > 0 && i < EVICT_TRIES; i++) {
                last = kill_in(cgroup);
                killed += last;
                if (last > 0)
                        pause_for(REMOVE_PAUSE / 10);
        }
        return killed;
}

/* All that live in the cgroup and below it: by the kernel at one stroke, or by cgroup v1, which has none for it, one
 * by one. */
static void kill_below(int cgroup, unsigned depth)
{
        int copy = openat(cgroup, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        scoped_dir dir = copy < 0 ? NULL : fdopendir(copy);
        struct dirent *entry;

        if (!dir) {
                scope_close(&copy);
                return;
        }
        (void)kill_in(cgroup);
        while (depth < DEPTH_MOST && (entry = next_child(dir))) {
                scoped_fd child = open_child(cgroup, entry->d_name);

                if (child >= 0)
                        kill_below(child, depth + 1);
        }
}

/* Whether the hook itself, which never ends itself, is in path or below it: in any hierarchy, to be sure. */
static bool has_hook(const char *path)
{
        filled_later char text[PROC_CGROUP_MOST];
        struct err unused;
        char *rest = NULL;

        if (file_read(AT_FDCWD, "/proc/self/cgroup", text, sizeof text, &unused) < 0)
                return true;
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
                const char *own = strchr(line, '/');

                if (own && path_below(own, path))
                        return true;
        }
        return false;
}

static void kill_all(int mount, const char *path)
{
        scoped_fd cgroup = subtree_lookup(mount, path, O_RDONLY | O_DIRECTORY);

        if (cgroup < 0 || has_hook(path))
                return;
        if (subtree_write(cgroup, "cgroup.kill", "1") < 0)
                kill_below(cgroup, 0);
}

int subtree_remove(int mount, const char *path, bool kill, struct err *e)
{
        int r = -EBUSY;

        for (int i = 0; i < REMOVE_TRIES && r == -EBUSY; i++) {
                if (i > 0)
                        pause_for(REMOVE_PAUSE);
                if (kill && i >= KILL_FROM && i % 10 == 0)
                        kill_all(mount, path);
                r = subtree_try_to_remove(mount, path);
        }
        return r < 0 ? err_set(e, -r, "remove the cgroup %s", path) : 0;
}
