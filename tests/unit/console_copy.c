/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The copying process, as the hook starts it, beside a child that stands for the container. */
#include "feature/console_copy.h"
#include "kernel/child.h"
#include "kernel/uapi.h"
#include "support.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>

struct console {
        int hook;        /* the hook's end of the socket */
        int slave;       /* the container's terminal */
        int log, engine; /* both ends of the pipe */
        pid_t container;
};

static pid_t stand_in(void)
{
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
                for (;;)
                        pause();
        }
        return pid;
}

static bool hand_over(int socket, int master, int slave)
{
        const int fds[] = {master, slave};
        _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fds)] = {0};
        char byte = 0;
        struct iovec data = {&byte, 1};
        struct msghdr message = {
                .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        struct pollfd p = {.fd = socket, .events = POLLIN};

        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof fds);
        memcpy(CMSG_DATA(header), fds, sizeof fds);
        return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 && poll(&p, 1, 10000) == 1 &&
               recv(socket, &byte, 1, 0) == 1;
}

static void begin(struct console *c)
{
        int pair[2], pipe_fds[2], unlocked = 0;
        struct err e = {0};
        int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

        if (master < 0 || ioctl(master, TIOCSPTLCK, &unlocked) < 0)
                skip();
        c->slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (c->slave < 0)
                skip();
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        assert_int_equal(pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK), 0);
        c->hook = pair[0];
        c->engine = pipe_fds[0];
        c->log = pipe_fds[1];
        c->container = stand_in();

        int pidfd = sys_pidfd_open(c->container);
        const int fds[CONSOLE_FDS] = {pair[1], c->log, pidfd};

        assert_int_equal(child_leave_behind("oci-console", fds, CONSOLE_FDS, console_copy, &e), 0);
        close(pair[1]);
        close(pidfd);
        assert_true(hand_over(c->hook, master, c->slave));
        close(master);
        close(c->log);
}

static void end_container(struct console *c)
{
        kill(c->container, SIGKILL);
        assert_int_equal(waitpid(c->container, NULL, 0), c->container);
        close(c->slave);
}

/* The hook's end of the socket says when the process is gone; it is this test's child. */
static int copier_ends(int seconds)
{
        for (int i = 0; i < seconds * 100; i++) {
                int status;
                pid_t pid = waitpid(-1, &status, WNOHANG);

                if (pid > 0)
                        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
                usleep(10000);
        }
        return -1;
}

/* All that comes until the pipe has no writer. */
static size_t read_log(struct console *c, char *text, size_t most)
{
        size_t n = 0;
        struct pollfd p = {.fd = c->engine, .events = POLLIN};

        while (n < most && poll(&p, 1, 20000) == 1) {
                ssize_t more = read(c->engine, text + n, most - n);

                if (more <= 0)
                        break;
                n += (size_t)more;
        }
        return n;
}

static void write_all(int fd, const char *text, size_t length)
{
        while (length) {
                ssize_t n = write(fd, text, length);

                assert_true(n > 0);
                text += n;
                length -= (size_t)n;
        }
}

static void test_copies_all(void **state)
{
        struct console c;
        char line[32], text[8192];
        size_t n, expected = 0;

        (void)state;
        begin(&c);
        for (int i = 0; i < 500; i++) {
                snprintf(line, sizeof line, "line %d\n", i);
                write_all(c.slave, line, strlen(line));
                expected += strlen(line);
        }
        end_container(&c);
        n = read_log(&c, text, sizeof text - 1);
        text[n] = '\0';
        assert_int_equal(n, expected);
        assert_contains(text, "line 0\nline 1\n");
        assert_contains(text, "line 499\n");
        assert_int_equal(copier_ends(10), 0);
        close(c.hook);
        close(c.engine);
}

/* It answers what systemd asks, and goes on when nobody takes the answers. */
static void test_answers(void **state)
{
        struct console c;
        struct termios modes;
        char answer[64] = "", flood[6 * 4096], text[65536];
        size_t n = 0;
        struct pollfd p;

        (void)state;
        begin(&c);
        assert_int_equal(tcgetattr(c.slave, &modes), 0);
        cfmakeraw(&modes);
        assert_int_equal(tcsetattr(c.slave, TCSANOW, &modes), 0);
        write_all(c.slave, "before\033[18t\033[6n", 15);
        p = (struct pollfd){.fd = c.slave, .events = POLLIN};
        while (n < strlen("\033[8;24;160t\033[24;160R") && poll(&p, 1, 10000) == 1)
                n += (size_t)read(c.slave, answer + n, sizeof answer - 1 - n);
        assert_string_equal(answer, "\033[8;24;160t\033[24;160R");
        for (size_t i = 0; i < sizeof flood; i += 5)
                memcpy(flood + i, "\033[18t", sizeof flood - i < 5 ? sizeof flood - i : 5);
        write_all(c.slave, flood, sizeof flood);
        write_all(c.slave, "\nafter\n", 7);
        end_container(&c);
        n = read_log(&c, text, sizeof text - 1);
        text[n] = '\0';
        assert_contains(text, "before");
        assert_contains(text, "after\n");
        assert_int_equal(copier_ends(10), 0);
        close(c.hook);
        close(c.engine);
}

/* The bytes that the text's own lines say were lost. */
static size_t lost_by(const char *text)
{
        static const char line[] = "[oci-systemd-hook: ";
        size_t lost = 0;

        for (const char *at = text; (at = strstr(at, line)); at += sizeof line - 1)
                lost += strtoull(at + sizeof line - 1, NULL, 10);
        return lost;
}

/* Nobody reads the log: the container is not held up for longer than is promised, and hears how much was lost. */
static void test_nobody_reads(void **state)
{
        struct console c;
        struct timespec before, after;
        static char block[1 << 20], text[1 << 20];

        (void)state;
        begin(&c);
        memset(block, 'x', sizeof block);
        clock_gettime(CLOCK_MONOTONIC, &before);
        write_all(c.slave, block, sizeof block);
        clock_gettime(CLOCK_MONOTONIC, &after);
        assert_true(after.tv_sec - before.tv_sec < 25);
        write_all(c.slave, "\nlast\n", 6);
        usleep(300000);
        size_t n = read_log(&c, text, 4096); /* someone reads again */
        assert_int_equal(n, 4096);
        end_container(&c);
        n = read_log(&c, text, sizeof text - 1);
        text[n] = '\0';
        assert_contains(text, "bytes of the console were lost");
        assert_true(n < 400000);
        /* what did not come is what is said to be lost, and the lines that said so before */
        assert_in_range(lost_by(text), sizeof block - 4096 - n, sizeof block + 4096);
        assert_int_equal(copier_ends(10), 0);
        close(c.hook);
        close(c.engine);
}

/* The engine's reader is gone: the container goes on. */
static void test_no_reader(void **state)
{
        struct console c;
        static char block[1 << 18];

        (void)state;
        begin(&c);
        close(c.engine);
        memset(block, 'x', sizeof block);
        write_all(c.slave, block, sizeof block);
        assert_int_equal(copier_ends(0), -1);
        end_container(&c);
        assert_int_equal(copier_ends(10), 0);
        close(c.hook);
}

/* The reader never takes anything: the process ends with the container all the same. */
static void test_ends_while_stalled(void **state)
{
        struct console c;
        static char block[1 << 17];

        (void)state;
        begin(&c);
        memset(block, 'x', sizeof block);
        write_all(c.slave, block, sizeof block);
        end_container(&c);
        assert_int_equal(copier_ends(10), 0);
        close(c.hook);
        close(c.engine);
}

/* The hook was killed before it had anything to hand over. */
static void test_hook_is_gone(void **state)
{
        int pair[2];
        struct err e = {0};

        (void)state;
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        const int fds[CONSOLE_FDS] = {pair[1], pair[1], pair[1]};
        assert_int_equal(child_leave_behind("oci-console", fds, CONSOLE_FDS, console_copy, &e), 0);
        close(pair[1]);
        close(pair[0]);
        assert_int_equal(copier_ends(10), 0);
}

/* Whoever takes the process over has four descriptors and no call that opens another. */
static void test_confined(void **state)
{
        struct console c;
        char path[64], line[256], name[32] = "";
        unsigned seccomp = 0, privileges = 9, found = 0;
        unsigned long long caps = 1;
        FILE *f;

        (void)state;
        begin(&c);
        for (pid_t pid = c.container + 1; pid < c.container + 50 && !found; pid++) {
                snprintf(path, sizeof path, "/proc/%d/status", pid);
                f = fopen(path, "re");
                while (f && fgets(line, sizeof line, f)) {
                        sscanf(line, "Name:\t%31s", name);
                        found |= strcmp(name, "oci-console") == 0;
                        sscanf(line, "CapPrm:\t%llx", &caps);
                        sscanf(line, "NoNewPrivs:\t%u", &privileges);
                        sscanf(line, "Seccomp:\t%u", &seccomp);
                }
                if (f)
                        fclose(f);
        }
        end_container(&c);
        assert_int_equal(copier_ends(10), 0);
        assert_true(found);
        assert_int_equal(caps, 0);
        assert_int_equal(privileges, 1);
        assert_int_equal(seccomp, 2);
        close(c.hook);
        close(c.engine);
}

static void opens_a_file(const int *fds, size_t count)
{
        (void)fds, (void)count;
        (void)!open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void test_no_other_call(void **state)
{
        struct err e = {0};

        (void)state;
        assert_int_equal(child_leave_behind("test", NULL, 0, opens_a_file, &e), 0);
        assert_int_equal(copier_ends(10), 128 + SIGSYS);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_copies_all),
                cmocka_unit_test(test_answers),
                cmocka_unit_test(test_nobody_reads),
                cmocka_unit_test(test_no_reader),
                cmocka_unit_test(test_ends_while_stalled),
                cmocka_unit_test(test_hook_is_gone),
                cmocka_unit_test(test_confined),
                cmocka_unit_test(test_no_other_call),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
