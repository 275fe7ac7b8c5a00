/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/croot.h"

#include "base/scope.h"
#include "kernel/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define LINKS_MOST 8 /* that lead nowhere, one behind the other */

static int resolve(struct croot root, const char *path, enum croot_want want)
{
        static const uint64_t flags[] = {
                [CROOT_ANY] = O_PATH,
                [CROOT_DIRECTORY] = O_PATH | O_DIRECTORY,
                [CROOT_READABLE] = O_RDONLY | O_DIRECTORY | O_NONBLOCK,
                [CROOT_FILE] = O_PATH,
                [CROOT_UNFOLLOWED] = O_PATH | O_NOFOLLOW,
                [CROOT_LISTED] = O_PATH,
        };
        const struct open_how how = {
                .flags = flags[want] | O_CLOEXEC,
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS |
                           (want == CROOT_LISTED ? RESOLVE_NO_SYMLINKS : 0),
        };
        int fd = sys_openat2(root.fd, path, &how);

        return fd < 0 ? -errno : fd;
}

static const char *type_name(mode_t mode)
{
        switch (mode & S_IFMT) {
        case S_IFREG:
                return "a regular file";
        case S_IFDIR:
                return "a directory";
        case S_IFLNK:
                return "a symbolic link";
        case S_IFIFO:
                return "a FIFO";
        case S_IFSOCK:
                return "a socket";
        default:
                return "a device";
        }
}

/* A target on proc would hide from the runtime what it checks there before it drops its privileges. */
static int check_target(int fd, const char *path, enum croot_want want, struct err *e)
{
        struct stat st;
        struct statfs fs;

        if (fstatfs(fd, &fs) < 0 || (want == CROOT_FILE && fstat(fd, &st) < 0))
                return err_set(e, errno, "look at the container's %s", path);
        if (want == CROOT_FILE && !S_ISREG(st.st_mode))
                return err_refuse(
                        e, "the container's %s is %s, not a regular file", path, type_name(st.st_mode));
        if (fs.f_type == PROC_SUPER_MAGIC)
                return err_refuse_as(e, EXDEV, "the container's %s leads into /proc", path);
        return 0;
}

int croot_open(struct croot root, const char *path, enum croot_want want, struct err *e)
{
        scoped_fd fd = resolve(root, path, want);

        if (fd < 0)
                return err_set(e, -fd, "look up the container's %s (openat2)", path);
        if (want != CROOT_ANY && want != CROOT_LISTED && want != CROOT_UNFOLLOWED) {
                int r = check_target(fd, path, want, e);
                if (r < 0)
                        return r;
        }
        return take_fd(&fd);
}

int croot_reopen(int found, const char *path, struct err *e)
{
        struct stat st;

        if (fstat(found, &st) < 0)
                return err_set(e, errno, "look at the container's %s", path);
        return croot_reopen_seen(found, &st, path, e);
}

/*
 * Files of these are regular ones, and to read one can do something: it takes records out of the host's kernel log, which an engine
 * covers only after the hooks, or out of a trace, in a volume of the user's.
 */
static bool is_made_up(unsigned type)
{
        static const unsigned types[] = {PROC_SUPER_MAGIC, SYSFS_MAGIC, TRACEFS_MAGIC, DEBUGFS_MAGIC,
                SECURITYFS_MAGIC, SELINUX_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC,
                EFIVARFS_MAGIC, PSTOREFS_MAGIC};

        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
                if (type == types[i])
                        return true;
        return false;
}

static int check_stored(int found, const char *path, struct err *e)
{
        struct statfs fs;

        if (fstatfs(found, &fs) < 0)
                return err_set(e, errno, "look at the container's %s", path);
        return is_made_up((unsigned)fs.f_type)
                       ? err_refuse_as(e, EXDEV,
                                 "the container's %s is no stored file: the kernel makes it up as it is read",
                                 path)
                       : 0;
}

int croot_reopen_seen(int found, const struct stat *st, const char *path, struct err *e)
{
        char link[32];

        if (!S_ISREG(st->st_mode))
                return err_refuse(e, "the container's %s is %s", path, type_name(st->st_mode));

        const int r = check_stored(found, path, e);

        if (r < 0)
                return r;
        snprintf(link, sizeof link, "/proc/self/fd/%d", found);

        int fd = open(link, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

        return fd < 0 ? err_set(e, errno, "open the container's %s", path) : fd;
}

int croot_mount_of(int fd, uint64_t *ret_id)
{
        struct uapi_statx st;

        if (sys_statx(fd, STATX_MNT_ID, &st) < 0)
                return -errno;
        *ret_id = st.stx_mnt_id;
        return (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

int croot_is_mount(int fd)
{
        uint64_t id = 0;

        return croot_mount_of(fd, &id);
}

/*
 * The owner is set on the fd of what was made, because the image may have put another file at the name. A
 * link or the mount point of a volume in its place is not taken.
 */
static int make_one(int parent, const char *name, enum croot_want want, uid_t owner, gid_t group)
{
        const bool directory = want != CROOT_FILE;
        const struct open_how how = {
                .flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
                         (directory ? O_DIRECTORY : O_CREAT | O_EXCL),
                .mode = directory ? 0 : 0444,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
        };

        if (directory && mkdirat(parent, name, 0755) < 0)
                return -errno;

        scoped_fd fd = sys_openat2(parent, name, &how);

        if (fd < 0 || fchown(fd, owner, group) < 0)
                return -errno;
        return 0;
}

struct making {
        const struct croot_making *in;
        struct croot root;
        enum croot_want want;
        int links; /* that led nowhere, so far */
        struct err *e;
};

static int make_path(struct making *m, const char *path);

/*
 * A link that leads nowhere is at path, and rest follows there: what the link leads to is made in its place.
 * The path that it gives is looked up from the root, ".." and all, as every other.
 */
static int make_behind_link(struct making *m, int parent, const char *path, const char *rest)
{
        const char *name = strrchr(path, '/') + 1;
        char target[PATH_MAX], behind[PATH_MAX];
        ssize_t n = readlinkat(parent, name, target, sizeof target - 1);

        if (n <= 0 || ++m->links > LINKS_MOST)
                return err_set(m->e, n < 0 ? errno : ELOOP, "follow the container's %s", path);
        target[n] = '\0';

        const int directory = target[0] == '/' ? 0 : (int)(name - path);
        const int length = snprintf(behind, sizeof behind, "%.*s%s%s", directory, path, target, rest);

        return length < (int)sizeof behind ? make_path(m, behind)
                                           : err_set(m->e, ENAMETOOLONG, "follow the container's %s", path);
}

/* Whether something may be made on the mount that parent is on. */
static int check_mount(const struct making *m, int parent, const char *path)
{
        uint64_t root = 0, mount = 0;
        int r = croot_mount_of(m->root.fd, &root);

        if (r >= 0)
                r = croot_mount_of(parent, &mount);
        if (r < 0)
                return err_set(m->e, -r, "look above the container's %s (statx)", path);
        if (root == mount)
                return 0;
        for (size_t i = 0; i < m->in->mount_count; i++)
                if (m->in->mounts[i] == mount)
                        return 0;
        return err_refuse_as(
                m->e, EXDEV, "the container's %s is missing, and would have to be made on a volume", path);
}

/*
 * What is missing of path below parent, whose path is all before the last '/'. Returns an fd of path and rest
 * for a link.
 */
static int make_missing(struct making *m, int parent, const char *path, const char *rest)
{
        const enum croot_want kind = *rest ? CROOT_DIRECTORY : m->want;
        int r = check_mount(m, parent, path);

        if (r < 0)
                return r;
        r = make_one(parent, strrchr(path, '/') + 1, kind, m->in->owner, m->in->group);
        if (r == -EEXIST)
                return make_behind_link(m, parent, path, rest);
        return r < 0 ? err_set(m->e, -r, "make the container's %s", path)
                     : croot_open(m->root, path, kind, m->e);
}

static int make_path(struct making *m, const char *path)
{
        char part[PATH_MAX] = "";
        scoped_fd parent = -1;
        int fd = -1;

        if (path[0] != '/' || strlen(path) >= sizeof part)
                return err_set(m->e, ENAMETOOLONG, "make the container's %s", path);
        parent = croot_open(m->root, "/", CROOT_DIRECTORY, m->e);
        for (size_t length = 0; parent >= 0; parent = fd) {
                const int links = m->links;

                length += 1 + strcspn(path + length + 1, "/");
                memcpy(part, path, length);
                part[length] = '\0';
                fd = croot_open(m->root, part, path[length] ? CROOT_DIRECTORY : m->want, m->e);
                if (fd == -ENOENT)
                        fd = make_missing(m, parent, part, path + length);
                /* behind a link all is made */
                if (fd < 0 || !path[length] || m->links != links)
                        return fd;
                close(parent);
        }
        return parent;
}

int croot_make(struct croot root, const char *path, enum croot_want want, const struct croot_making *making,
        struct err *e)
{
        struct making m = {making, root, want, 0, e};
        int fd = croot_open(root, path, want, e);

        return fd == -ENOENT ? make_path(&m, path) : fd;
}
