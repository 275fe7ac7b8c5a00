/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/charge.h"

#include "base/file.h"
#include "base/scope.h"
#include "kernel/proc_text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define MEMORY_V1    "/sys/fs/cgroup/memory" /* where systemd and everybody else mounts it */
#define CGROUPS_MOST 16384                   /* bytes of /proc/PID/cgroup */

int charge_open(pid_t pid, const char *unified)
{
        filled_later char text[CGROUPS_MOST];
        char path[PATH_MAX];
        bool is_v1 = false;
        struct err unused;

        snprintf(path, sizeof path, "/proc/%d/cgroup", pid);

        int r = file_read(AT_FDCWD, path, text, sizeof text, &unused);
        const char *cgroup = r < 0 ? NULL : proc_text_memory_cgroup(text, &is_v1);
        const char *mount = is_v1 ? MEMORY_V1 : unified;

        if (r < 0)
                return r;
        if (!cgroup || !mount)
                return -ENOENT;
        if (snprintf(path, sizeof path, "%s%s/cgroup.procs", mount, cgroup) >= (int)sizeof path)
                return -ENAMETOOLONG;
        r = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
        return r < 0 ? -errno : r;
}
