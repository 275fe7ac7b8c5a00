/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* without-syscall NAME PROGRAM ARGUMENT0...: run PROGRAM as on a kernel that does not have the system call
 * NAME. */

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
        scmp_filter_ctx filter;
        int call;

        if (argc < 4) {
                fprintf(stderr, "usage: without-syscall NAME PROGRAM ARGUMENT0...\n");
                return 125;
        }

        call = seccomp_syscall_resolve_name(argv[1]);
        filter = seccomp_init(SCMP_ACT_ALLOW);
        if (call < 0 || !filter || seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), call, 0) < 0 ||
                seccomp_load(filter) < 0) {
                fprintf(stderr, "without-syscall: cannot take %s away\n", argv[1]);
                return 125;
        }

        execv(argv[2], argv + 3);
        perror("without-syscall: exec");
        return 125;
}
