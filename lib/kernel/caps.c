/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPABILITY(c) (1ULL << (c))

/* Mounts; directories and device nodes in directories of anybody, with their owners and modes. */
static const unsigned long long needed = CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_DAC_OVERRIDE) |
                                         CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_FOWNER) |
                                         CAPABILITY(CAP_FSETID) | CAPABILITY(CAP_MKNOD);

static int keep(unsigned long long kept, struct err *e)
{
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

        /* the C library has no wrapper: libcap's alone would be one more library to load */
        if (syscall(SYS_capget, &header, data) < 0)
                return err_set(e, errno, "read the hook's own capabilities (capget)");
        for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
                data[i].permitted &= (unsigned)(kept >> (32 * i));
                data[i].effective &= data[i].permitted;
                data[i].inheritable = 0;
        }
        if (syscall(SYS_capset, &header, data) < 0)
                return err_set(e, errno, "give up the capabilities that are no longer needed (capset)");
        return 0;
}

int caps_drop(struct err *e)
{
        return keep(needed, e);
}

int caps_drop_all(struct err *e)
{
        return keep(0, e);
}
