/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/record.h"

#include "base/file.h"
#include "base/scope.h"
#include "kernel/rootless.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define RECORD_MOST 9216 /* bytes: a path for each hierarchy */

static const char *const words[HIERARCHIES] = {
        [HIERARCHY_UNIFIED] = "unified", [HIERARCHY_SYSTEMD] = "systemd"};

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
                return err_refuse(e, "%s can be written by others; remove it", path);
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

/* An empty file is of a prestart that was killed before it made anything. */
static bool is_of(const char *text, const char *bundle)
{
        static const char word[] = "bundle ";
        size_t length = bundle ? strlen(bundle) : 0;

        return !bundle || !*text ||
               (strncmp(text, word, sizeof word - 1) == 0 &&
                       strncmp(text + sizeof word - 1, bundle, length) == 0 &&
                       text[sizeof word - 1 + length] == '\n');
}

/* One write, so that the file is empty or whole. */
static int write_text(const char *id, const char *bundle, const char *text, size_t length, struct err *e)
{
        char before[RECORD_MOST] = "";
        scoped_directory dir = NO_DIRECTORY;
        int r = open_own(&dir, true, e);

        if (r < 0)
                return r;
        r = read_text(&dir, id, before, e);
        if (r == 0 && !is_of(before, bundle)) {
                err_refuse(e, "a container of this id, of another bundle, has its record in %s", dir.path);
                return err_hint(e, "give this one another id; if the other is gone, remove the file");
        }
        if (r < 0 && r != -ENOENT)
                return r;

        const int had = r == 0;
        scoped_fd fd = openat(dir.fd, id, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (fd < 0)
                return err_set(e, errno, "make %s/%s", dir.path, id);
        ssize_t n = write(fd, text, length);

        if (n == (ssize_t)length)
                return had;

        const int error = n < 0 ? errno : ENOSPC;

        (void)!ftruncate(fd, 0); /* what is cut would not be known by its bundle; nothing is made yet */
        return err_set(e, error, "write %s/%s", dir.path, id);
}

int record_write(const struct plan *p, const char *bundle, struct err *e)
{
        filled_later char text[RECORD_MOST];
        size_t length = (size_t)snprintf(text, sizeof text, "bundle %s\n", bundle);
        bool any = false;

        for (size_t i = 0; i < p->count && length < sizeof text; i++) {
                if (!p->steps[i].record)
                        continue;
                any = true;
                length += (size_t)snprintf(text + length, sizeof text - length, "%s %s\n",
                        words[p->steps[i].hierarchy], p->steps[i].record);
        }
        if (any && strchr(bundle, '\n'))
                return err_refuse(e, "the path of the bundle has a newline in it: %s", bundle);
        if (any && length >= sizeof text)
                return err_refuse(e, "the paths of the bundle and its cgroups are longer than %d bytes: %s",
                        RECORD_MOST, bundle);
        return any ? write_text(p->id, bundle, text, length, e) : 0;
}

static int parse(char *text, const char *path, struct arena *a, struct record_line **ret_lines,
        size_t *ret_count, struct err *e)
{
        for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
                struct record_line found = {.hierarchy = HIERARCHIES};
                struct record_line *grown = arena_grow(a, *ret_lines, *ret_count, sizeof *grown);

                *end = '\0';
                if (line == text) /* the bundle's */
                        continue;
                for (enum hierarchy h = 0; h < HIERARCHIES; h++) {
                        size_t n = strlen(words[h]);

                        if (strncmp(line, words[h], n) == 0 && line[n] == ' ' && line[n + 1] == '/')
                                found = (struct record_line){
                                        h, arena_copy(a, line + n + 1, strlen(line + n + 1))};
                }
                if (!grown || (found.hierarchy < HIERARCHIES && !found.path))
                        return err_set(e, ENOMEM, "read %s", path);
                if (found.hierarchy == HIERARCHIES)
                        return err_refuse(e, "%s: \"%s\" is not a hierarchy and a path", path, line);
                *ret_lines = grown;
                grown[(*ret_count)++] = found;
        }
        return 0;
}

int record_read(const char *id, const char *bundle, struct arena *a, bool *ret_found,
        struct record_line **ret_lines, size_t *ret_count, struct err *e)
{
        char text[RECORD_MOST] = "";

        *ret_found = false;
        *ret_lines = NULL;
        *ret_count = 0;
        scoped_directory dir = NO_DIRECTORY;
        int r = open_own(&dir, false, e);

        if (r == 0)
                r = read_text(&dir, id, text, e);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        if (!is_of(text, bundle))
                return 0;
        *ret_found = true;
        return parse(text, dir.path, a, ret_lines, ret_count, e);
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
