/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/calls.h"

#include "kernel/uapi.h"

/* Each with arguments that no kernel takes, so that nothing is done. */
const char *calls_missing(void)
{
        static const struct {
                long number;
                char name[16];
        } calls[] = {
                {SYS_open_tree, "open_tree"},
                {SYS_move_mount, "move_mount"},
                {SYS_fsopen, "fsopen"},
                {SYS_fsconfig, "fsconfig"},
                {SYS_fsmount, "fsmount"},
                {SYS_mount_setattr, "mount_setattr"},
                {SYS_openat2, "openat2"},
                {SYS_pidfd_open, "pidfd_open"},
        };

        for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
                if (syscall(calls[i].number, -1L, 0L, -1L, 0L, 0L) < 0 && errno == ENOSYS)
                        return calls[i].name;
        return NULL;
}
