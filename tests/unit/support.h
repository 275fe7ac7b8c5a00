/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the unit tests share. cmocka.h wants the first four before it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define count_of(table) (sizeof(table) / sizeof *(table))

/* A failure shows the text, not only that a strstr was NULL. */
#define assert_contains(text, part)                                                                          \
        do {                                                                                                 \
                if (!strstr(text, part))                                                                     \
                        fail_msg("\"%s\" does not contain \"%s\"", text, part);                              \
        } while (0)

#define assert_lacks(text, part)                                                                             \
        do {                                                                                                 \
                if (strstr(text, part))                                                                      \
                        fail_msg("\"%s\" contains \"%s\"", text, part);                                      \
        } while (0)

/* JSON is easier on the eye with ' for ". A copy, to be freed. */
static inline char *json_of(const char *text)
{
        char *json = strdup(text);

        assert_non_null(json);
        for (char *c = json; (c = strchr(c, '\'')); c++)
                *c = '"';
        return json;
}

/* A file in memory, at its beginning. */
static inline int file_of(const void *bytes, size_t length)
{
        int fd = memfd_create("test", MFD_CLOEXEC);

        assert_true(fd >= 0);
        assert_int_equal(pwrite(fd, bytes, length, 0), length);
        return fd;
}

/* Setup: *state is the path of an empty directory of this test's own. */
static inline int scratch_make(void **state)
{
        const char *where = getenv("TMPDIR");
        char path[PATH_MAX];

        snprintf(path, sizeof path, "%s/oci-systemd-hook-XXXXXX", where && *where ? where : "/tmp");
        *state = mkdtemp(path) ? strdup(path) : NULL;
        return *state ? 0 : -1;
}

static inline int scratch_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void)st, (void)type, (void)ftw;
        return remove(path);
}

/* Teardown. */
static inline int scratch_remove(void **state)
{
        int r = nftw(*state, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);

        free(*state);
        return r;
}

static inline const char *scratch_path(char path[PATH_MAX], const char *directory, const char *name)
{
        assert_in_range(snprintf(path, PATH_MAX, "%s/%s", directory, name), 1, PATH_MAX - 1);
        return path;
}

/* The directory and those above it, below directory. */
static inline void scratch_directory(const char *directory, const char *name)
{
        char path[PATH_MAX];

        scratch_path(path, directory, name);
        for (char *slash = path + strlen(directory) + 1; (slash = strchr(slash, '/')); slash++) {
                *slash = '\0';
                if (mkdir(path, 0755) < 0)
                        assert_int_equal(errno, EEXIST);
                *slash = '/';
        }
        if (mkdir(path, 0755) < 0)
                assert_int_equal(errno, EEXIST);
}

static inline void scratch_parent(const char *directory, const char *name)
{
        char parent[PATH_MAX];

        snprintf(parent, sizeof parent, "%s", name);
        if (strrchr(parent, '/')) {
                *strrchr(parent, '/') = '\0';
                scratch_directory(directory, parent);
        }
}

static inline void scratch_write(
        const char *directory, const char *name, const void *bytes, size_t length, mode_t mode)
{
        char path[PATH_MAX];

        scratch_parent(directory, name);

        int fd = open(scratch_path(path, directory, name),
                O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, bytes, length), length);
        assert_int_equal(fchmod(fd, mode), 0);
        close(fd);
}

static inline void scratch_link(const char *directory, const char *name, const char *target)
{
        char path[PATH_MAX];

        scratch_parent(directory, name);
        assert_int_equal(symlink(target, scratch_path(path, directory, name)), 0);
}

static inline int scratch_open(const char *directory, const char *name)
{
        char path[PATH_MAX];
        int fd = open(scratch_path(path, directory, name), O_PATH | O_DIRECTORY | O_CLOEXEC);

        assert_true(fd >= 0);
        return fd;
}

static inline bool write_text(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

        if (fd >= 0)
                close(fd);
        return done;
}

/* A mount namespace where mounting hurts nobody, as its root; for a user without privileges by a user
 * namespace. */
static inline bool enter_own_mounts(void)
{
        char map[64];
        const uid_t uid = geteuid();
        const gid_t gid = getegid();

        if (uid != 0) {
                if (unshare(CLONE_NEWUSER) < 0)
                        return false;
                snprintf(map, sizeof map, "0 %u 1", uid);
                if (!write_text("/proc/self/uid_map", map) || !write_text("/proc/self/setgroups", "deny"))
                        return false;
                snprintf(map, sizeof map, "0 %u 1", gid);
                if (!write_text("/proc/self/gid_map", map))
                        return false;
        }
        return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/*
 * Who an engine without privileges is to a hook: root in a user namespace of user's own, and outside nothing
 * but that user. For real root alone: nobody else can be two users.
 */
static inline bool become_rootless(uid_t user)
{
        char map[32];

        snprintf(map, sizeof map, "0 %u 1", user);
        return geteuid() == 0 && setgroups(0, NULL) == 0 && setresgid(user, user, user) == 0 &&
               setresuid(user, user, user) == 0 && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 &&
               unshare(CLONE_NEWUSER) == 0 && write_text("/proc/self/uid_map", map) &&
               write_text("/proc/self/setgroups", "deny") && write_text("/proc/self/gid_map", map);
}

/* In a coverage build what a child has run counts, too, whoever it is by now. */
static inline void keep_counts(void)
{
#ifdef COVERAGE
        void __gcov_dump(void);

        umask(0);
        __gcov_dump();
#endif
}

/*
 * A process in namespaces of its own, CLONE_NEW*, that waits to be killed; before, prepare is done in it, if there is one. -1: one is
 * not to be had. A test that fails leaves nobody behind who holds its output.
 */
static inline pid_t start_process(int namespaces, bool (*prepare)(const char *directory), const char *directory)
{
        int ready[2];
        char byte = 0;

        if (pipe(ready) < 0)
                return -1;

        pid_t pid = fork();

        if (pid == 0) {
                if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && unshare(namespaces) == 0 &&
                        (!prepare || prepare(directory)) && write(ready[1], "y", 1) == 1)
                        pause();
                _exit(1);
        }
        close(ready[1]);
        if (pid > 0 && read(ready[0], &byte, 1) != 1) {
                waitpid(pid, NULL, 0);
                pid = -1;
        }
        close(ready[0]);
        return pid;
}

static inline const char *wrong_text(const char *format, ...)
{
        static char text[8192];
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof text, format, ap);
        va_end(ap);
        return text;
}

/* Of work below: what is wrong is no less than the condition; must_say: is this sentence, or "skip". */
#define must(condition) must_say(condition, "line %d: %s", __LINE__, #condition)
#define must_say(condition, ...)                                                                             \
        do {                                                                                                 \
                if (!(condition))                                                                            \
                        return wrong_text(__VA_ARGS__);                                                      \
        } while (0)

/*
 * Runs work in a process with mounts of its own. It returns NULL, or what is wrong: cmocka's assertions would
 * jump into the parent's tests. Skipped where namespaces are not to be had.
 */
static inline void with_own_mounts(const char *(*work)(const char *directory), const char *directory)
{
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                const char *wrong = enter_own_mounts() ? work(directory) : "skip";

                if (wrong && strcmp(wrong, "skip") != 0)
                        fprintf(stderr, "wrong: %s\n", wrong);
                keep_counts();
                _exit(!wrong ? 0 : strcmp(wrong, "skip") == 0 ? 77 : 1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 77)
                skip();
        assert_int_equal(WEXITSTATUS(status), 0);
}
