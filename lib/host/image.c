/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/image.h"

#include "base/file.h"
#include "base/scope.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define CHANGED_MOST 1024u       /* names in /etc/systemd/system and its .wants */
#define NAMES_MOST   1024u       /* of any other directory */
#define TEXT_MOST    (64u << 10) /* bytes of a file that is looked through */

static const char system_units[] = "/etc/systemd/system";

/* A directory of the image, or NULL where there is none, or where it leads onto something else. */
static DIR *open_directory(struct croot view, const char *path)
{
        struct err unused;
        int fd = croot_open(view, path, CROOT_READABLE, &unused);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);

        if (!dir && fd >= 0)
                close(fd);
        return dir;
}

static bool is_there(struct croot view, const char *path)
{
        struct err unused;
        scoped_fd fd = croot_open(view, path, CROOT_ANY, &unused);

        return fd >= 0;
}

/* When what is at path was changed last; -1: it is not there. */
static time_t changed_at(struct croot view, const char *path)
{
        struct err unused;
        struct stat st;
        scoped_fd fd = croot_open(view, path, CROOT_ANY, &unused);

        return fd < 0 || fstat(fd, &st) < 0 ? -1 : st.st_mtime;
}

/* Whether result is there and no older than any of its sources, paths that a NUL separates. */
static bool is_current(struct croot view, const char *result, const char *sources)
{
        const time_t made = changed_at(view, result);

        for (const char *source = sources; *source; source += strlen(source) + 1)
                if (changed_at(view, source) > made)
                        return false;
        return made >= 0;
}

/* The text of a small regular file, with a NUL behind it; NULL: not there. *ret_whole: it was read to its end. */
static char *read_text(struct croot view, const char *path, struct arena *a, bool *ret_whole)
{
        struct err unused;
        scoped_fd found = croot_open(view, path, CROOT_FILE, &unused);
        scoped_fd fd = found < 0 ? -1 : croot_reopen(found, path, &unused);
        char *text = fd < 0 ? NULL : arena_alloc(a, TEXT_MOST + 1);
        ssize_t n = text ? read(fd, text, TEXT_MOST) : -1;

        *ret_whole = n >= 0 && n < (ssize_t)TEXT_MOST;
        if (n < 0)
                return NULL;
        text[n] = '\0';
        return text;
}

static bool has_lines(struct croot view, const char *path, struct arena *a)
{
        bool whole;
        char *text = read_text(view, path, a, &whole), *rest = NULL;

        if (!text)
                return is_there(view, path); /* a file that cannot be read may have some */
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
                line += strspn(line, " \t\r");
                if (*line && *line != '#')
                        return true;
        }
        return !whole;
}

static bool add_changed(struct image *image, struct arena *a, const char *name, size_t length)
{
        const char **grown = image->changed_count < CHANGED_MOST
                                     ? arena_grow(a, image->changed, image->changed_count, sizeof *grown)
                                     : NULL;
        const char *copy = grown ? arena_copy(a, name, length) : NULL;

        if (!copy)
                return false;
        image->changed = grown;
        image->changed[image->changed_count++] = copy;
        return true;
}

static bool ends_in(const char *name, const char *end)
{
        const size_t length = strlen(name), n = strlen(end);

        return length > n && strcmp(name + length - n, end) == 0;
}

/* The names in one directory of /etc/systemd/system, in which drop-ins are NAME.d. */
static bool list_changed(struct croot view, const char *path, struct arena *a, struct image *image, bool top)
{
        scoped_dir dir = open_directory(view, path);
        const char *name;
        bool whole;

        if (!dir)
                return !is_there(view, path);
        while ((name = file_next_name(dir, &whole))) {
                const bool is_group =
                        ends_in(name, ".wants") || ends_in(name, ".requires") || ends_in(name, ".upholds");
                const size_t length = strlen(name) - (ends_in(name, ".d") ? 2 : 0);

                if (is_group && !top)
                        continue;
                if (!is_group && !add_changed(image, a, name, length))
                        return false;
                const char *below = is_group ? arena_print(a, "%s/%s", path, name) : NULL;
                if (is_group && (!below || !list_changed(view, below, a, image, false)))
                        return false;
        }
        return whole;
}

static bool has_unit(struct croot view, const char *name, struct arena *a)
{
        static const char directories[][32] = {"/etc/systemd/system", "/usr/lib/systemd/system",
                "/lib/systemd/system", "/usr/local/lib/systemd/system"};
        const size_t length = strlen(name) - (ends_in(name, ".sh") ? 3 : 0);

        for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
                const char *path = arena_print(a, "%s/%.*s.service", directories[i], (int)length, name);

                if (path && is_there(view, path))
                        return true;
        }
        return false;
}

/* A link in it leads below the rootfs, as every other: fstatat would follow it on the host. */
static bool is_program(struct croot view, const char *directory, const char *name, struct arena *a)
{
        const char *path = arena_print(a, "%s/%s", directory, name);
        struct err unused;
        struct stat st;
        scoped_fd fd = path ? croot_open(view, path, CROOT_ANY, &unused) : -1;

        return !path || (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & 0111);
}

/* As systemd-sysv-generator counts: a program in /etc/init.d without a unit of its name. */
static bool has_sysv(struct croot view, struct arena *a)
{
        static const char path[] = "/etc/init.d";
        scoped_dir dir = open_directory(view, path);
        const char *name;
        size_t names = 0;
        bool whole;

        if (!dir)
                return is_there(view, path);
        while ((name = file_next_name(dir, &whole))) {
                if (++names > NAMES_MOST)
                        return true;
                if (is_program(view, path, name, a) && !has_unit(view, name, a))
                        return true;
        }
        return !whole;
}

/* Whether a line of the rules names a path below /dev: its second word. */
static bool has_dev_lines(char *text)
{
        char *rest = NULL;

        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
                line += strspn(line, " \t");
                if (*line == '#')
                        continue;
                line += strcspn(line, " \t");
                line += strspn(line, " \t\"'");
                if (strncmp(line, "/dev", 4) == 0 && (line[4] == '/' || line[4] == '\0' || line[4] == ' '))
                        return true;
        }
        return false;
}

/* systemd's own rules are for devices that a container does not have. */
static bool is_systemds(const char *name)
{
        static const char names[][32] = {"static-nodes-permissions.conf", "systemd.conf", "legacy.conf",
                "x11.conf", "20-systemd-stub.conf"};

        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (strcmp(name, names[i]) == 0)
                        return true;
        return strncmp(name, "systemd-", 8) == 0;
}

static bool has_dev_rules(struct croot view, const char *path, bool vendor, struct arena *a)
{
        scoped_dir dir = open_directory(view, path);
        const char *name;
        size_t names = 0;
        bool whole;

        if (!dir)
                return is_there(view, path);
        while ((name = file_next_name(dir, &whole))) {
                if (vendor && is_systemds(name))
                        continue;
                const char *file = ++names > NAMES_MOST ? NULL : arena_print(a, "%s/%s", path, name);
                char *text = file ? read_text(view, file, a, &whole) : NULL;
                if (!text || !whole || has_dev_lines(text))
                        return true;
        }
        return !whole;
}

static bool has_current_hardware(struct croot view)
{
        return is_current(view, "/etc/udev/hwdb.bin", "/usr/lib/udev/hwdb.d\0/etc/udev/hwdb.d\0") ||
               is_current(view, "/usr/lib/udev/hwdb.bin", "/etc/udev/hwdb.d\0");
}

void image_look(struct croot view, struct arena *a, struct image *ret_image)
{
        struct image image = {0};
        const struct {
                bool has;
                enum image_work work;
        } found[] = {
                {has_lines(view, "/etc/fstab", a), IMAGE_FSTAB},
                {has_sysv(view, a), IMAGE_SYSV},
                {is_there(view, "/etc/rc.local") || is_there(view, "/etc/rc.d/rc.local"), IMAGE_RC_LOCAL},
                {is_there(view, "/usr/sbin/sshd") || is_there(view, "/usr/bin/sshd"), IMAGE_SSHD},
                {is_there(view, "/system-update") || is_there(view, "/etc/system-update"), IMAGE_UPDATE},
                {has_dev_rules(view, "/etc/tmpfiles.d", false, a) ||
                                has_dev_rules(view, "/usr/lib/tmpfiles.d", true, a),
                        IMAGE_DEV_RULES},
                {!is_current(view, "/etc/ld.so.cache",
                         "/etc/ld.so.conf\0/etc/ld.so.conf.d\0/usr/lib\0/usr/lib64\0/usr/local/lib\0"
                         "/usr/lib/x86_64-linux-gnu\0/usr/lib/aarch64-linux-gnu\0"),
                        IMAGE_OLD_LINKER},
                {!is_current(view, "/var/lib/systemd/catalog/database", "/usr/lib/systemd/catalog\0"),
                        IMAGE_OLD_CATALOG},
                {!is_current(view, "/etc/passwd", "/usr/lib/sysusers.d\0/etc/sysusers.d\0") &&
                                !is_current(view, "/etc/group", "/usr/lib/sysusers.d\0/etc/sysusers.d\0"),
                        IMAGE_OLD_USERS},
                {is_there(view, "/usr/lib/udev/hwdb.d") && !has_current_hardware(view), IMAGE_OLD_HARDWARE},
        };

        for (size_t i = 0; i < sizeof found / sizeof *found; i++)
                image.work |= found[i].has ? found[i].work : 0;
        image.is_unreadable = !list_changed(view, system_units, a, &image, true);
        *ret_image = image;
}
