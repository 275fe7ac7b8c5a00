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

typedef int found_fn(void *to, const char *path, struct err *e);

static int mount_point(struct uapi_mnt_id_req request, uint64_t id, struct uapi_statmount *m)
{
        request.mnt_id = id;
        request.param = STATMOUNT_MNT_POINT;
        return sys_statmount(&request, m);
}

/* 1: the kernel cannot, and nothing was found yet. */
static int by_kernel(const struct container *c, struct croot view, found_fn *found, void *to, struct err *e)
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

        const uint64_t rootfs = st.stx_mnt_id;

        if (mount_point(request, rootfs, &m) < 0)
                return 1;

        size_t length = (size_t)snprintf(prefix, sizeof prefix, "%s", m.str + m.mnt_point);

        if (strcmp(prefix, "/") == 0) /* the rootfs is all that there is */
                length = 0;

        do {
                request.mnt_id = rootfs;
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
                        r = found(to, m.str + m.mnt_point + length, e);
                        if (r < 0)
                                return r;
                }
                request.param = n > 0 ? ids[n - 1] : 0;
        } while (n == BATCH);
        return 0;
}

struct search {
        const char *rootfs;
        found_fn *found;
        void *to;
};

static int on_line(void *with, const struct mountinfo_line *line, struct err *e)
{
        struct search *s = with;
        const char *below = path_below(line->target, s->rootfs);

        return below && *below ? s->found(s->to, below, e) : 0;
}

static int by_mountinfo(
        const struct container *c, const char *rootfs, found_fn *found, void *to, struct err *e)
{
        char file[64], canonical[PATH_MAX];
        scoped_fd fd = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);

        /* as mount tables name it */
        snprintf(file, sizeof file, "/proc/self/fd/%d", fd);
        ssize_t n = fd < 0 ? -1 : readlink(file, canonical, sizeof canonical - 1);
        if (n < 0)
                return err_set(e, errno, "find the path of the rootfs %s", rootfs);
        canonical[n == 1 ? 0 : n] = '\0'; /* "/" */

        struct search s = {canonical, found, to};

        snprintf(file, sizeof file, "/proc/self/fd/%d/mountinfo", c->proc);
        return mountinfo_read(file, on_line, &s, e);
}

int mounts_below(const struct container *c, struct croot view, const char *rootfs, found_fn *found, void *to,
        struct err *e)
{
        int r = by_kernel(c, view, found, to, e);

        return r == 1 ? by_mountinfo(c, rootfs, found, to, e) : r;
}
