/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/payload.h"

#include "base/scope.h"
#include "host/elf_needed.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_ENTRIES_MOST 256 /* of PATH that are looked at: each lookup is as slow as the image makes it */
#define SCAN_MOST         (4 << 20) /* bytes of a systemd before 230: about 1.5 MB */

/* libsystemd-core is what only the manager needs; libsystemd-shared serves every tool of systemd, too. */
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

/* Before 230 the manager had no library of its own, but it always said "systemd N running in" when it
 * started. */
static unsigned version_in_text(int fd)
{
        static const char before[] = "systemd ", behind[] = " running in ";
        struct stat st;
        unsigned version = 0;

        if (fstat(fd, &st) < 0 || st.st_size < 4096 || st.st_size > SCAN_MOST)
                return 0;

        size_t size = (size_t)st.st_size;
        /* read, not mapped: a file that is cut while it is mapped would kill us */
        char *text = malloc(size);

        if (!text)
                return 0;

        ssize_t n = pread(fd, text, size, 0);
        char *end = text + (n > 0 ? n : 0);

        for (char *at = text; !version && (at = memmem(at, (size_t)(end - at), before, sizeof before - 1));) {
                unsigned number = 0;

                for (at += sizeof before - 1; at < end && isdigit((unsigned char)*at) && number < 1000; at++)
                        number = number * 10 + (unsigned)(*at - '0');
                if (number && (size_t)(end - at) > sizeof behind &&
                        memcmp(at, behind, sizeof behind - 1) == 0)
                        version = number;
        }
        free(text);
        return version;
}

/* The last component of the file that fd is, links followed. */
static int base_name(int fd, char *name, size_t size)
{
        char link[32], path[PATH_MAX], *slash;

        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, path, sizeof path - 1);

        if (n < 0)
                return -errno;
        path[n] = '\0';
        slash = strrchr(path, '/');
        snprintf(name, size, "%.*s", NAME_MAX, slash ? slash + 1 : path);
        return 0;
}

static bool is_script(int fd)
{
        char magic[2];

        return pread(fd, magic, 2, 0) == 2 && memcmp(magic, "#!", 2) == 0;
}

static int say(struct payload *p, bool is_systemd, unsigned version, const char *path, const char *reason)
{
        p->is_systemd = is_systemd;
        p->version = version;
        snprintf(p->reason, sizeof p->reason, "%.100s %s", path, reason);
        return 0;
}

static int inspect_file(int fd, const char *path, struct payload *p, struct err *e)
{
        struct libraries l = {0};
        char name[NAME_MAX + 1] = "", reason[128];
        int r = elf_needed(fd, on_library, &l);

        if (r < 0 && r != -ENOEXEC)
                return err_set(e, -r, "read the container's %s", path);
        if (r < 0 && is_script(fd))
                return say(p, false, 0, path,
                        "is a script, which is not followed; mode=always says that it starts systemd");
        if (r < 0)
                return say(p, false, 0, path, "is not an ELF program of this machine");

        r = l.core ? 0 : base_name(fd, name, sizeof name);
        if (r < 0)
                return err_set(e, -r, "find the name of the container's %s", path);

        bool manager = strcmp(name, "systemd") == 0 || strcmp(name, "init") == 0;

        if (l.core || (l.shared && manager)) {
                snprintf(reason, sizeof reason, "needs %s", l.name);
                return say(p, true, l.core ? l.core : l.shared, path, reason);
        }
        if (l.shared)
                return say(p, false, 0, path, "is a tool of systemd, not its manager");

        unsigned old = strcmp(name, "systemd") == 0 ? version_in_text(fd) : 0;

        if (old) {
                snprintf(reason, sizeof reason, "is systemd %u, from before libsystemd-shared", old);
                return say(p, true, old, path, reason);
        }
        return say(p, false, 0, path, "is a program that is not systemd");
}

/* 0: it was looked at. -ENOENT: not there, or nothing that can be run. */
static int inspect_path(struct croot root, const char *path, struct payload *p, struct err *e)
{
        scoped_fd found = croot_open(root, path, CROOT_ANY, e);
        struct stat st;

        if (found < 0)
                return found;
        if (fstat(found, &st) < 0)
                return err_set(e, errno, "look at the container's %s", path);
        if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
                return -ENOENT;

        scoped_fd fd = croot_reopen(found, path, e);

        return fd < 0 ? fd : inspect_file(fd, path, p, e);
}

/* Not our container when its command cannot be found: the runtime will say so better. */
static bool is_not_there(int r)
{
        return r == -ENOENT || r == -ELOOP || r == -ENOTDIR || r == -EACCES || r == -EXDEV ||
               r == -ENAMETOOLONG || r == -EAGAIN || r == -ENOTCONN || r == -ESTALE;
}

static int inspect_in_path(struct croot root, const struct oci_config *c, struct payload *p, struct err *e)
{
        const char *directory = c->path;
        filled_later char path[PATH_MAX];
        struct err first;
        int failed = 0, looked = 0;

        for (size_t n; *directory && looked++ < PATH_ENTRIES_MOST; directory += n + (directory[n] == ':')) {
                n = strcspn(directory, ":");

                int length = snprintf(path, sizeof path, "/%.*s/%s", (int)n, directory, c->command);

                if (n == 0 || n > PATH_MAX || length < 0 || (size_t)length >= sizeof path)
                        continue;

                int r = inspect_path(root, path[1] == '/' ? path + 1 : path, p, e);

                if (r == 0)
                        return r;
                if (!failed && !is_not_there(r)) {
                        failed = r;
                        first = *e;
                }
        }
        if (failed) { /* the runtime looks further, too, and so it may be a command that it cannot run */
                *e = first;
                return failed;
        }
        return say(p, false, 0, c->command, "is not in the container's PATH");
}

int payload_inspect(struct croot root, const struct oci_config *c, struct payload *ret_payload, struct err *e)
{
        filled_later char path[PATH_MAX];
        struct payload p = {0};
        int r;

        if (!c->command || !*c->command) {
                r = say(&p, false, 0, "process.args", "is empty");
        } else if (!strchr(c->command, '/')) {
                r = inspect_in_path(root, c, &p, e);
        } else {
                int n = snprintf(path, sizeof path, "%s%s%s", c->command[0] == '/' ? "" : c->cwd,
                        c->command[0] == '/' ? "" : "/", c->command);

                r = n < 0 || (size_t)n >= sizeof path ? -ENAMETOOLONG : inspect_path(root, path, &p, e);
        }
        if (is_not_there(r))
                r = say(&p, false, 0, c->command, "is nothing that the container could run");
        if (r == 0)
                *ret_payload = p;
        return r;
}

unsigned payload_installed_version(struct croot root)
{
        static const char *const places[] = {
                "/usr/lib/systemd/systemd", "/lib/systemd/systemd", "/sbin/init"};
        struct payload p = {0};
        struct err e;

        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
                if (inspect_path(root, places[i], &p, &e) == 0 && p.is_systemd)
                        return p.version;
        return 0;
}
