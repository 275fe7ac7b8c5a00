/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tests/harden.sh cannot see from outside: what the process itself finds once it is hardened. */
#include "harden.h"
#include "support.h"

#include <signal.h>

#define LIMIT_MOST 30 /* seconds; SECURITY.md promises 31, of which the last is for the timer of SIGKILL */

/* Runs work in a child, of which its answer is the exit status. */
static int status_of(int (*work)(void))
{
        int status = -1;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                struct err e;

                _exit(harden(&e) < 0 ? 99 : work());
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* The image's, in a CDI device's or an engine's hands: it must not choose what a library loads, or where it writes. */
static int count_environment(void)
{
        int count = 0;

        while (environ && environ[count])
                count++;
        return count;
}

static void test_environment(void **state)
{
        (void)state;
        assert_int_equal(setenv("YAJL_OR_LIBC_READS_THIS", "1", 1), 0);
        assert_int_equal(status_of(count_environment), 0);
}

/* A file system that does not answer: the hook ends by a sentence, before the timer of SIGKILL ends it without. */
static int left(void)
{
        return (int)alarm(0);
}

static void test_time_limit(void **state)
{
        (void)state;
        assert_in_range(status_of(left), 1, LIMIT_MOST);
}

static int on_limit(void)
{
        char said[128] = "";
        int ends[2];

        if (pipe(ends) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
                return 98;
        if (fork() == 0) {
                raise(SIGALRM);
                _exit(97);
        }
        (void)!read(ends[0], said, sizeof said - 1);
        return strstr(said, "the time limit of 30 s is over") ? 0 : 96;
}

static void test_time_is_over(void **state)
{
        (void)state;
        assert_int_equal(status_of(on_limit), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_environment),
                cmocka_unit_test(test_time_limit),
                cmocka_unit_test(test_time_is_over),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
