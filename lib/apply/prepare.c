/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/private.h"

#include "apply/hold.h"
#include "apply/subtree.h"
#include "base/file.h"
#include "base/scope.h"
#include "kernel/entries.h"
#include "kernel/rootless.h"

#include <errno.h>
#include <fcntl.h>

static int delegate(struct applying *a, int mount, const struct step *s)
{
        const struct plan *p = a->in->plan;

        if (!*a->delegate) {
                int r = file_read(
                        AT_FDCWD, "/sys/kernel/cgroup/delegate", a->delegate, sizeof a->delegate, a->e);

                if (r < 0)
                        return r;
        }
        return subtree_delegate(mount, s->path, a->delegate, p->owner, p->group, a->e);
}

/* Read-only comes last: until then it is filled. What has to be copied in is filled when the image can be
 * seen. */
int apply_prepare_tmpfs(struct applying *a, const struct step *s)
{
        const struct plan *p = a->in->plan;
        const struct tmpfs *t = s->tmpfs;
        const struct mount_tmpfs wanted = {
                .size = t->size,
                .inodes = t->inodes,
                .mode = t->mode ? t->mode : 0755,
                .owner = p->owner,
                .group = p->group,
                .label = p->label,
        };
        scoped_fd mount = mount_tmpfs(&wanted, t->attributes & ~(uint64_t)MOUNT_ATTR_RDONLY, a->e);

        if (mount < 0)
                return mount;

        int r = entries_make(mount, t, true, p->owner, p->group, a->e);

        if (r == 0 && (t->shared || t->attributes & MOUNT_ATTR_RDONLY))
                r = mount_attributes(
                        mount, t->attributes & MOUNT_ATTR_RDONLY, 0, t->shared ? MS_SHARED : 0, false, a->e);
        if (r < 0)
                return err_within(a->e, "%s", s->target);
        *apply_mount_of(a, s) = take_fd(&mount);
        return 0;
}

/* What the kernel kept from a hook that is a user's. */
static int explain(struct applying *a, const struct step *s, int r)
{
        if (r >= 0 || !a->in->container->rootless)
                return r;
        if (s->action == STEP_HOLD && !s->source) {
                err_refuse(a->e, "%s is mounted nowhere on this host, and only root can mount it",
                        hierarchy_names[s->hierarchy]);
                return s->hierarchy == HIERARCHY_UNIFIED
                               ? err_hint(a->e, "boot the host with unified cgroups: "
                                                "systemd.unified_cgroup_hierarchy=1")
                               : err_hint(a->e, "remove the cgroup setting; a payload that supports no other "
                                                "layout needs "
                                                "an engine that root runs");
        }
        return r == -EACCES || r == -EPERM ? rootless_hint(a->e) : r;
}

/* The mount of the step's hierarchy that HOLD took, or -EINVAL. */
static int held(struct applying *a, const struct step *s)
{
        const int mount = a->hierarchy[s->hierarchy];

        return mount >= 0 ? mount
                          : err_refuse(a->e, "internal error: the plan uses %s before it is held",
                                    hierarchy_names[s->hierarchy]);
}

int apply_prepare_hold(struct applying *a, const struct step *s)
{
        const int mount = hold_for_container(a->in->container, s->hierarchy, s->source, a->e);

        a->hierarchy[s->hierarchy] = mount < 0 ? -1 : mount;
        return mount < 0 ? explain(a, s, err_within(a->e, "%s", hierarchy_names[s->hierarchy])) : 0;
}

int apply_prepare_view(struct applying *a, const struct step *s)
{
        int *mount = &a->view[s->hierarchy];

        if (*mount >= 0)
                return err_refuse(
                        a->e, "internal error: the plan views %s twice", hierarchy_names[s->hierarchy]);
        *mount = hold_for_host(s->hierarchy, s->source, a->e);
        return *mount < 0 ? *mount : 0;
}

int apply_prepare_make(struct applying *a, const struct step *s)
{
        const int mount = held(a, s), r = mount < 0 ? mount : subtree_make(mount, s->path, a->e);

        a->has_made |= r == 0 && s->record;
        return explain(a, s, r);
}

/* The kernel takes a number: looked at last, it is still this process's, and not that of one that came after. */
int apply_prepare_join(struct applying *a, const struct step *s)
{
        const struct container *c = a->in->container;
        const int mount = held(a, s);
        int r = mount < 0 ? mount : container_check_alive(c, a->e);

        if (r >= 0)
                r = subtree_join(mount, s->path, c->pid, a->e);
        return explain(a, s, r);
}

/* A user's cgroup may have files of root's: then its bounds are the user's own affair. */
int apply_prepare_bound(struct applying *a, const struct step *s)
{
        const int mount = held(a, s);
        const int r = mount < 0 ? mount : subtree_bound(mount, s->path, s->most, s->depth, a->e);

        return (r == -EACCES || r == -EPERM) && a->in->container->rootless ? 0 : r;
}

int apply_prepare_enable(struct applying *a, const struct step *s)
{
        const int mount = held(a, s);

        int r = mount < 0 ? mount : subtree_enable(mount, s->path, a->e);

        /* a cgroup that has processes hands nothing down: they are strangers, as the container's own have moved */
        if (r == -EBUSY && s->evict && subtree_evict(mount, s->path) > 0)
                r = subtree_enable(mount, s->path, a->e);
        return explain(a, s, r);
}

int apply_prepare_delegate(struct applying *a, const struct step *s)
{
        const int mount = held(a, s);

        return explain(a, s, mount < 0 ? mount : delegate(a, mount, s));
}
