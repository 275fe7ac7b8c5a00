/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/manager.h"

#include "base/scope.h"
#include "host/elf_needed.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define SCAN_MOST    (64 << 20) /* bytes of a file; a static systemd 262 has 7 MB, with its symbols 30 */
#define SCAN_PIECE   16384      /* bytes that are looked at at once */
#define VERSION_MOST 96         /* bytes of "252.39-1~deb12u2" or "239 (239-41.el8)" */

/* libsystemd-core is the manager's and some tools', libsystemd-shared serves every tool of systemd. */
struct libraries {
        unsigned core, shared;
        char name[64]; /* of the one that told */
};

/* "libsystemd-shared-255.4-1.fc40.so": distributions put a tag of theirs behind the number. */
static unsigned version_in(const char *name, const char *prefix)
{
        size_t n = strlen(prefix);

        if (strncmp(name, prefix, n) != 0 || !isdigit((unsigned char)name[n]))
                return 0;

        unsigned long version = strtoul(name + n, NULL, 10);

        return version <= 9999 ? (unsigned)version : 0;
}

static int on_library(void *to, const char *name)
{
        struct libraries *l = to;
        unsigned core = version_in(name, "libsystemd-core-");
        unsigned shared = version_in(name, "libsystemd-shared-");

        if (core)
                l->core = core;
        if (shared)
                l->shared = shared;
        if (core || shared)
                snprintf(l->name, sizeof l->name, "%s", name);
        return core != 0; /* nothing tells more */
}

/* VERSION as systemd's builds write it: a number of up to three digits, more without a space, and perhaps a tag in brackets. */
static unsigned parse_version(const char *text, const char *end)
{
        unsigned version = 0;
        const char *at = text;

        for (; at < end && isdigit((unsigned char)*at) && at - text < 3; at++)
                version = version * 10 + (unsigned)(*at - '0');
        if (at < end && isdigit((unsigned char)*at))
                return 0;
        for (; at < end; at++) {
                if (*at == '%' || *at < ' ' || *at > '~')
                        return 0;
                if (*at == ' ' && (at + 1 == end || at[1] != '('))
                        return 0;
        }
        return version;
}

/* text[at] begins " running in ": the version that stands before it, behind the nearest "systemd ". 0: none. */
static unsigned version_before(const char *text, size_t at)
{
        static const char word[] = "systemd ";
        const size_t n = sizeof word - 1, nearest = at > VERSION_MOST + n ? at - VERSION_MOST - n : 0;

        for (size_t from = at; from-- > nearest;)
                if (at - from > n && memcmp(text + from, word, n) == 0)
                        return parse_version(text + from + n, text + at);
        return 0;
}

/*
 * The format of the line that the manager says at its start, "systemd VERSION running in %ssystem mode": in the manager's
 * executable of every version from 219 to 262, and in no tool and no library. Before 215 there is no %s.
 */
static unsigned version_in_text(const char *text, size_t length)
{
        static const char verb[] = " running in ";
        static const char *const modes[] = {"%ssystem mode", "system mode", "user mode"};
        const char *end = text + length, *at = text;

        while ((at = memmem(at, (size_t)(end - at), verb, sizeof verb - 1))) {
                const char *mode = at + sizeof verb - 1;

                for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
                        const size_t n = strlen(modes[i]);
                        unsigned version = (size_t)(end - mode) >= n && memcmp(mode, modes[i], n) == 0
                                                   ? version_before(text, (size_t)(at - text))
                                                   : 0;

                        if (version)
                                return version;
                }
                at = mode;
        }
        return 0;
}

/* Read in pieces, and not mapped: a file that is cut while it is mapped would kill us. Returns the version, 0, or -errno. */
__attribute__((noinline)) static int scan(int fd)
{
        /* of one piece the next still needs what a line that lies across both may have */
        enum { OVERLAP = VERSION_MOST + 64 };
        filled_later char text[OVERLAP + SCAN_PIECE];
        size_t kept = 0;
        off_t from = 0;

        while (from < SCAN_MOST) {
                ssize_t n = pread(fd, text + kept, SCAN_PIECE, from);

                if (n <= 0)
                        return n < 0 ? -errno : 0;

                const size_t length = kept + (size_t)n;
                unsigned version = version_in_text(text, length);

                if (version)
                        return (int)version;
                kept = length < OVERLAP ? length : OVERLAP;
                memmove(text, text + length - kept, kept);
                from += n;
        }
        return 0;
}

static const char *last_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

/* The last component of the file that fd is, links followed. */
static int base_name(int fd, char *name, size_t size)
{
        char link[32];
        filled_later char path[PATH_MAX];

        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, path, sizeof path - 1);

        if (n < 0)
                return -errno;
        path[n] = '\0';
        snprintf(name, size, "%.*s", (int)size - 1, last_name(path));
        return 0;
}

static bool is_managers(const char *name)
{
        return strcmp(name, "systemd") == 0 || strcmp(name, "init") == 0;
}

/* Of a manager in one file, which has no library that tells: "systemd.static", "init.real", "pid1". The text decides. */
static bool may_be_managers(const char *name)
{
        return strstr(name, "systemd") || strstr(name, "init") || strstr(name, "pid1");
}

static void tell(struct file *f, enum file_kind kind, unsigned version, const char *what)
{
        f->kind = kind;
        f->version = version;
        snprintf(f->tells, sizeof f->tells, "%s", what);
}

static void tell_library(struct file *f, const struct libraries *l)
{
        char what[sizeof f->tells];

        snprintf(what, sizeof what, "needs %s", l->name);
        tell(f, FILE_MANAGER, l->core ? l->core : l->shared, what);
}

/* What its libraries and its name leave open, the text decides. */
static int search(int fd, const struct libraries *l, struct file *f)
{
        char what[sizeof f->tells];
        int version = scan(fd);

        if (version < 0)
                return version;
        if (l->core || l->shared) {
                if (version)
                        tell_library(f, l);
                else
                        tell(f, FILE_TOOL, 0, "is a tool of systemd, not its manager");
                return 0;
        }
        snprintf(what, sizeof what,
                version < 230 ? "is systemd %d, from before libsystemd-shared" : "is systemd %d in one file",
                version);
        if (version)
                tell(f, FILE_MANAGER, (unsigned)version, what);
        return 0;
}

static bool is_script(int fd)
{
        char magic[2];

        return pread(fd, magic, 2, 0) == 2 && memcmp(magic, "#!", 2) == 0;
}

int manager_inspect(int fd, const char *asked, struct file *ret_file, struct err *e)
{
        struct libraries l = {0};
        struct file f;
        int r = elf_needed(fd, on_library, &l), named = base_name(fd, f.name, sizeof f.name);

        if (r < 0 && r != -ENOEXEC)
                return err_set(e, -r, "read the container's %s", asked);
        if (named < 0)
                return err_set(e, -named, "find the name of the container's %s", asked);
        if (r == -ENOEXEC) {
                tell(&f, is_script(fd) ? FILE_SCRIPT : FILE_OTHER, 0, "is not an ELF program");
        } else if ((l.core || l.shared) && is_managers(f.name)) {
                tell_library(&f, &l);
        } else {
                tell(&f, FILE_PROGRAM, 0, "is not systemd");
                if (l.core || l.shared || may_be_managers(f.name) || may_be_managers(last_name(asked)))
                        r = search(fd, &l, &f);
                if (r < 0)
                        return err_set(e, -r, "read the container's %s", asked);
        }
        if (f.kind == FILE_MANAGER && elf_is_for_another_machine(fd)) {
                const size_t n = strlen(f.tells);

                snprintf(f.tells + n, sizeof f.tells - n,
                        " and is for another machine, which takes binfmt_misc");
        }
        *ret_file = f;
        return 0;
}
