/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/mounts_below.h"

#include "base/path.h"
#include "base/scope.h"
#include "kernel/mountinfo.h"
#include "kernel/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define BATCH 256 /* mount ids that are fetched at once */

static int mount_point(struct uapi_mnt_id_req request, uint64_t id, struct uapi_statmount *m)
{
        request.mnt_id = id;
        request.param = STATMOUNT_MNT_POINT | STATMOUNT_MNT_BASIC;
        return sys_statmount(&request, m);
}

/* 1: the kernel cannot, and nothing was found yet. */
static int by_kernel(const struct container *c, struct croot view, struct mount_search *s, struct err *e)
{
        struct uapi_mnt_id_req request = {.size = sizeof request};
        filled_later struct uapi_statmount m;
        struct uapi_statx st;
        filled_later uint64_t ids[BATCH];
        filled_later char prefix[PATH_MAX];
        int n;

        if (ioctl(c->mount_namespace, NS_GET_MNTNS_ID, &request.mnt_ns_id) < 0)
                return 1;
        if (sys_statx(view.fd, STATX_MNT_ID_UNIQUE, &st) < 0 || !(st.stx_mask & STATX_MNT_ID_UNIQUE) ||
                !(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
                return 1;

        s->rootfs = st.stx_mnt_id;
        if (mount_point(request, s->rootfs, &m) < 0)
                return 1;

        size_t length = (size_t)snprintf(prefix, sizeof prefix, "%s", m.str + m.mnt_point);

        if (strcmp(prefix, "/") == 0) /* the rootfs is all that there is */
                length = 0;

        do {
                request.mnt_id = s->rootfs;
                n = sys_listmount(&request, ids, BATCH);
                if (n < 0)
                        return errno == ENOSYS || errno == EPERM
                                       ? 1
                                       : err_set(e, errno, "list the container's mounts (listmount)");
                for (int i = 0; i < n; i++) {
                        int r = mount_point(request, ids[i], &m);
                        /* gone meanwhile, or too long a path to be one of ours */
                        if (r < 0 && (errno == ENOENT || errno == EOVERFLOW))
                                continue;
                        if (r < 0)
                                return err_set(e, errno, "look at a mount of the container (statmount)");
                        if (strncmp(m.str + m.mnt_point, prefix, length) != 0 ||
                                m.str[m.mnt_point + length] != '/')
                                continue;
                        r = s->found(s->to,
                                &(struct mount_found){
                                        m.str + m.mnt_point + length, m.mnt_id, m.mnt_parent_id},
                                e);
                        if (r < 0)
                                return r;
                }
                request.param = n > 0 ? ids[n - 1] : 0;
        } while (n == BATCH);
        return 0;
}

struct lines {
        const char *rootfs;
        struct mount_search *search;
};

static int on_line(void *with, const struct mountinfo_line *line, struct err *e)
{
        struct lines *l = with;
        const char *below = path_below(line->target, l->rootfs);

        return below && *below ? l->search->found(l->search->to,
                                         &(struct mount_found){below, line->id, line->parent}, e)
                               : 0;
}

static int by_mountinfo(const struct container *c, struct croot view, const char *rootfs,
        struct mount_search *s, struct err *e)
{
        char file[64], canonical[PATH_MAX];
        scoped_fd fd = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);

        /* as mount tables name it */
        snprintf(file, sizeof file, "/proc/self/fd/%d", fd);
        ssize_t n = fd < 0 ? -1 : readlink(file, canonical, sizeof canonical - 1);
        if (n < 0)
                return err_set(e, errno, "find the path of the rootfs %s", rootfs);
        canonical[n == 1 ? 0 : n] = '\0'; /* "/" */

        struct lines lines = {canonical, s};
        int r = croot_mount_of(view.fd, &s->rootfs);

        if (r < 0)
                return err_set(e, -r, "look at the mount of the rootfs %s", rootfs);
        snprintf(file, sizeof file, "/proc/self/fd/%d/mountinfo", c->proc);
        return mountinfo_read(file, on_line, &lines, e);
}

int mounts_below(const struct container *c, struct croot view, const char *rootfs, struct mount_search *s,
        struct err *e)
{
        int r = by_kernel(c, view, s, e);

        return r == 1 ? by_mountinfo(c, view, rootfs, s, e) : r;
}
