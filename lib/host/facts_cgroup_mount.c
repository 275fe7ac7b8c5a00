/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/facts_cgroup_mount.h"

#include "base/path.h"
#include "base/scope.h"
#include "host/facts_mounts.h"

#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define CGROUPS "/sys/fs/cgroup"

const char *const facts_directories[HIERARCHIES] = {
        [HIERARCHY_UNIFIED] = "/sys/fs/cgroup/unified",
        [HIERARCHY_SYSTEMD] = "/sys/fs/cgroup/systemd",
};

static int no_sysfs(struct err *e)
{
        err_refuse(e, "the container has no sysfs on /sys");
        return err_hint(e, "systemd needs it: leave the engine's default mounts in place");
}

static int no_sysfs_but_a_mount(struct err *e)
{
        err_refuse(e, "a volume hides the container's sysfs on /sys, which systemd needs");
        return err_hint(e, "leave the volume on /sys out");
}

static int no_cgroup_directory(struct err *e)
{
        err_refuse(e, "the container has no directory " CGROUPS ", as a volume hides that of sysfs");
        return err_hint(e, "leave the volume on /sys/fs out");
}

static bool is_type(int fd, long magic)
{
        struct statfs fs;

        return fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == magic;
}

static bool has_mount_on_sys(const struct facts *f)
{
        for (size_t i = 0; i < f->mount_count; i++)
                if (strcmp(f->mounts[i], "/sys") == 0)
                        return true;
        return false;
}

/* The engine's tmpfs is where hierarchies are mounted; one without is a volume, which may be a tmpfs, too. */
static bool has_hierarchies(struct croot view, const struct facts *f)
{
        struct err unused;

        for (size_t i = 0; i < f->mount_count; i++) {
                const char *below = path_below(f->mounts[i], CGROUPS);

                if (!below || !*below)
                        continue;

                scoped_fd fd = croot_open(view, f->mounts[i], CROOT_ANY, &unused);

                if (is_type(fd, CGROUP_SUPER_MAGIC) || is_type(fd, CGROUP2_SUPER_MAGIC))
                        return true;
        }
        return false;
}

static enum cgroup_mount kind_of(int fd, dev_t device, struct croot view, const struct facts *f)
{
        struct stat ours;

        if (croot_is_mount(fd) != 1)
                return CGROUP_MOUNT_NONE;
        if (is_type(fd, CGROUP2_SUPER_MAGIC))
                return CGROUP_MOUNT_UNIFIED;
        if (!is_type(fd, TMPFS_MAGIC))
                return CGROUP_MOUNT_NONE;
        if (stat(CGROUPS, &ours) == 0 && ours.st_dev == device)
                return CGROUP_MOUNT_HOSTS;
        return has_hierarchies(view, f) ? CGROUP_MOUNT_TMPFS : CGROUP_MOUNT_NONE;
}

/*
 * A real sysfs on /sys, where the image cannot have put a link: then /sys/fs/cgroup is what the engine
 * mounted there, or an empty directory. The directory of the host is bound in when it is the same one:
 * nothing may be made in it.
 */
int facts_cgroup_mount(struct croot view, struct facts *f, struct err *e)
{
        struct stat theirs;
        scoped_fd sys = croot_open(view, "/sys", CROOT_ANY, e);
        scoped_fd fd = croot_open(view, CGROUPS, CROOT_ANY, e);

        if (!is_type(sys, SYSFS_MAGIC))
                return has_mount_on_sys(f) ? no_sysfs_but_a_mount(e) : no_sysfs(e);
        if (fd < 0)
                return no_cgroup_directory(e);
        if (fstat(fd, &theirs) < 0)
                return err_set(e, errno, "look at the container's " CGROUPS);
        f->cgroup_mount = kind_of(fd, theirs.st_dev, view, f);
        for (int h = 0; h < HIERARCHIES; h++)
                f->has_directory[h] = fstatat(fd, strrchr(facts_directories[h], '/') + 1, &theirs,
                                              AT_SYMLINK_NOFOLLOW) == 0 &&
                                      S_ISDIR(theirs.st_mode);
        return 0;
}

/* Whether a bind of the host's brings the host's own cgroups to /sys/fs/cgroup: that directory, one of it, or one above. */
static bool brings_cgroups(const struct oci_mount *m)
{
        const char *rest = m->is_bind && m->source ? path_below(CGROUPS, m->destination) : NULL;
        const size_t n = rest ? strlen(m->source) : 0;

        if (!rest)
                return false;
        if (!*rest)
                return path_below(m->source, CGROUPS);
        return strncmp(CGROUPS, m->source, n) == 0 && strcmp(&CGROUPS[n], rest) == 0;
}

static bool has_cgroups_below(const struct oci_config *c)
{
        for (size_t i = 0; i < c->mount_count; i++) {
                const char *below = path_below(c->mounts[i].destination, CGROUPS);

                if (below && *below && (c->mounts[i].is_cgroup || brings_cgroups(&c->mounts[i])))
                        return true;
        }
        return false;
}

static enum cgroup_mount expect(const struct oci_config *c, const struct oci_mount *m, const struct facts *f)
{
        if (!m || !(m->is_cgroup || brings_cgroups(m) || (m->is_tmpfs && has_cgroups_below(c))))
                return CGROUP_MOUNT_NONE;
        return f->host == HOST_UNIFIED ? CGROUP_MOUNT_UNIFIED
               : brings_cgroups(m)     ? CGROUP_MOUNT_HOSTS
                                       : CGROUP_MOUNT_TMPFS;
}

/* A volume on /sys/fs that has no directory of that name. */
static bool hides_cgroups(const struct oci_mount *m)
{
        struct stat st;
        filled_later char path[PATH_MAX];

        if (!m || strcmp(m->destination, "/sys/fs") != 0 || !(m->is_tmpfs || (m->is_bind && m->source)))
                return false;
        if (m->is_tmpfs)
                return true;
        snprintf(path, sizeof path, "%s/cgroup", m->source);
        return stat(m->source, &st) == 0 && stat(path, &st) < 0 && errno == ENOENT;
}

int facts_cgroup_mount_expect(const struct oci_config *c, struct arena *a, struct facts *f, struct err *e)
{
        const struct oci_mount *sys = NULL, *cgroup = NULL;
        int r = facts_mounts_seen(c, "/sys", a, &sys, e);

        if (r == 0)
                r = facts_mounts_seen(c, CGROUPS, a, &cgroup, e);
        if (r < 0)
                return r;
        if (!sys || !(sys->is_sysfs || (sys->is_bind && sys->source && strcmp(sys->source, "/sys") == 0)))
                return sys ? no_sysfs_but_a_mount(e) : no_sysfs(e);
        if (hides_cgroups(cgroup))
                return no_cgroup_directory(e);
        f->cgroup_mount = expect(c, cgroup, f);
        for (int h = 0; h < HIERARCHIES; h++)
                f->has_directory[h] = f->mounted_at[h] &&
                                      (f->cgroup_mount == CGROUP_MOUNT_HOSTS
                                                      ? strcmp(f->mounted_at[h], facts_directories[h]) == 0
                                                      : h == HIERARCHY_SYSTEMD);
        return 0;
}
