/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "harden.h"

#include "kernel/uapi.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TIME_LIMIT    30 /* seconds; a start takes a few milliseconds */
#define AS_TEXT(x)    #x
#define VALUE_TEXT(x) AS_TEXT(x)

static void on_time_limit(int signal)
{
        static const char line[] = "oci-systemd-hook: the time limit of " VALUE_TEXT(
                TIME_LIMIT) " s is over: a file system of "
                            "the container or of the host does not answer; look at the mounts of the "
                            "bundle\n";

        (void)signal;
        (void)!write(STDERR_FILENO, line, sizeof line - 1);
        _exit(1);
}

int harden(struct err *e)
{
        struct sigevent fatal = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
        timer_t timer;
        sigset_t none;
        int fd = 0;

        clearenv();
        umask(077);
        sys_close_range(3, ~0U);
        while (fd < 3 && (fcntl(fd, F_GETFD) >= 0 || open("/dev/null", O_RDWR) == fd))
                fd++;
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        signal(SIGPIPE, SIG_IGN);
        signal(SIGXFSZ, SIG_IGN); /* a write that is too long then fails, with a line */
        signal(SIGALRM, on_time_limit);
        alarm(TIME_LIMIT);
        signal(SIGCHLD, SIG_DFL); /* who ignores it waits for no child */
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        /* who waits for a file system that does not answer is woken by a fatal signal only */
        if (timer_create(CLOCK_MONOTONIC, &fatal, &timer) == 0)
                timer_settime(timer, 0, &(struct itimerspec){.it_value.tv_sec = TIME_LIMIT + 1}, NULL);
        return chdir("/") < 0 ? err_set(e, errno, "go to /") : 0;
}
