/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/found.h"

#include "base/scope.h"
#include "kernel/copy_in.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define ID_LENGTH 32

static bool is_on(int fd, uint64_t rootfs)
{
        uint64_t id = 0;

        return croot_mount_of(fd, &id) >= 0 && id == rootfs;
}

/* Opening it tells all that matters of a usual place: an empty directory of the image's, or nothing. */
static void find_place(struct croot view, uint64_t rootfs, const char *path, bool root_is_read_only,
        struct found_place *ret_place)
{
        struct copy_size size = {0};
        struct err unused;
        struct stat st;
        scoped_fd fd = croot_open(view, path, CROOT_READABLE, &unused);

        ret_place->is_other = fd < 0 && fd != -ENOENT;
        ret_place->on_volume = fd >= 0 && !is_on(fd, rootfs);
        if (fd < 0 || ret_place->on_volume)
                return;
        /* /var/tmp, which images make a link to /tmp, is a place there alone */
        if (root_is_read_only && fstat(fd, &st) == 0) {
                ret_place->device = st.st_dev;
                ret_place->inode = st.st_ino;
        }
        ret_place->is_too_much = copy_measure(fd, &size) < 0;
        ret_place->bytes = size.bytes;
        ret_place->files = size.files;
}

/* The 32 digits, and nothing but a newline behind them. */
static bool is_id(const char *text)
{
        size_t digits = 0;

        while (isxdigit((unsigned char)text[digits]))
                digits++;
        return digits == 32 && strspn(text, "0") < 32 && (text[32] == '\n' || text[32] == '\0');
}

static void read_id(int found, const char *path, struct found_id *id)
{
        char text[40] = "";
        struct err unused;
        scoped_fd fd = croot_reopen(found, path, &unused);

        if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
                return;
        if (is_id(text))
                snprintf(id->text, sizeof id->text, "%.32s", text);
        text[strcspn(text, "\n")] = '\0';
        id->is_uninitialized = strcmp(text, "uninitialized") == 0;
}

static const char *why_unreachable(int r)
{
        switch (-r) {
        case ELOOP:
                return "leads in a loop";
        case ENOTDIR:
                return "leads through a file as if that were a directory";
        case EXDEV:
                return "leads through a link of /proc";
        default:
                return "leads where it cannot be looked up";
        }
}

/* The directory that a link in /etc names, as it stands there: the path is looked up from the root, ".." and all. */
static const char *directory_of(int link, struct arena *a)
{
        char target[PATH_MAX];
        ssize_t n = readlinkat(link, "", target, sizeof target - 1);
        char *slash;

        if (n <= 0)
                return NULL;
        target[n] = '\0';
        slash = strrchr(target, '/');
        if (slash)
                *slash = '\0';
        return target[0] == '/' || slash == target ? arena_print(a, "%s", *target ? target : "/")
                                                   : arena_print(a, "/etc/%s", slash ? target : "");
}

static void find_id(
        struct croot view, uint64_t rootfs, bool root_is_read_only, struct arena *a, struct found_id *id)
{
        static const char path[] = "/etc/machine-id";
        struct err unused;
        struct statvfs fs;
        struct stat st = {0};
        scoped_fd plain = croot_open(view, path, CROOT_UNFOLLOWED, &unused);

        if (plain >= 0 && fstat(plain, &st) == 0)
                id->is_link = S_ISLNK(st.st_mode);

        if (id->is_link)
                id->directory = directory_of(plain, a);

        scoped_fd fd = id->is_link ? croot_open(view, path, CROOT_ANY, &unused) : take_fd(&plain);

        id->is_missing = fd == -ENOENT;
        if (fd < 0) {
                scoped_fd directory =
                        id->directory ? croot_open(view, id->directory, CROOT_ANY, &unused) : -1;

                id->unreachable = id->is_missing ? NULL : why_unreachable(fd);
                id->on_volume = directory >= 0 && !is_on(directory, rootfs);
                return;
        }
        if (id->is_link && fstat(fd, &st) < 0)
                st.st_mode = 0;
        id->is_other = !S_ISREG(st.st_mode);
        id->on_volume = !is_on(fd, rootfs);
        id->is_read_only = id->on_volume && fstatvfs(fd, &fs) == 0 && fs.f_flag & ST_RDONLY;
        /* on a rootfs that is written to, a text of this length is one, or gives way to one */
        if (!id->is_other && st.st_size > 0 && (id->on_volume || root_is_read_only || st.st_size < ID_LENGTH))
                read_id(fd, path, id);
}

/* Compared by device and inode, as a bind mount of it has them. */
static bool is_hosts(struct croot view, const char *path)
{
        struct stat theirs, ours;
        struct err unused;
        scoped_fd fd = croot_open(view, path, CROOT_ANY, &unused);

        return fd >= 0 && fstat(fd, &theirs) == 0 && stat(path, &ours) == 0 && theirs.st_dev == ours.st_dev &&
               theirs.st_ino == ours.st_ino;
}

int find_places(
        struct croot view, bool root_is_read_only, struct arena *a, struct found *ret_found, struct err *e)
{
#define WHERE(place, path, kind, size, mode, when, optional)                                                 \
        [PLACE_##place] = {path, FIND_##kind, FIND_##when},
        enum { FIND_DIRECTORY, FIND_RUN, FIND_RUN_LOCK, FIND_RUN_HOST, FIND_LOOKED_AT };
        enum { FIND_ALWAYS, FIND_JOURNAL_IS_VOLATILE, FIND_ROOT_IS_READ_ONLY };
        static const struct {
                char path[24];
                unsigned char kind, when;
        } places[] = {PLACES(WHERE)};
#undef WHERE
        struct found found = {0};
        uint64_t rootfs = 0;
        int r = croot_mount_of(view.fd, &rootfs);

        if (r < 0)
                return err_set(e, -r, "look at the mount of the rootfs");
        for (enum place_id i = 0; i < PLACE_COUNT; i++)
                if (places[i].kind <= FIND_RUN_LOCK &&
                        (places[i].when != FIND_ROOT_IS_READ_ONLY || root_is_read_only))
                        find_place(view, rootfs, places[i].path, root_is_read_only, &found.place[i]);
        find_id(view, rootfs, root_is_read_only, a, &found.id);
        found.is_hosts_run = found.place[PLACE_RUN].on_volume && is_hosts(view, "/run");
        *ret_found = found;
        return 0;
}
