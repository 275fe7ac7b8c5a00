/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/private.h"

#include "apply/hold.h"
#include "apply/subtree.h"
#include "base/scope.h"
#include "kernel/entries.h"
#include "kernel/rootless.h"

#include <errno.h>
#include <fcntl.h>

static int held(struct applying *a, const struct step *s)
{
        return a->hierarchy[s->hierarchy] >= 0 ? 0
                                               : err_refuse(a->e, "the plan uses %s before it is held",
                                                         hierarchy_names[s->hierarchy]);
}

static int delegate(struct applying *a, const struct step *s)
{
        const struct plan *p = a->in->plan;

        if (!*a->delegate) {
                scoped_fd fd = open("/sys/kernel/cgroup/delegate", O_RDONLY | O_CLOEXEC);
                ssize_t n = fd < 0 ? -1 : read(fd, a->delegate, sizeof a->delegate - 1);

                if (n < 0)
                        return err_set(a->e, errno, "read /sys/kernel/cgroup/delegate");
                a->delegate[n] = '\0';
        }
        return subtree_delegate(a->hierarchy[s->hierarchy], s->path, a->delegate, p->owner, p->group, a->e);
}

/* Read-only comes last: until then it is filled. What has to be copied in is filled when the image can be
 * seen. */
static int make_tmpfs(struct applying *a, size_t step)
{
        const struct plan *p = a->in->plan;
        const struct tmpfs *t = p->steps[step].tmpfs;
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
                return err_within(a->e, "%s", p->steps[step].target);
        a->mounts[step] = take_fd(&mount);
        return 0;
}

/* The kernel takes a number: looked at last, it is still this process's, and not that of one that came after.
 */
static int join(struct applying *a, const struct step *s)
{
        const struct container *c = a->in->container;
        int r = container_check_alive(c, a->e);

        return r < 0 ? r : subtree_join(a->hierarchy[s->hierarchy], s->path, c->pid, a->e);
}

static int prepare_cgroup(struct applying *a, const struct step *s)
{
        int *mount = &a->hierarchy[s->hierarchy];
        int r = s->action == STEP_HOLD ? 0 : held(a, s);

        if (r < 0)
                return r;
        switch (s->action) {
        case STEP_HOLD:
                *mount = hold_for_container(a->in->container, s->hierarchy, s->source, a->e);
                return *mount < 0 ? err_within(a->e, "%s", hierarchy_names[s->hierarchy]) : 0;
        case STEP_MAKE:
                r = subtree_make(*mount, s->path, a->e);
                a->has_made |= r == 0 && s->record;
                return r;
        case STEP_JOIN:
                return join(a, s);
        case STEP_ENABLE:
                return subtree_enable(*mount, s->path, a->e);
        default:
                return delegate(a, s);
        }
}

/* What the kernel kept from a hook that is a user's. */
static int explain(struct applying *a, const struct step *s, int r)
{
        if (s->action == STEP_HOLD && !s->source) {
                err_refuse(a->e, "%s is mounted nowhere on this host, and root alone can mount it",
                        hierarchy_names[s->hierarchy]);
                return s->hierarchy == HIERARCHY_UNIFIED
                               ? err_hint(a->e, "boot the host with unified cgroups: "
                                                "systemd.unified_cgroup_hierarchy=1")
                               : err_hint(a->e, "leave cgroup at auto; a payload that knows no other needs "
                                                "an engine that root runs");
        }
        return r == -EACCES || r == -EPERM ? rootless_hint(a->e) : r;
}

int apply_prepare(struct applying *a, size_t step)
{
        const struct step *s = &a->in->plan->steps[step];
        int r;

        switch (s->action) {
        case STEP_HOLD:
        case STEP_MAKE:
        case STEP_JOIN:
        case STEP_ENABLE:
        case STEP_DELEGATE:
                r = prepare_cgroup(a, s);
                return r < 0 && a->in->container->rootless ? explain(a, s, r) : r;
        case STEP_TMPFS:
                return make_tmpfs(a, step);
        default:
                return 0; /* ATTACH's */
        }
}
