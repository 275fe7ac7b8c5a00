/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/inotify.h"

#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/resource.h>

/* What systemd 257 as PID 1 holds. Each costs 4 microseconds. */
#define FOR_PID_1 5

/* EMFILE is the answer to too many descriptors of this process, too. */
static bool has_descriptors(void)
{
        struct rlimit limit;

        return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= 64;
}

unsigned long inotify_limit(void)
{
        char text[24] = "";
        scoped_fd fd = open("/proc/sys/fs/inotify/max_user_instances", O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

        return n > 0 ? strtoul(text, NULL, 10) : 0;
}

unsigned long inotify_more(unsigned long limit)
{
        return limit < 512 ? 1024 : 2 * limit;
}

int inotify_check(struct err *e)
{
        int fd[FOR_PID_1], count = 0, code = 0;

        while (count < FOR_PID_1 && (fd[count] = inotify_init1(IN_CLOEXEC)) >= 0)
                count++;
        if (count < FOR_PID_1)
                code = errno;
        for (int i = 0; i < count; i++)
                close(fd[i]);
        if (code != EMFILE || !has_descriptors())
                return 0;
        return err_refuse(e,
                "only %d inotify instances are left of the user's %lu; systemd needs %d as PID 1, and %d for "
                "a whole boot",
                count, inotify_limit(), FOR_PID_1, INOTIFY_FOR_A_BOOT);
}
