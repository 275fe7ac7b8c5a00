/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/hold.h"

#include "base/file.h"
#include "base/scope.h"
#include "kernel/proc_text.h"
#include "kernel/self.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#define ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/*
 * A copy of the host's mount of h, made writable: where the host mounts it read-only, cgroups could not be
 * made. The type is asked of the copy, because another mount may have covered source since it was looked at.
 */
static int clone_of(enum hierarchy h, const char *source, struct err *e)
{
        scoped_fd mount = mount_clone(AT_FDCWD, source, false, e);
        struct statfs fs;

        if (mount < 0)
                return mount;
        if (fstatfs(mount, &fs) < 0)
                return err_set(e, errno, "look at %s", source);
        if (fs.f_type != (h == HIERARCHY_UNIFIED ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC))
                return err_refuse(e, "%s is not a %s mount", source, hierarchy_names[h]);
        int r = mount_attributes(mount, ATTRIBUTES, MOUNT_ATTR_RDONLY, MS_PRIVATE, false, e);
        return r < 0 ? r : take_fd(&mount);
}

/* Whether /proc/self/cgroup has this text, which may begin within a line: 1, 0, or -errno. */
static int is_in_membership(const char *wanted, struct err *e)
{
        filled_later char text[PROC_CGROUP_MOST];

        text[0] = '\n';

        const int r = file_read(AT_FDCWD, "/proc/self/cgroup", text + 1, sizeof text - 1, e);

        return r < 0 ? r : strstr(text, wanted) != NULL;
}

int hold_exists(enum hierarchy h, struct err *e)
{
        return is_in_membership(h == HIERARCHY_UNIFIED ? "\n0::/" : ":name=systemd:/", e);
}

/*
 * A mount of cgroup2 from the host's cgroup namespace would set its flags anew for the whole host (nsdelegate
 * off); from any other namespace they stay. At the root of the hierarchy a namespace of our own shows all of
 * it.
 */
static int fresh_unified(struct err *e)
{
        int r = is_in_membership("\n0::/\n", e);

        if (r < 0)
                return r;
        if (r == 0) {
                err_refuse(e, "cgroup2 is mounted nowhere on this host, and the hook is not at its root");
                return err_hint(e, "mount it: mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified");
        }

        r = self_new_cgroup_namespace(e);
        return r < 0 ? r : mount_hierarchy(HIERARCHY_UNIFIED, e);
}

int hold_for_host(enum hierarchy h, const char *mounted, struct err *e)
{
        if (mounted)
                return clone_of(h, mounted, e);
        return h == HIERARCHY_UNIFIED ? fresh_unified(e) : mount_hierarchy(h, e);
}

struct fresh {
        enum hierarchy hierarchy;
        int mount;
};

static int mount_fresh(void *with, struct err *e)
{
        struct fresh *f = with;

        f->mount = mount_hierarchy(f->hierarchy, e);
        return f->mount < 0 ? f->mount : 0;
}

int hold_for_container(const struct container *c, enum hierarchy h, const char *source, struct err *e)
{
        if (source || !c->other_cgroup_namespace)
                return hold_for_host(h, source, e);

        /* name=systemd can be made from the host's namespace only; it lives on while one mount of it does */
        scoped_fd first = h == HIERARCHY_SYSTEMD ? mount_hierarchy(h, e) : -1;
        struct fresh f = {.hierarchy = h, .mount = -1};

        if (h == HIERARCHY_SYSTEMD && first < 0)
                return first;
        int r = container_in_cgroup_namespace(c, mount_fresh, &f, e);
        return r < 0 ? r : f.mount;
}
