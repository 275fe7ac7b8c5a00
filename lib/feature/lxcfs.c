/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/scope.h"
#include "feature/feature.h"
#include "kernel/child.h"
#include "kernel/mount.h"
#include "kernel/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

/*
 * LXCFS is a FUSE file system of the host's: files of /proc that tell a container its own limits. Its server may have
 * died or may never answer, so whatever asks it is done by a child with a time limit; what has not answered by then is left out.
 */

#define LIMIT 300 /* milliseconds, for all files together */

/* Where its packages mount it: lxcfs, incus. */
static const char places[][24] = {"/var/lib/lxcfs", "/var/lib/incus-lxcfs"};

/* Not slabinfo, which takes a quarter of a second and which nothing of systemd reads. */
static const char names[LXCFS_FILES][28] = {"proc/cpuinfo", "proc/diskstats", "proc/loadavg", "proc/meminfo",
        "proc/stat", "proc/swaps", "proc/uptime", "proc/pressure/cpu", "proc/pressure/io",
        "proc/pressure/memory", "sys/devices/system/cpu"};

int lxcfs_plan(struct planning *p)
{
        if (p->in->settings->lxcfs)
                feature_step(p, FEATURE_LXCFS, "/proc",
                        "meminfo, cpuinfo and the like, also /sys/devices/system/cpu, from lxcfs as far as "
                        "it answers");
        return p->failed;
}

/* Of a file its first byte, of a directory its first entries: that the server answers. */
static bool answers(int fd)
{
        char buffer[1024];
        struct stat st;

        if (fstat(fd, &st) < 0)
                return false;
        return S_ISDIR(st.st_mode) ? syscall(SYS_getdents64, fd, buffer, sizeof buffer) > 0
                                   : S_ISREG(st.st_mode) && read(fd, buffer, 1) == 1;
}

static int take_one(int top, const char *name)
{
        const struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV};
        struct err unused;
        struct statfs fs;
        scoped_fd fd = sys_openat2(top, name, &how);

        if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != FUSE_SUPER_MAGIC || !answers(fd))
                return -1;
        return mount_clone(fd, "", false, &unused);
}

/* The child's work. It shares descriptors: a mount is the hook's as soon as its number is noted. */
static void take_all(void *with)
{
        struct feature_start *s = with;

        for (size_t place = 0; place < sizeof places / sizeof *places; place++) {
                struct statfs fs;
                scoped_fd top = open(places[place], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

                if (top < 0 || fstatfs(top, &fs) < 0 || fs.f_type != FUSE_SUPER_MAGIC)
                        continue;
                for (size_t i = 0; i < LXCFS_FILES; i++) {
                        s->lxcfs.mount[i] = take_one(top, names[i]);
                        s->lxcfs.count += s->lxcfs.mount[i] >= 0;
                }
                return;
        }
}

int lxcfs_prepare(struct feature_start *s, struct err *e)
{
        const int r = child_within(LIMIT, take_all, s, e);

        if (r < 0)
                return r;
        if (r == 1)
                feature_note(s, "lxcfs: only %u files answered within %d ms", s->lxcfs.count, LIMIT);
        else if (s->lxcfs.count == 0)
                feature_note(s, "lxcfs=on has no effect: no lxcfs answers at %s; start it", places[0]);
        return 0;
}

/* The engine's mount at path, from which nothing is to reach the host. */
static int open_engines(struct croot root, const char *path, long magic, uint64_t *ret_id)
{
        struct err unused;
        struct statfs fs;
        scoped_fd top = croot_open(root, path, CROOT_LISTED, &unused);

        if (top < 0 || fstatfs(top, &fs) < 0 || fs.f_type != magic || croot_mount_of(top, ret_id) != 1 ||
                mount_make_slave(top, path, &unused) < 0)
                return -1;
        return take_fd(&top);
}

/* What the user has mounted there wins; what the kernel does not have is left out. */
static int attach_one(
        struct croot root, const char *name, uint64_t id, int mount, unsigned *attached, struct err *e)
{
        char path[32];
        struct err unused;
        uint64_t found = 0;

        snprintf(path, sizeof path, "/%s", name);

        scoped_fd target = croot_open(root, path, CROOT_LISTED, &unused);

        if (target < 0 || croot_mount_of(target, &found) != 0 || found != id)
                return 0;
        int r = mount_attributes(mount,
                MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0, MS_PRIVATE,
                false, e);
        if (r == 0)
                r = mount_attach(mount, target, path, e);
        *attached += r == 0;
        return r;
}

int lxcfs_attach(struct feature_start *s, const struct apply_place *place, struct err *e)
{
        uint64_t proc_id = 0, sys_id = 0;
        scoped_fd proc = open_engines(place->root, "/proc", PROC_SUPER_MAGIC, &proc_id);
        scoped_fd sys = open_engines(place->root, "/sys", SYSFS_MAGIC, &sys_id);
        unsigned attached = 0;
        int r = 0;

        for (size_t i = 0; r == 0 && i < LXCFS_FILES; i++) {
                const bool is_proc = names[i][0] == 'p';

                if (s->lxcfs.mount[i] >= 0 && (is_proc ? proc : sys) >= 0)
                        r = attach_one(place->root, names[i], is_proc ? proc_id : sys_id, s->lxcfs.mount[i],
                                &attached, e);
        }
        if (r == 0 && s->lxcfs.count && !attached)
                feature_note(
                        s, "lxcfs=on has no effect: mounts of the user's are on the files of /proc and /sys");
        return r;
}

void lxcfs_release(struct feature_start *s)
{
        for (size_t i = 0; i < LXCFS_FILES; i++) {
                scope_close(&s->lxcfs.mount[i]);
                s->lxcfs.mount[i] = -1;
        }
}
