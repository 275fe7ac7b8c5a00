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

/* The C library has no wrapper: libcap's alone would be one more library to load. */
static int change(void (*how)(struct __user_cap_data_struct *data, unsigned long long set),
        unsigned long long set, struct err *e)
{
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

        if (syscall(SYS_capget, &header, data) < 0)
                return err_set(e, errno, "read the hook's own capabilities (capget)");
        for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
                how(&data[i], set >> (32 * i));
        if (syscall(SYS_capset, &header, data) < 0)
                return err_set(e, errno, "change the hook's own capabilities (capset)");
        return 0;
}

static void keep(struct __user_cap_data_struct *data, unsigned long long set)
{
        data->permitted &= (unsigned)set;
        data->effective &= data->permitted;
        data->inheritable = 0;
}

static void pause_use(struct __user_cap_data_struct *data, unsigned long long set)
{
        data->effective &= ~(unsigned)set;
}

static void resume_use(struct __user_cap_data_struct *data, unsigned long long set)
{
        data->effective |= data->permitted & (unsigned)set;
}

int caps_drop(struct err *e)
{
        return change(keep, needed, e);
}

int caps_drop_all(struct err *e)
{
        return change(keep, 0, e);
}

int caps_override(bool on, struct err *e)
{
        return change(on ? resume_use : pause_use, CAPABILITY(CAP_DAC_OVERRIDE), e);
}
