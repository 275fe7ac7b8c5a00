/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/child.h"

#include "base/scope.h"
#include "kernel/caps.h"
#include "kernel/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define FIRST_FD 3
#define PARKED   64 /* above every number that a descriptor of the child will have */

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined __riscv && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#elif defined __s390x__
#define ARCHITECTURE AUDIT_ARCH_S390X
#elif defined __powerpc64__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCHITECTURE AUDIT_ARCH_PPC64LE
#endif

#define LOAD(member)   BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, action)
#define ALLOW(number)  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), ANSWER(SECCOMP_RET_ALLOW)

/* What poll(2) and send(2) are called differs from one architecture to the next. */
static struct sock_filter filter[] = {
#ifdef ARCHITECTURE
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
#endif
        LOAD(nr),
        ALLOW(SYS_read),
        ALLOW(SYS_write),
#ifdef SYS_poll
        ALLOW(SYS_poll),
#endif
#ifdef SYS_ppoll
        ALLOW(SYS_ppoll),
#endif
#ifdef SYS_ppoll_time64
        ALLOW(SYS_ppoll_time64),
#endif
#ifdef SYS_sendto
        ALLOW(SYS_sendto),
#endif
#ifdef SYS_send
        ALLOW(SYS_send),
#endif
#ifdef SYS_recvmsg
        ALLOW(SYS_recvmsg),
#endif
#ifdef SYS_socketcall
        ALLOW(SYS_socketcall),
#endif
        ALLOW(SYS_close),
        ALLOW(SYS_rt_sigreturn),
        ALLOW(SYS_restart_syscall),
        ALLOW(SYS_exit),
        ALLOW(SYS_exit_group),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
};

/* 3, 4 and so on are copies of fds, and nothing else is open. */
static bool keep_only(const int *fds, size_t count)
{
        int parked[CHILD_FDS_MOST];

        for (size_t i = 0; i < count; i++) {
                parked[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, PARKED);
                if (parked[i] < 0)
                        return false;
        }
        for (size_t i = 0; i < count; i++)
                if (dup3(parked[i], FIRST_FD + (int)i, O_CLOEXEC) < 0)
                        return false;
        return sys_close_range(0, FIRST_FD - 1) == 0 && sys_close_range(FIRST_FD + (unsigned)count, ~0U) == 0;
}

static bool give_all_up(const char *name)
{
        const struct rlimit none = {0, 0};
        const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
        struct err unused;

        /* the groups of a hook that is a user's are the user's own, and stay */
        signal(SIGPIPE, SIG_IGN);
        return setsid() >= 0 && (setgroups(0, NULL) == 0 || errno == EPERM) &&
               setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_NAME, name, 0, 0, 0) == 0 &&
               caps_drop_all(&unused) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
               prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
               prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

int child_leave_behind(const char *name, const int *fds, size_t count,
        void (*work)(const int *fds, size_t count), struct err *e)
{
        static const int kept[CHILD_FDS_MOST] = {FIRST_FD, FIRST_FD + 1, FIRST_FD + 2, FIRST_FD + 3};
        pid_t child = count <= CHILD_FDS_MOST ? fork() : -1;

        if (child < 0)
                return err_set(
                        e, count <= CHILD_FDS_MOST ? errno : EMFILE, "start the process %s (fork)", name);
        if (child > 0)
                return 0;
        if (keep_only(fds, count) && give_all_up(name))
                work(kept, count);
        _exit(0);
}

struct errand {
        void (*work)(void *with);
        void *with;
};

static int run_errand(void *with)
{
        const struct errand *errand = with;

        errand->work(errand->with);
        return 0;
}

#define ERRAND_STACK (64 << 10)

int child_within(int limit, void (*work)(void *with), void *with, struct err *e)
{
        struct errand errand = {work, with};
        char *stack = mmap(
                NULL, ERRAND_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
        int pidfd = -1, status;

        if (stack == MAP_FAILED)
                return err_set(e, errno, "make a stack for a child (mmap)");

        pid_t child = clone(run_errand, stack + ERRAND_STACK, CLONE_VM | CLONE_FILES | CLONE_PIDFD | SIGCHLD,
                &errand, &pidfd);

        if (child < 0) {
                munmap(stack, ERRAND_STACK);
                return err_set(e, errno, "start a child (clone)");
        }

        struct pollfd p = {.fd = pidfd, .events = POLLIN};
        const bool over = poll(&p, 1, limit) != 1;

        if (over)
                kill(child, SIGKILL);
        /* a fatal signal wakes who waits for FUSE, too: while its memory is ours it has to be gone */
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
                ;
        close(pidfd);
        munmap(stack, ERRAND_STACK);
        return over;
}

/* In memory that both processes see. */
struct outcome {
        int result;
        struct err e;
};

/* procs -1: in the hook's cgroup. Else the kernel looks at the credentials with which procs was opened. */
static void work_apart(
        int procs, int (*work)(void *with, struct err *e), void *with, struct outcome *ret_outcome)
{
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        if (procs >= 0)
                (void)!write(procs, "0", 1);
        ret_outcome->result = work(with, &ret_outcome->e);
        _exit(0);
}

/* Forks; the child ends in work_apart. */
static pid_t fork_for(int procs, int (*work)(void *with, struct err *e), void *with,
        struct outcome **ret_outcome, struct err *e)
{
        *ret_outcome =
                mmap(NULL, sizeof **ret_outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (*ret_outcome == MAP_FAILED)
                return err_set(e, errno, "share memory with a child (mmap)");

        const pid_t child = fork();

        if (child == 0)
                work_apart(procs, work, with, *ret_outcome);
        if (child < 0) {
                const int r = err_set(e, errno, "start a child (fork)");

                munmap(*ret_outcome, sizeof **ret_outcome);
                return r;
        }
        return child;
}

static int take_outcome(struct outcome *outcome, struct err *e)
{
        const int r = outcome->result;

        if (r < 0)
                *e = outcome->e;
        munmap(outcome, sizeof *outcome);
        return r;
}

int child_in_cgroup(int procs, int (*work)(void *with, struct err *e), void *with, struct err *e)
{
        struct outcome *outcome;
        const pid_t child = fork_for(procs, work, with, &outcome, e);
        int status;

        if (child < 0)
                return child;
        if (waitpid(child, &status, 0) != child)
                outcome->result = err_set(&outcome->e, errno, "wait for a child that copies (waitpid)");
        else if (status != 0) {
                outcome->result = err_refuse_as(
                        &outcome->e, ENOMEM, "the memory limit of the container is used up before it starts");
                err_hint(&outcome->e,
                        "raise the limit, or empty /run, /tmp and /var/log/journal in the image");
        }
        return take_outcome(outcome, e);
}

int child_copy_within(int limit, int (*work)(void *with, struct err *e), void *with, struct err *e)
{
        struct outcome *outcome;
        const pid_t child = fork_for(-1, work, with, &outcome, e);
        int status;

        if (child < 0)
                return child;

        scoped_fd pidfd = sys_pidfd_open(child);
        struct pollfd p = {.fd = pidfd, .events = POLLIN};
        const bool over = pidfd < 0 || poll(&p, 1, limit) != 1;

        if (over)
                kill(child, SIGKILL);
        if (waitpid(child, &status, 0) != child || (!over && status != 0))
                outcome->result =
                        err_refuse(&outcome->e, "a child process of the hook ended before its work was done");
        if (over)
                outcome->result = 1;
        return take_outcome(outcome, e);
}
