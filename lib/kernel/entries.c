/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/entries.h"

#include "base/file.h"
#include "base/scope.h"
#include "kernel/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int make_file(int dir, const char *name, const struct entry *entry)
{
        scoped_fd fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, entry->mode);

        if (fd < 0)
                return -errno;
        return *entry->content ? file_write(fd, entry->content, strlen(entry->content)) : 0;
}

static int make_one(int dir, const char *name, const struct entry *entry)
{
        static const mode_t types[] = {[ENTRY_FIFO] = S_IFIFO,
                [ENTRY_SOCKET] = S_IFSOCK,
                [ENTRY_CHARACTER] = S_IFCHR,
                [ENTRY_BLOCK] = S_IFBLK};

        if (entry->kind == ENTRY_FILE)
                return make_file(dir, name, entry);
        if (entry->kind == ENTRY_DIRECTORY)
                return mkdirat(dir, name, entry->mode) < 0 ? -errno : 0;
        if (entry->kind == ENTRY_LINK)
                return symlinkat(entry->content, dir, name) < 0 ? -errno : 0;
        return mknodat(dir, name, types[entry->kind] | entry->mode, makedev(0, 0)) < 0 ? -errno : 0;
}

static int is_directory(int dir, const char *name)
{
        struct stat st;

        return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* The directory that path goes into. */
static int open_parent(int fd, const char *path)
{
        const struct open_how how = {
                .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
        };
        const char *slash = strrchr(path, '/');
        char directory[128];

        snprintf(directory, sizeof directory, "%.*s", (int)(slash - path), path);

        int parent = sys_openat2(fd, directory, &how);

        return parent < 0 ? -errno : parent;
}

static int put_at(int dir, const char *name, const struct entry *entry, uid_t owner, gid_t group)
{
        int r = make_one(dir, name, entry);

        if (r == -EEXIST && entry->kind == ENTRY_DIRECTORY && is_directory(dir, name))
                return 0;
        if (r == -EEXIST && unlinkat(dir, name, 0) == 0)
                r = make_one(dir, name, entry);
        if (r == 0 && (owner || group) && fchownat(dir, name, owner, group, AT_SYMLINK_NOFOLLOW) < 0)
                r = -errno;
        return r;
}

/* In a tmpfs that only this process can reach yet, there is no link but ours. */
static int put(int fd, const struct entry *entry, bool is_private, uid_t owner, gid_t group)
{
        const char *slash = strrchr(entry->path, '/');

        if (!slash || is_private)
                return put_at(fd, entry->path, entry, owner, group);

        scoped_fd parent = open_parent(fd, entry->path);

        return parent < 0 ? parent : put_at(parent, slash + 1, entry, owner, group);
}

int entries_make(int fd, const struct tmpfs *t, bool is_private, uid_t owner, gid_t group, struct err *e)
{
        for (size_t i = 0; i < t->entry_count; i++) {
                const struct entry *entry = &t->entries[i];
                int r = put(fd, entry, is_private, owner, group);

                /* without CAP_MKNOD; systemd takes another of the nodes then */
                if (r == -EPERM && (entry->kind == ENTRY_CHARACTER || entry->kind == ENTRY_BLOCK))
                        continue;
                if (r == -EXDEV) /* a volume is mounted on the way: what is in it is its user's */
                        continue;
                if (r < 0)
                        return err_set(e, -r, "make %s in a tmpfs of the container", entry->path);
        }
        return 0;
}
