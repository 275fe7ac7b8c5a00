/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/file.h"
#include "base/scope.h"
#include "feature/feature.h"
#include "kernel/caps.h"
#include "kernel/uapi.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/*
 * systemd's credentials, from a directory of the container: PID 1 imports /run/credentials/@initrd from 254 on,
 * and units find /run/credstore from 252 on. The limits are systemd's own (creds-util.h).
 */

#define FIRST_VERSION 252  /* with units that find them */
#define FIRST_IMPORT  254u /* with a PID 1 that imports them */
#define NAMES_MOST    1024 /* in the directory, with those that are passed over */
#define COUNT_MOST    128
#define NAME_MOST     255
#define BYTES_MOST    (1u << 20) /* of one, and of all */
#define PIECE         16384

static const struct entry entries[] = {
        {ENTRY_DIRECTORY, "credentials", 0755, NULL},
        {ENTRY_DIRECTORY, "credentials/@initrd", 0700, NULL},
        {ENTRY_DIRECTORY, "credstore", 0700, NULL},
};

int credentials_plan(struct planning *p)
{
        const char *directory = p->in->settings->credentials;
        const unsigned version = p->in->payload->version;

        if (!*directory)
                return 0;
        if (version && version < FIRST_VERSION) {
                err_refuse(p->e,
                        "credentials: systemd %u cannot read them: its LoadCredential= takes paths only",
                        version);
                return err_hint(p->e, "use systemd %d or newer, or name %s/NAME in the unit", FIRST_VERSION,
                        directory);
        }
        if (version && version < FIRST_IMPORT)
                plan_note(p,
                        "credentials: systemd %u has them for units (LoadCredential=), and none for PID 1 "
                        "itself",
                        version);
        feature_add_to_run(p, entries, sizeof entries / sizeof *entries, "credentials");
        feature_step(p, FEATURE_CREDENTIALS, "/run/credentials/@initrd",
                plan_text(p, "the files of %s, also in /run/credstore", directory));
        return p->failed;
}

int credentials_prepare(struct feature_start *s, struct err *e)
{
        (void)s, (void)e;
        return 0;
}

void credentials_release(struct feature_start *s)
{
        (void)s;
}

struct store {
        const struct plan *plan;
        const char *directory; /* of the container */
        int from, to, copy;    /* it; @initrd; credstore */
        size_t count, bytes;
        struct err *e;
};

/* As systemd has it: a name of an fd, printable ASCII without a colon. */
static bool is_name(const char *name)
{
        const size_t length = strlen(name);

        for (size_t i = 0; i < length; i++)
                if (name[i] < ' ' || name[i] > '~' || name[i] == ':')
                        return false;
        return length <= NAME_MOST;
}

/* Kubernetes' volumes are links to files below the volume's "..data"; what leads out of the directory is refused. */
static int open_source(struct store *s, const char *name)
{
        const struct open_how how = {
                .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
        scoped_fd found = sys_openat2(s->from, name, &how);
        char path[CREDENTIALS_PATH_MOST + NAME_MOST + 2];

        if (found < 0 && errno == EXDEV)
                return err_refuse(s->e, "%s/%s leads out of that directory", s->directory, name);
        if (found < 0)
                return err_set(s->e, errno, "open %s/%s", s->directory, name);
        snprintf(path, sizeof path, "%s/%s", s->directory, name);
        return croot_reopen(found, path, s->e);
}

/* Whole, or an error: what is written to meanwhile is counted as it comes. */
static int copy_bytes(struct store *s, int from, int to, const char *name)
{
        filled_later char piece[PIECE];
        ssize_t n;

        while ((n = read(from, piece, sizeof piece)) > 0) {
                s->bytes += (size_t)n;
                if (s->bytes > BYTES_MOST)
                        return err_refuse(
                                s->e, "%s holds more than 1 MiB, which is systemd's limit", s->directory);

                const int r = file_write(to, piece, (size_t)n);

                if (r < 0)
                        return err_set(s->e, -r, "write %s to /run", name);
        }
        return n < 0 ? err_set(s->e, errno, "read %s/%s", s->directory, name) : 0;
}

static int copy_one(struct store *s, const char *name)
{
        if (!is_name(name))
                return err_refuse(
                        s->e, "\"%s\" in %s cannot be the name of a credential", name, s->directory);
        if (++s->count > COUNT_MOST)
                return err_refuse(s->e, "%s holds more than %d files", s->directory, COUNT_MOST);

        scoped_fd from = open_source(s, name);

        if (from < 0)
                return from;
        scoped_fd to = openat(s->to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
        if (to < 0)
                return err_set(s->e, errno, "make %s in /run", name);
        int r = copy_bytes(s, from, to, name);
        if (r < 0)
                return r;
        if (fchown(to, s->plan->owner, s->plan->group) < 0)
                return err_set(s->e, errno, "give %s its owner", name);
        /* PID 1 removes the first when it has read it */
        if (linkat(s->to, name, s->copy, name, 0) < 0)
                return err_set(s->e, errno, "make %s in /run/credstore", name);
        return 0;
}

/* Names that begin with ".." are a Kubernetes volume's own. */
static int copy_all(struct store *s)
{
        scoped_dir dir = NULL;
        int again = fcntl(s->from, F_DUPFD_CLOEXEC, 0), r = 0;

        dir = again < 0 ? NULL : fdopendir(again);
        if (!dir) {
                r = err_set(s->e, errno, "read %s", s->directory);
                scope_close(&again);
                return r;
        }
        for (size_t names = 0; r == 0; names++) {
                errno = 0;

                const struct dirent *entry = readdir(dir);

                if (!entry)
                        return errno ? err_set(s->e, errno, "read %s", s->directory) : 0;
                if (names == NAMES_MOST)
                        return err_refuse(s->e, "%s holds more than %d files", s->directory, COUNT_MOST);
                if (strcmp(entry->d_name, ".") != 0 && strncmp(entry->d_name, "..", 2) != 0)
                        r = copy_one(s, entry->d_name);
        }
        return r;
}

/* A directory of ours in /run: no link, and nothing that is mounted there since. */
static int open_own(int run, const char *path, struct err *e)
{
        const struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV};
        int fd = sys_openat2(run, path, &how);

        return fd < 0 ? err_set(e, errno, "open the container's /run/%s", path) : fd;
}

/* The engine covers some files of /proc and /sys later, which the container is not to read by this way now. */
static int open_directory(struct croot root, const char *directory, struct err *e)
{
        struct statfs fs;
        scoped_fd from = croot_open(root, directory, CROOT_READABLE, e);

        if (from < 0)
                return err_hint(
                        e, "credentials= names a directory of the container, such as a volume of secrets");
        if (fstatfs(from, &fs) < 0)
                return err_set(e, errno, "look at %s", directory);
        return fs.f_type == SYSFS_MAGIC ? err_refuse(e, "the container's %s leads into /sys", directory)
                                        : take_fd(&from);
}

static int copy_directory(struct feature_start *s, const struct apply_place *place, struct err *e)
{
        const char *directory = s->settings->credentials;
        scoped_fd from = open_directory(place->root, directory, e);

        if (from < 0)
                return from;
        scoped_fd to = open_own(place->run, "credentials/@initrd", e);
        if (to < 0)
                return to;
        scoped_fd copy = open_own(place->run, "credstore", e);
        if (copy < 0)
                return copy;

        struct store store = {s->plan, directory, from, to, copy, 0, 0, e};
        return copy_all(&store);
}

/*
 * Who is root in a user namespace may be nobody in particular outside: a volume that the host's root owns is not opened in
 * its name.
 */
int credentials_attach(struct feature_start *s, const struct apply_place *place, struct err *e)
{
        const bool is_root = s->plan->owner == 0;
        int r = is_root ? 0 : caps_override(false, e);

        if (r < 0)
                return r;
        r = copy_directory(s, place, e);
        if (is_root)
                return r;

        struct err second;
        /* also after a failure, as what is on record is root's to remove */
        const int again = caps_override(true, r < 0 ? &second : e);

        return r < 0 ? r : again;
}
