/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/scope.h"
#include "oci/private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

int oci_open_config(const char *bundle, struct arena *a, struct err *e)
{
        const char *path = arena_print(a, "%s/config.json", bundle);
        scoped_fd fd = path ? open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
        const int code = path ? errno : ENOMEM;
        struct stat st;

        if (fd < 0 && stat(bundle, &st) < 0)
                return err_set(e, errno, "open the bundle %s", bundle);
        if (fd < 0)
                return err_set(e, code, "open config.json in the bundle %s", bundle);
        if (fstat(fd, &st) < 0)
                return err_set(e, errno, "look at config.json in the bundle %s", bundle);
        if (!S_ISREG(st.st_mode))
                return err_refuse(e, "config.json in the bundle %s is not a regular file", bundle);
        return take_fd(&fd);
}
