/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/preview.h"

#include "base/scope.h"
#include "kernel/mount.h"
#include "kernel/self.h"

#include <errno.h>
#include <fcntl.h>

/* What is attached here must not reach the host's mounts, whose peers these are. */
static int leave_host(struct err *e)
{
        int r = self_new_mount_namespace(e);

        if (r < 0)
                return r;

        scoped_fd top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (top < 0)
                return err_set(e, errno, "open /");
        return mount_attributes(top, 0, 0, MS_SLAVE, true, e);
}

static int open_directory(const char *path, struct err *e)
{
        int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? err_set(e, errno, "open the rootfs %s", path) : fd;
}

int preview_make(const char *rootfs, struct croot *ret_root, struct err *e)
{
        int r = leave_host(e);

        if (r < 0)
                return r;

        scoped_fd target = open_directory(rootfs, e);
        scoped_fd copy = target < 0 ? target : mount_clone(AT_FDCWD, rootfs, true, e);

        if (copy < 0)
                return copy;
        r = mount_attributes(copy, 0, 0, MS_PRIVATE, true, e);
        if (r == 0)
                r = mount_attach(copy, target, rootfs, e);
        if (r < 0)
                return r;
        r = open_directory(rootfs, e);
        if (r < 0)
                return r;
        ret_root->fd = r;
        return 0;
}

int preview_cover(struct croot root, const char *source, const char *destination, struct err *e)
{
        static const struct mount_tmpfs empty = {.size = {SIZE_BYTES, 4096}, .mode = 0755};
        scoped_fd target = croot_open(root, destination, CROOT_ANY, e);

        if (target < 0)
                return target;

        scoped_fd mount = source ? mount_clone(AT_FDCWD, source, true, e) : mount_tmpfs(&empty, 0, e);

        return mount < 0 ? mount : mount_attach(mount, target, destination, e);
}
