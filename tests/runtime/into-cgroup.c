/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * into-cgroup DIRECTORY...: a payload that starts a child in each of these cgroups by clone3(CLONE_INTO_CGROUP), to which
 * a read-only mount is no barrier. Prints "entered DIRECTORY" where it worked. The child lives for as long as it is let:
 * with HOLD=1 in the environment it stays, to be found from outside. Static, as it runs in the trees of the payloads.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void enter(const char *directory)
{
        const int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)fd};

        if (fd < 0)
                return;

        const long child = syscall(SYS_clone3, &args, sizeof args);

        if (child == 0) {
                if (getenv("HOLD")) {
                        /* who waits for the end of our output is not kept */
                        for (int standard = 0; standard < 3; standard++)
                                close(standard);
                        for (;;)
                                pause();
                }
                _exit(0);
        }
        if (child > 0) {
                printf("entered %s\n", directory);
                if (!getenv("HOLD"))
                        waitpid((pid_t)child, NULL, 0);
        }
        close(fd);
}

int main(int argc, char **argv)
{
        for (int i = 1; i < argc; i++)
                enter(argv[i]);
        return fflush(stdout) ? 1 : 0;
}
