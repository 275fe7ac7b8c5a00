/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/record.h"

#include "base/file.h"
#include "base/scope.h"
#include "kernel/rootless.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define RECORD_MOST 32768 /* bytes: a few paths for each hierarchy */

/* By hierarchy and whether the line's cgroup goes only if it is unused. */
static const char words[HIERARCHIES][2][20] = {
        [HIERARCHY_UNIFIED] = {"unified ", "unified-if-unused "},
        [HIERARCHY_SYSTEMD] = {"systemd ", "systemd-if-unused "},
};
static const char bundle_word[] = "bundle ";

/* Where the files are. */
struct directory {
        int above, fd; /* above: AT_FDCWD, or what name is looked up in */
        const char *name;
        char path[48];
};

static void release(struct directory *d)
{
        scope_close(&d->fd);
        scope_close(&d->above);
}

#define scoped_directory __attribute__((cleanup(release))) struct directory
#define NO_DIRECTORY     ((struct directory){-1, -1, "", ""})

/* Only who the hook is may put anything there: what it says will be removed in his name. */
static int open_directory(int above, const char *name, const char *path, struct err *e)
{
        struct stat st;
        scoped_fd dir = openat(above, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (dir < 0)
                return err_set(e, errno, "open %s", path);
        if (fstat(dir, &st) < 0)
                return err_set(e, errno, "look at %s", path);
        if (st.st_uid != geteuid())
                return err_refuse_as(e, EPERM, "%s belongs to another user; remove it", path);
        if (st.st_mode & 0022)
                return err_refuse(e, "%s can be written to by other users; remove it", path);
        return take_fd(&dir);
}

static int open_or_make(struct directory *d, bool make, struct err *e)
{
        d->fd = make ? -ENOENT : open_directory(d->above, d->name, d->path, e);
        /* the poststop of the last other container may remove it meanwhile */
        for (int i = 0; make && i < 8 && d->fd == -ENOENT; i++) {
                if (mkdirat(d->above, d->name, 0700) < 0 && errno != EEXIST)
                        return err_set(e, errno, "make %s", d->path);
                d->fd = open_directory(d->above, d->name, d->path, e);
        }
        return d->fd < 0 ? d->fd : 0;
}

/*
 * /run/user is root's, and what is below it its user's alone (logind's): nobody else can have put anything
 * in the way.
 */
static int open_users(struct directory *d, bool make, struct err *e)
{
        char path[sizeof d->path];
        uid_t user;
        int r = rootless_user(&user, e);

        if (r < 0)
                return r;
        snprintf(path, sizeof path, "/run/user/%u", user);
        snprintf(d->path, sizeof d->path, "/run/user/%u/oci-systemd-hook", user);
        d->name = "oci-systemd-hook";
        d->above = open_directory(AT_FDCWD, path, path, e);
        if (d->above == -ENOENT && make)
                return rootless_hint(e);
        return d->above < 0 ? d->above : open_or_make(d, make, e);
}

/* Not there, root's, or nothing that this hook may make. */
static bool is_for_root(int r)
{
        return r == -ENOENT || r == -EPERM || r == -EACCES || r == -EROFS;
}

/* Root's, wherever root is root; else the user's. */
static int open_own(struct directory *d, bool make, struct err *e)
{
        *d = (struct directory){AT_FDCWD, -1, RECORD_DIRECTORY, RECORD_DIRECTORY};

        int r = open_or_make(d, make, e);

        return is_for_root(r) && rootless_is() ? open_users(d, make, e) : r;
}

/* Up to the end of the file, with a NUL behind it. -ENOENT: there is none. */
static int read_text(const struct directory *d, const char *id, char text[RECORD_MOST], struct err *e)
{
        int n = file_read(d->fd, id, text, RECORD_MOST, e);

        return n < 0 ? err_within(e, "%s", d->path) : 0;
}

static void add_text(struct iovec *parts, int *count, const char *text)
{
        /* writev(2) writes nothing to it; NOLINTNEXTLINE(performance-no-int-to-ptr) */
        parts[(*count)++] = (struct iovec){(char *)(uintptr_t)text, strlen(text)};
}

/* One write, so that the file is empty or whole. */
static int write_lines(
        int fd, const struct directory *dir, const char *id, const struct record *record, struct err *e)
{
        struct iovec parts[3 * (RECORD_LINES + 1)];
        size_t length = 0;
        int count = 0;

        add_text(parts, &count, bundle_word);
        add_text(parts, &count, record->bundle);
        add_text(parts, &count, "\n");
        for (size_t i = 0; i < record->count; i++) {
                const struct record_line *line = &record->lines[i];

                add_text(parts, &count, words[line->hierarchy][line->if_unused]);
                add_text(parts, &count, line->path);
                add_text(parts, &count, "\n");
        }
        for (int i = 0; i < count; i++)
                length += parts[i].iov_len;
        if (strchr(record->bundle, '\n'))
                return err_refuse(e, "the path of the bundle has a newline in it: %s", record->bundle);
        if (length >= RECORD_MOST)
                return err_refuse(e, "the paths of the bundle and its cgroups are longer than %d bytes: %s",
                        RECORD_MOST, record->bundle);

        const ssize_t n = writev(fd, parts, count);

        if (n == (ssize_t)length)
                return 0;

        const int error = n < 0 ? errno : ENOSPC;

        (void)!ftruncate(fd, 0); /* what is cut would not be known by its bundle; nothing is made yet */
        return err_set(e, error, "write %s/%s", dir->path, id);
}

#define WRITE_TRIES 8

/* Nearly always there is none, and nothing has to be read. */
static int make_file(const struct directory *d, const char *id, bool over, struct err *e)
{
        int fd = openat(
                d->fd, id, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | (over ? O_TRUNC : O_EXCL), 0600);

        return fd < 0 ? err_set(e, errno, "make %s/%s", d->path, id) : fd;
}

int record_write(const char *id, const struct record *record, bool over, struct err *e)
{
        int r = -ENOENT;

        /* the poststop of the last other container may remove the directory between its opening and the making of the file */
        for (int i = 0; i < WRITE_TRIES && r == -ENOENT; i++) {
                scoped_directory dir = NO_DIRECTORY;

                r = open_own(&dir, true, e);
                if (r < 0)
                        return r;
                scoped_fd fd = make_file(&dir, id, over, e);
                r = fd < 0 ? fd : write_lines(fd, &dir, id, record, e);
        }
        return r;
}

static int parse_line(char *line, const char *path, struct arena *a, struct record *record, struct err *e)
{
        for (enum hierarchy h = 0; h < HIERARCHIES; h++)
                for (int if_unused = 0; if_unused < 2; if_unused++) {
                        const size_t n = strlen(words[h][if_unused]);

                        if (strncmp(line, words[h][if_unused], n) != 0 || line[n] != '/')
                                continue;
                        if (record->count == RECORD_LINES)
                                return err_refuse_as(
                                        e, EBADMSG, "%s has more than %d lines", path, RECORD_LINES);

                        const char *cgroup = arena_copy(a, line + n, strlen(line + n));

                        if (!cgroup)
                                return err_set(e, ENOMEM, "read %s", path);
                        record->lines[record->count++] = (struct record_line){h, cgroup, if_unused};
                        return 0;
                }
        return err_refuse_as(e, EBADMSG, "%s: \"%s\" is not a hierarchy and a path", path, line);
}

/* Reads on behind a line that no hook has written: what the others say is still to be removed. */
static int parse(char *text, const char *path, struct arena *a, struct record *record, struct err *e)
{
        int damaged = 0;

        for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
                *end = '\0';
                if (line == text) {
                        record->bundle = arena_copy(
                                a, line + sizeof bundle_word - 1, strlen(line) - (sizeof bundle_word - 1));
                        if (!record->bundle)
                                return err_set(e, ENOMEM, "read %s", path);
                        continue;
                }

                const int r = parse_line(line, path, a, record, e);

                if (r < 0 && r != -EBADMSG)
                        return r;
                damaged = r < 0 ? r : damaged;
        }
        return damaged;
}

int record_read(const char *id, struct arena *a, struct record *ret_record, struct err *e)
{
        filled_later char text[RECORD_MOST];
        scoped_directory dir = NO_DIRECTORY;
        char path[sizeof dir.path + NAME_MAX + 2];
        int r = open_own(&dir, false, e);

        *ret_record = (struct record){0};
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        r = read_text(&dir, id, text, e);
        if (r < 0)
                return r == -ENOENT ? 0 : r == -EFBIG ? -EBADMSG : r;
        if (*text && strncmp(text, bundle_word, sizeof bundle_word - 1) != 0)
                return err_refuse_as(e, EBADMSG, "%s/%s does not begin with a bundle", dir.path, id);
        snprintf(path, sizeof path, "%s/%s", dir.path, id);
        r = parse(text, path, a, ret_record, e);
        return r < 0 ? r : 1;
}

int record_remove(const char *id, struct err *e)
{
        scoped_directory dir = NO_DIRECTORY;
        int r = open_own(&dir, false, e);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        if (unlinkat(dir.fd, id, 0) < 0 && errno != ENOENT)
                return err_set(e, errno, "remove %s/%s", dir.path, id);
        unlinkat(dir.above, dir.name, AT_REMOVEDIR); /* other containers may be in it */
        return 0;
}
