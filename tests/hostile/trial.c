/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trial HOOK DIR [WORD...]: one container's life with the hook, as a runtime leads it: prestart, end,
 * poststop, cgroups removed.
 *
 * DIR holds bundle/config.json, bundle/rootfs and state, in which @PID@ becomes the container's; what the
 * hook says goes to DIR/out and DIR/err, the container's mounts before and after to DIR/mounts-before and
 * DIR/mounts-after. Prints
 *
 *      exit|signal NUMBER MILLISECONDS MOUNTS exit|signal NUMBER MILLISECONDS       prestart, mounts more
 * than before, poststop
 *
 * Words are fake_parse's, and stage=NAME, cgroup=/NAME, pid=NUMBER or one of
 *
 *      dead      a process that has ended
 *      self      one in the hook's own mount namespace
 *      stranger  one with namespaces of its own that is no container
 *      reused    a stranger that has the number of the container, which has ended
 *      taken     the same, but 0.3 s after prestart began; the stranger must stay in its cgroups
 *      other     another container, of DIR/other, which must stay as it is
 */
#include "fake.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

struct trial {
        struct fake fake;
        char *hook, *stage;
        const char *dir, *pid;
        pid_t stranger, other;
        char *cgroups; /* of the stranger, when it began */
};

static struct trial trial = {.stage = "prestart"};

static int in_dir(const struct trial *t, const char *name)
{
        char path[4096];
        int fd;

        snprintf(path, sizeof path, "%s/%s", t->dir, name);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0)
                fake_die(path);
        return fd;
}

static unsigned keep_mounts(const struct trial *t, pid_t container, const char *name)
{
        char *mounts = fake_mounts(container);
        unsigned lines = 0;
        int fd = in_dir(t, name);

        if (write(fd, mounts, strlen(mounts)) < 0)
                fake_die(name);
        close(fd);
        for (char *c = mounts; *c; c++)
                lines += *c == '\n';
        free(mounts);
        return lines;
}

/* A process with a mount and a pid namespace of its own that is no container of ours; 0: any number. */
static pid_t start_stranger(pid_t wanted)
{
        pid_t numbers[] = {1, wanted};
        struct clone_args args = {
                .flags = CLONE_NEWPID | CLONE_NEWNS,
                .exit_signal = SIGCHLD,
                .set_tid = wanted ? (uintptr_t)numbers : 0,
                .set_tid_size = wanted ? 2 : 0,
        };
        pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);

        if (pid < 0)
                fake_die("clone3");
        if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                for (;;)
                        pause();
        }
        return pid;
}

static pid_t start_other(const struct trial *t)
{
        static char rootfs[4096];
        struct fake other = {.rootfs = rootfs, .cgroup = "/other"};

        snprintf(rootfs, sizeof rootfs, "%s/other/rootfs", t->dir);
        return fake_start(&other);
}

static char *cgroups_of(pid_t pid)
{
        char path[64];

        snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
        return fake_read(path);
}

static pid_t to_be_taken;

static void take_number(int signal)
{
        (void)signal;
        fake_stop(to_be_taken);
        trial.stranger = start_stranger(to_be_taken);
        trial.cgroups = cgroups_of(trial.stranger);
}

static const char *choose_pid(struct trial *t, pid_t container)
{
        static char text[16];
        const char *word = t->pid ? t->pid : "";
        pid_t pid = container;

        if (strcmp(word, "self") == 0) {
                pid = getpid();
        } else if (strcmp(word, "dead") == 0) {
                fake_stop(pid = fork() ?: (_exit(0), 0));
        } else if (strcmp(word, "stranger") == 0) {
                pid = t->stranger = start_stranger(0);
        } else if (strcmp(word, "reused") == 0) {
                fake_stop(container);
                pid = t->stranger = start_stranger(container);
        } else if (strcmp(word, "taken") == 0) {
                to_be_taken = container;
                signal(SIGALRM, take_number);
                setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 300000}, NULL);
        } else if (strcmp(word, "other") == 0) {
                pid = t->stranger = t->other = start_other(t);
        } else if (t->pid) {
                return t->pid;
        }
        snprintf(text, sizeof text, "%d", pid);
        return text;
}

static void print_end(struct fake_end end)
{
        bool exited = WIFEXITED(end.status);

        printf("%s %d %.0f", exited ? "exit" : "signal",
                exited ? WEXITSTATUS(end.status) : WTERMSIG(end.status), end.ms);
}

static struct fake_end call(const struct trial *t, char *stage, const char *state, int out, int error)
{
        char *argv[] = {t->hook, stage, NULL};

        return fake_run(argv, (char *[]){NULL}, state, out, error);
}

static void check_other(const struct trial *t, const char *before)
{
        char *after = before ? fake_mounts(t->other) : NULL;

        if (before && strcmp(before, after) != 0) {
                errno = EUCLEAN;
                fake_die("the mounts of the other container");
        }
        free(after);
}

static void check_stranger(const struct trial *t)
{
        char *after = t->cgroups ? cgroups_of(t->stranger) : NULL;

        if (after && strcmp(t->cgroups, after) != 0) {
                errno = EUCLEAN;
                fake_die("the cgroups of the stranger");
        }
        free(after);
}

static void run(struct trial *t)
{
        char path[4096];
        int out = in_dir(t, "out"), error = in_dir(t, "err"), more = in_dir(t, "err-poststop");
        pid_t container = fake_start(&t->fake);
        unsigned before = keep_mounts(t, container, "mounts-before");

        snprintf(path, sizeof path, "%s/state", t->dir);
        char *template = fake_read(path), *state = fake_state(template, choose_pid(t, container));
        char *stopped = fake_state(template, "0"), *other = t->other ? fake_mounts(t->other) : NULL;

        print_end(call(t, t->stage, state, out, error));
        if (t->stranger && !t->other) /* of reused, the container's own have gone */
                printf(" 0 ");
        else
                printf(" %u ", keep_mounts(t, container, "mounts-after") - before);
        check_other(t, other);
        check_stranger(t);
        fake_stop(container);
        if (t->stranger)
                fake_stop(t->stranger);
        print_end(call(t, "poststop", stopped, out, more));
        putchar('\n');
        fake_remove_cgroups(&t->fake);
        if (t->other)
                fake_remove_cgroups(&(struct fake){.cgroup = "/other"});
        free(template);
        free(state);
        free(stopped);
        free(other);
}

int main(int argc, char **argv)
{
        struct trial *t = &trial;
        static char rootfs[4096];

        if (argc < 3)
                return 2;
        t->hook = argv[1];
        t->dir = argv[2];
        snprintf(rootfs, sizeof rootfs, "%s/bundle/rootfs", t->dir);
        t->fake.rootfs = rootfs;
        t->fake.cgroup = "/container";
        for (int i = 3; i < argc; i++) {
                if (strncmp(argv[i], "pid=", 4) == 0)
                        t->pid = argv[i] + 4;
                else if (strncmp(argv[i], "cgroup=", 7) == 0)
                        t->fake.cgroup = argv[i] + 7;
                else if (strncmp(argv[i], "stage=", 6) == 0)
                        t->stage = argv[i] + 6;
                else if (!fake_parse(&t->fake, argv[i]))
                        return 2;
        }
        run(t);
        return 0;
}
