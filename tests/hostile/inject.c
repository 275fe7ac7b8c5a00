/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inject N ERROR HOOK WORD...: runs the hook, in which the Nth system call after its hardening (after it sets
 * no_new_privs) is not made and returns -ERROR; with 0 for ERROR the hook is killed there. Ends as the hook
 * does; 124 when there are not that many calls. strace could do so, but for calls that it does not know yet.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__
#error "where this machine keeps number and result of a call is not known here"
#endif

static void put(pid_t pid, size_t offset, long value)
{
        if (ptrace(PTRACE_POKEUSER, pid, offset, value) < 0)
                perror("inject");
}

int main(int argc, char **argv)
{
        struct __ptrace_syscall_info info;
        long left = argc > 3 ? atol(argv[1]) : 0, error = argc > 3 ? atol(argv[2]) : 0, result = 0;
        int status, hardened = 0, replaced = 0, pass = 0;
        pid_t pid = fork();

        if (pid == 0) {
                ptrace(PTRACE_TRACEME, 0, 0, 0);
                raise(SIGSTOP);
                execv(argv[3], argv + 3);
                _exit(125);
        }
        if (waitpid(pid, &status, 0) < 0 ||
                ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0)
                return 125;
        while (ptrace(PTRACE_SYSCALL, pid, 0, pass) == 0 && waitpid(pid, &status, 0) == pid &&
                WIFSTOPPED(status)) {
                pass = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
                if (WSTOPSIG(status) != (SIGTRAP | 0x80))
                        continue;
                pass = 0;
                if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0)
                        return 125;
                if (info.op == PTRACE_SYSCALL_INFO_EXIT && replaced == 1) {
                        put(pid, offsetof(struct user_regs_struct, rax), result);
                        replaced = 2;
                }
                if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
                        continue;
                if (hardened && --left == 0) {
                        if (error == 0) {
                                kill(pid, SIGKILL);
                                waitpid(pid, &status, 0);
                                break;
                        }
                        put(pid, offsetof(struct user_regs_struct, orig_rax), -1);
                        /* brk has no errors: it returns where the end is now */
                        result = info.entry.nr == SYS_brk ? 0 : -error;
                        replaced = 1;
                }
                if (info.entry.nr == SYS_prctl && info.entry.args[0] == PR_SET_NO_NEW_PRIVS)
                        hardened = 1;
        }
        if (WIFSIGNALED(status))
                kill(getpid(), WTERMSIG(status));
        return left > 0 ? 124 : WEXITSTATUS(status);
}
