/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/copy_in.h"

#include "base/file.h"
#include "base/scope.h"
#include "kernel/croot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define PAGE 4096u /* bytes: what a tmpfs takes for the smallest file, and for a long link */

struct copying {
        const char *path;       /* for the error */
        struct copy_size *left; /* what may still be copied */
        struct err *e;
};

/* The image's, or a volume's: who calls knows. */
static int fail(const struct copying *c, int code, const char *what)
{
        int r = err_set(c->e, code, "copy what the container has in %s into a tmpfs (%s)", c->path, what);

        return code == ENOSPC ? err_hint(c->e, "empty that directory") : r;
}

/* The plan has measured it, and it fitted; or nobody could measure it. */
static int too_much(const struct copying *c)
{
        err_refuse(c->e, "the container has more in %s than a tmpfs of the hook's takes", c->path);
        return err_hint(c->e, "empty that directory; or start again, if it was changed meanwhile");
}

static int take_bytes(struct copying *c, size_t bytes)
{
        bytes = (bytes + PAGE - 1) / PAGE * PAGE;
        if (bytes > c->left->bytes)
                return too_much(c);
        c->left->bytes -= bytes;
        return 0;
}

/*
 * The file is looked at before it is opened: in its place there may be a device, which an open can start or
 * reset.
 */
static int copy_file(struct copying *c, int from, int to, const char *name)
{
        filled_later char buffer[16 << 10];
        struct stat st;
        ssize_t n;
        scoped_fd found = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

        if (found < 0)
                return fail(c, errno, name);
        if (fstat(found, &st) < 0 || !S_ISREG(st.st_mode) || croot_is_mount(found) != 0)
                return 0;

        scoped_fd in = croot_reopen_seen(found, &st, name, c->e);

        if (in < 0)
                return err_within(c->e, "copy what the container has in %s", c->path);
        if ((uint64_t)st.st_size > c->left->bytes) /* before one byte of a sparse giant */
                return too_much(c);

        scoped_fd out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (out < 0)
                return errno == EEXIST ? 0 : fail(c, errno, name);
        while ((n = read(in, buffer, sizeof buffer)) > 0) {
                if (take_bytes(c, (size_t)n) < 0)
                        return -EINVAL;
                int r = file_write(out, buffer, (size_t)n);
                if (r < 0)
                        return fail(c, -r, name);
        }
        if (n < 0 || fchown(out, st.st_uid, st.st_gid) < 0 || fchmod(out, st.st_mode & 07777) < 0)
                return fail(c, errno, name);
        return futimens(out, (struct timespec[]){st.st_atim, st.st_mtim}) < 0 ? fail(c, errno, name) : 0;
}

static int copy_link(struct copying *c, int from, int to, const char *name, const struct stat *st)
{
        filled_later char target[PATH_MAX];
        ssize_t n = readlinkat(from, name, target, sizeof target - 1);

        if (n < 0)
                return fail(c, errno, name);
        target[n] = '\0';
        if (take_bytes(c, PAGE) < 0)
                return -EINVAL;
        if (symlinkat(target, to, name) < 0)
                return errno == EEXIST ? 0 : fail(c, errno, name);
        return fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 ? fail(c, errno, name) : 0;
}

static int copy_fifo(struct copying *c, int to, const char *name, const struct stat *st)
{
        if (mknodat(to, name, S_IFIFO | (st->st_mode & 07777), 0) < 0)
                return errno == EEXIST ? 0 : fail(c, errno, name);
        return fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 ? fail(c, errno, name) : 0;
}

static int copy_directory(struct copying *c, int from, int to, unsigned depth);

static int copy_child(
        struct copying *c, int from, int to, const char *name, const struct stat *st, unsigned depth)
{
        bool made = mkdirat(to, name, 0700) == 0;

        if (!made && errno != EEXIST)
                return fail(c, errno, name);

        scoped_fd in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        scoped_fd out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (in < 0)
                return fail(c, errno, name);
        if (out < 0) /* a file of ours has that name */
                return 0;
        if (made && (fchown(out, st->st_uid, st->st_gid) < 0 || fchmod(out, st->st_mode & 07777) < 0))
                return fail(c, errno, name);
        return croot_is_mount(in) != 0 ? 0 : copy_directory(c, in, out, depth + 1);
}

static int copy_entry(struct copying *c, int from, int to, const char *name, unsigned depth)
{
        struct stat st;

        if (c->left->files == 0 || depth > COPY_DEPTH_MOST)
                return too_much(c);
        c->left->files--;
        if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
                return errno == ENOENT ? 0 : fail(c, errno, name);
        switch (st.st_mode & S_IFMT) {
        case S_IFDIR:
                return copy_child(c, from, to, name, &st, depth);
        case S_IFREG:
                return copy_file(c, from, to, name);
        case S_IFLNK:
                return copy_link(c, from, to, name, &st);
        case S_IFIFO:
                return copy_fifo(c, to, name, &st);
        default:
                return 0;
        }
}

static int copy_directory(struct copying *c, int from, int to, unsigned depth)
{
        _Alignas(struct dirent64) filled_later char buffer[1024]; /* at each level */
        ssize_t n;

        while ((n = getdents64(from, buffer, sizeof buffer)) > 0)
                for (const char *at = buffer; at < buffer + n;
                        at += ((const struct dirent64 *)at)->d_reclen) {
                        const char *name = ((const struct dirent64 *)at)->d_name;

                        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                                continue;
                        int r = copy_entry(c, from, to, name, depth);
                        if (r < 0)
                                return r;
                }
        return n < 0 ? fail(c, errno, "a directory") : 0;
}

int copy_in(int from, int to, const char *path, struct copy_size *left, struct err *e)
{
        struct copying c = {.path = path, .left = left, .e = e};

        return copy_directory(&c, from, to, 0);
}

static int measure(int from, struct copy_size *size, unsigned depth);

static int measure_entry(int from, const char *name, struct copy_size *size, unsigned depth)
{
        struct stat st;

        if (++size->files > COPY_FILES_MOST || depth > COPY_DEPTH_MOST)
                return -EFBIG;
        if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (S_ISLNK(st.st_mode))
                size->bytes += PAGE;
        if (S_ISREG(st.st_mode) && (uint64_t)st.st_size <= COPY_BYTES_MOST)
                size->bytes += ((uint64_t)st.st_size + PAGE - 1) / PAGE * PAGE;
        if (size->bytes > COPY_BYTES_MOST || (S_ISREG(st.st_mode) && st.st_size > COPY_BYTES_MOST))
                return -EFBIG;
        if (!S_ISDIR(st.st_mode))
                return 0;

        scoped_fd child = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (child < 0)
                return -errno;
        return croot_is_mount(child) ? 0 : measure(child, size, depth + 1);
}

static int measure(int from, struct copy_size *size, unsigned depth)
{
        _Alignas(struct dirent64) filled_later char buffer[1024]; /* at each level */
        ssize_t n;

        while ((n = getdents64(from, buffer, sizeof buffer)) > 0)
                for (const char *at = buffer; at < buffer + n;
                        at += ((const struct dirent64 *)at)->d_reclen) {
                        const char *name = ((const struct dirent64 *)at)->d_name;

                        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                                continue;
                        int r = measure_entry(from, name, size, depth);
                        if (r < 0)
                                return r;
                }
        return n < 0 ? -errno : 0;
}

int copy_measure(int from, struct copy_size *ret_size)
{
        struct copy_size size = {0};
        int r = measure(from, &size, 0);

        if (r == 0)
                *ret_size = size;
        return r;
}
