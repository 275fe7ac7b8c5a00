/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/private.h"

#include "base/path.h"
#include "base/scope.h"
#include "kernel/child.h"
#include "kernel/copy_in.h"
#include "kernel/entries.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define CLIMB_MOST 4096u /* directories of a path */

/*
 * Where a mount of ours may go: a link of the image can lead a target onto a volume, and a mount on a volume
 * that the host shares would reach the host. So a target is on a mount that belongs to this container alone,
 * and that nothing leaves: the rootfs, a tmpfs of ours, the engine's cgroup mounts.
 */
int apply_trust(struct applying *a, int fd, bool own)
{
        uint64_t id = 0;
        int r = croot_mount_of(fd, &id);

        if (r < 0)
                return err_set(a->e, -r, "look at a mount of the container (statx)");
        if (a->trusted_count == TRUSTED_MOST)
                return err_refuse(a->e, "internal error: the plan has more than %d mounts", TRUSTED_MOST);
        a->trusted[a->trusted_count++] = id;
        if (own)
                a->own[a->own_count++] = id;
        return 0;
}

/* is_file: what is mounted on a file is trusted, too, where the user's mount there was claimed. */
static int check_trusted(struct applying *a, int target, const char *path, bool is_file)
{
        uint64_t id = 0;
        int root = croot_mount_of(target, &id);

        if (root < 0)
                return err_set(a->e, -root, "look at the container's %s (statx)", path);
        for (size_t i = 0; (root == 0 || is_file) && i < a->trusted_count; i++)
                if (a->trusted[i] == id)
                        return 0;
        err_refuse_as(a->e, EXDEV, "the container's %s leads onto a volume or another file system", path);
        return err_hint(a->e, "make it a directory in the image");
}

/* The user's mount that was claimed. In it mount points are made: so it is looked up by no link, which may be there by now. */
static int open_base(struct applying *a, const char *base)
{
        scoped_fd fd = croot_open(a->root, base, CROOT_LISTED, a->e);

        if (fd < 0)
                return fd;
        if (croot_is_mount(fd) != 1)
                return err_refuse(a->e, "the container's %s was a mount and no longer is one", base);

        const int r = check_trusted(a, fd, base, true);

        return r < 0 ? r : take_fd(&fd);
}

/* The mount point of a step; it is made where it is missing. */
static int open_target(struct applying *a, const struct step *s, enum croot_want want)
{
        const struct plan *p = a->in->plan;
        struct croot base = a->root;
        scoped_fd opened = -1;

        if (s->base) {
                opened = open_base(a, s->base);
                if (opened < 0)
                        return opened;
                base.fd = opened;
        }

        const struct croot_making making = {p->owner, p->group, a->own, a->own_count};
        scoped_fd target = croot_make(base, s->target + (s->base ? strlen(s->base) : 0), want, &making, a->e);

        if (target < 0)
                return target;
        int r = check_trusted(a, target, s->target, want == CROOT_FILE);
        return r < 0 ? r : take_fd(&target);
}

/* A place that is not there, and that a read-only image, a volume or a dangling link does not let us make. */
static bool may_be_left_out(struct applying *a, const struct step *s, int r)
{
        struct apply_left_out *left = a->in->left_out;

        if (!s->optional || (r != -EROFS && r != -EXDEV && r != -ENOENT && r != -EEXIST && r != -EPERM))
                return false;
        if (left && left->count < APPLY_LEFT_OUT_MOST) {
                left->leads_away[left->count] = r == -EXDEV;
                left->target[left->count++] = s->target;
        }
        return true;
}

/*
 * The mount itself and no copy of it, which would miss what the runtime still does to it: crun makes mounts
 * read-only after the hooks.
 */
int apply_attach_stash(struct applying *a, const struct step *s)
{
        const char *target = s->target;
        scoped_fd fd = croot_open(a->root, target, CROOT_LISTED, a->e);

        if (fd == -ENOENT) /* unmounted since, or only expected */
                return 0;
        if (fd < 0)
                return fd;
        if (croot_is_mount(fd) != 1)
                return err_refuse(a->e, "the container's %s was a mount and no longer is one", target);
        *apply_mount_of(a, s) = take_fd(&fd);
        return 0;
}

/* What STEP_STASH of the same target holds. */
static int take_stashed(struct applying *a, const char *target)
{
        const struct plan *p = a->in->plan;

        for (size_t i = 0; i < p->count; i++)
                if (p->steps[i].action == STEP_STASH && strcmp(p->steps[i].target, target) == 0)
                        return take_fd(&a->mounts[i]);
        return -1;
}

/* The tmpfs of ours that target now lies in: the last attached one above it. */
static int tmpfs_above(struct applying *a, const char *target, const char **ret_below)
{
        const struct plan *p = a->in->plan;
        int mount = -1;
        size_t longest = 0;

        for (size_t i = 0; i < p->count; i++) {
                const char *below =
                        p->steps[i].action == STEP_TMPFS ? path_below(target, p->steps[i].target) : NULL;

                if (below && *below && a->mounts[i] >= 0 && strlen(p->steps[i].target) > longest) {
                        longest = strlen(p->steps[i].target);
                        mount = a->mounts[i];
                        *ret_below = below;
                }
        }
        return mount;
}

int apply_attach_restore(struct applying *a, const struct step *s)
{
        const struct plan *p = a->in->plan;
        const char *below = NULL;
        struct stat st;
        scoped_fd kept = take_stashed(a, s->target);

        if (kept < 0)
                return 0;
        if (fstat(kept, &st) < 0)
                return err_set(a->e, errno, "look at the container's %s", s->target);

        struct croot tmpfs = {tmpfs_above(a, s->target, &below)};

        if (tmpfs.fd < 0) /* the tmpfs was left out, and covers nothing */
                return 0;

        enum croot_want want = S_ISDIR(st.st_mode) ? CROOT_DIRECTORY : CROOT_FILE;
        const struct croot_making making = {.owner = p->owner, .group = p->group};
        scoped_fd target = croot_make(tmpfs, below, want, &making, a->e);
        uint64_t ours = 0, theirs = 0;

        if (target < 0)
                return target;
        /* what was copied in may have a link, onto a volume that was returned before and that the host sees
         */
        if (croot_mount_of(tmpfs.fd, &ours) < 0 || croot_mount_of(target, &theirs) != 0 || ours != theirs) {
                err_refuse_as(a->e, EXDEV, "the container's %s leads onto another volume", s->target);
                return err_hint(a->e, "the image was changed while the container started");
        }
        int r = mount_attach(kept, target, s->target, a->e);

        return r == -EINVAL
                       ? err_hint(a->e,
                                 "the mount below it is shared with the host: remove one of the two volumes")
                       : r;
}

struct copy {
        int from, to;
        const char *path;
        struct copy_size *left;
};

static int work_copy(void *with, struct err *e)
{
        const struct copy *c = with;

        return copy_in(c->from, c->to, c->path, c->left, e);
}

static int copy_image(struct applying *a, const struct tmpfs *t, const char *path, int target, int mount)
{
        struct stat st;

        if (t->image_mode &&
                (fstat(target, &st) < 0 || fchownat(mount, "", st.st_uid, st.st_gid, AT_EMPTY_PATH) < 0 ||
                        fchmodat(mount, ".", st.st_mode & 07777, 0) < 0))
                return err_set(a->e, errno, "give the tmpfs at %s its owner", path);

        struct copy copy = {target, mount, path, &a->left};

        return a->charge < 0 ? work_copy(&copy, a->e) : child_in_cgroup(a->charge, work_copy, &copy, a->e);
}

int apply_attach_tmpfs(struct applying *a, const struct step *s)
{
        int *mount = apply_mount_of(a, s);
        const enum croot_want want = s->tmpfs->copy ? CROOT_READABLE : CROOT_DIRECTORY;
        scoped_fd target = path_below(s->target, "/sys/fs/cgroup") ? apply_open_cgroup_target(a, s->target)
                                                                   : open_target(a, s, want);

        if (may_be_left_out(a, s, target)) {
                scope_close(mount);
                return 0;
        }
        if (target < 0)
                return target;
        if (s->tmpfs->copy) {
                int r = copy_image(a, s->tmpfs, s->target, target, *mount);
                if (r < 0)
                        return r;
        }
        if (strcmp(s->target, "/run/host") == 0)
                a->run_host = *mount;
        int r = apply_trust(a, *mount, true);
        return r < 0 ? r : mount_attach(*mount, target, s->target, a->e);
}

/*
 * The user's own mount, a tmpfs, a volume or a file, of which the host may have a peer. As a slave it lets no mount
 * of ours out; the payload's own namespaces are peers of it again.
 */
int apply_attach_claim(struct applying *a, const struct step *s)
{
        scoped_fd mount = croot_open(a->root, s->target, CROOT_ANY, a->e);
        int is_root = mount < 0 ? mount : croot_is_mount(mount);

        /* upward no further than to the top of the mount, which is in the rootfs */
        for (unsigned i = 0; is_root == 0 && i < CLIMB_MOST; i++) {
                scoped_fd up = openat(mount, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

                if (up < 0)
                        return err_set(a->e, errno, "find the mount of the container's %s", s->target);
                scope_close(&mount);
                mount = take_fd(&up);
                is_root = croot_is_mount(mount);
        }
        if (mount < 0)
                return mount;
        if (is_root != 1)
                return err_refuse(a->e, "the container's %s is on no mount that can be found", s->target);

        int r = mount_make_slave(mount, s->target, a->e);

        if (r == 0) /* now with nobody of the host */
                r = mount_attributes(mount, 0, 0, MS_SHARED, false, a->e);
        return r == 0 ? apply_trust(a, mount, false) : r;
}

/*
 * The tmpfs that the user has mounted. config.json says that the mount is a fresh tmpfs, so it belongs to
 * this container alone; the fd is checked to be the root of a tmpfs, and no link has led to it.
 */
static int open_users_tmpfs(struct applying *a, const struct step *s)
{
        struct statfs fs;
        scoped_fd target = croot_open(a->root, s->target, CROOT_LISTED, a->e);

        if (target < 0)
                return target;
        if (fstatfs(target, &fs) < 0)
                return err_set(a->e, errno, "look at the container's %s", s->target);
        if (fs.f_type != TMPFS_MAGIC || croot_is_mount(target) != 1)
                return err_refuse(
                        a->e, "the container's %s is not the tmpfs that config.json describes", s->target);
        return take_fd(&target);
}

int apply_attach_fill(struct applying *a, const struct step *s)
{
        const struct plan *p = a->in->plan;
        scoped_fd target = open_users_tmpfs(a, s);
        const int r = target < 0 ? target : apply_trust(a, target, true);

        return r < 0 ? r : entries_make(target, s->tmpfs, false, p->owner, p->group, a->e);
}

int apply_attach_resize(struct applying *a, const struct step *s)
{
        scoped_fd target = open_users_tmpfs(a, s);

        return target < 0 ? target : mount_resize_tmpfs(target, s->tmpfs->size, a->e);
}

int apply_attach_file(struct applying *a, const struct step *s)
{
        scoped_fd target = open_target(a, s, CROOT_FILE);

        if (target == -EROFS) /* neither can the payload make one, and ends */
                return err_hint(a->e, "put an empty file there: systemd needs one to mount its id on");
        if (a->run_host < 0 || may_be_left_out(a, s, target))
                return 0;
        if (target < 0)
                return target;
        scoped_fd mount = mount_clone(a->run_host, s->source, false, a->e);
        if (mount < 0)
                return mount;
        int r = mount_attributes(mount, MOUNT_ATTR_RDONLY, 0, MS_PRIVATE, false, a->e);
        return r < 0 ? r : mount_attach(mount, target, s->target, a->e);
}
