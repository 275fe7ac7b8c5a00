/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/charge.h"

#include "base/file.h"
#include "base/scope.h"
#include "kernel/proc_text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define MEMORY_V1 "/sys/fs/cgroup/memory" /* where systemd and everybody else mounts it */

int charge_open(const struct container *c, const char *unified)
{
        filled_later char text[PROC_CGROUP_MOST];
        char path[PATH_MAX];
        bool is_v1 = false;
        struct err unused;
        int r = file_read(c->proc, "cgroup", text, sizeof text, &unused);
        const char *cgroup = r < 0 ? NULL : proc_text_memory_cgroup(text, &is_v1);
        const char *mount = is_v1 ? MEMORY_V1 : unified;

        if (r < 0)
                return r;
        /* cgroup_namespaces(7): of a cgroup outside of the hook's own namespace */
        if (!cgroup || !mount || strncmp(cgroup, "/..", 3) == 0)
                return -ENOENT;
        if (snprintf(path, sizeof path, "%s%s/cgroup.procs", mount, cgroup) >= (int)sizeof path)
                return -ENAMETOOLONG;
        r = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
        return r < 0 ? -errno : r;
}
