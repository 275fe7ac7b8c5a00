/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feature/console_copy.h"

#include "feature/terminal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define HANDOVER 31000 /* milliseconds: longer than the hook may take */
#define PIECE    4096  /* bytes that are read at once */
#define PAUSE    50    /* milliseconds before a terminal that was hung up is looked at again */
#define REST     500   /* milliseconds for what was written before the end */
#define REST_LOG 2000  /* and for the log's reader to take it */

struct copy {
        int master, slave, log, pidfd;
        bool stalled; /* nobody reads the log */
        unsigned long long lost;
        struct terminal terminal;
        size_t from, to; /* what is kept of text */
        char text[CONSOLE_ROOM];
};

/* The two descriptors, with the first message. */
static bool take_over(int socket, struct copy *c)
{
        _Alignas(struct cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))];
        char byte;
        int fds[2];
        struct pollfd p = {.fd = socket, .events = POLLIN};
        struct iovec data = {&byte, 1};
        struct msghdr message = {
                .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};

        if (poll(&p, 1, HANDOVER) != 1 || recvmsg(socket, &message, 0) != 1)
                return false;

        const struct cmsghdr *header = CMSG_FIRSTHDR(&message);

        if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof fds))
                return false;
        memcpy(fds, CMSG_DATA(header), sizeof fds);
        c->master = fds[0];
        c->slave = fds[1];
        return send(socket, "", 1, MSG_NOSIGNAL) == 1;
}

/* Gives up what is kept. The line that says so is kept in its place. */
static void lose(struct copy *c)
{
        c->lost += c->to - c->from;
        c->from = 0;
        c->to = (size_t)snprintf(c->text, sizeof c->text,
                "\n[oci-systemd-hook: %llu bytes of the console were lost, as nobody read them]\n", c->lost);
        c->stalled = true;
}

/* A piece that a pipe takes whole or not at all. */
static void give(struct copy *c)
{
        const size_t kept = c->to - c->from;
        const size_t length = kept < PIPE_BUF ? kept : PIPE_BUF;
        ssize_t n = send(c->log, c->text + c->from, length, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n < 0 && errno == ENOTSOCK)
                n = write(c->log, c->text + c->from, length);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n < 0) { /* there is no reader */
                c->from = c->to = 0;
                return;
        }
        c->from += (size_t)n;
        c->stalled = false;
        if (c->from == c->to) {
                c->from = c->to = 0;
                c->lost = 0;
        }
}

static bool has_room(const struct copy *c)
{
        return sizeof c->text - c->to >= PIECE + TERMINAL_HELD;
}

/* Makes room by moving what is kept to the beginning. */
static void move_up(struct copy *c)
{
        if (c->from == 0 || has_room(c))
                return;
        memmove(c->text, c->text + c->from, c->to - c->from);
        c->to -= c->from;
        c->from = 0;
}

/* 1, 0 when there is nothing now, -1 when no terminal is open any more. */
static int take(struct copy *c)
{
        char piece[PIECE];
        unsigned questions = 0;
        ssize_t n = read(c->master, piece, sizeof piece);

        if (n <= 0)
                return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
        c->to += terminal_text(&c->terminal, piece, (size_t)n, c->text + c->to, &questions);
        /* who asks without end and takes no answer gets none: the pseudoterminal is not waited for */
        for (unsigned q = TERMINAL_SIZE; q <= TERMINAL_CURSOR; q <<= 1)
                if (questions & q)
                        (void)!write(c->master, terminal_answer(q), strlen(terminal_answer(q)));
        return 1;
}

/* With the container no process is left that has the terminal open: it is read until the kernel says so. */
static void finish(struct copy *c)
{
        struct pollfd from = {.fd = c->master, .events = POLLIN}, to = {.fd = c->log, .events = POLLOUT};

        close(c->slave);
        for (bool more = true; more || c->from < c->to;) {
                move_up(c);
                if (more && has_room(c))
                        more = poll(&from, 1, REST) == 1 && take(c) >= 0;
                if (c->from == c->to)
                        continue;
                if (poll(&to, 1, c->stalled ? 0 : more && has_room(c) ? 0 : REST_LOG) == 1)
                        give(c);
                else if (!more || !has_room(c))
                        return;
        }
}

/* 0 when the container has ended. */
static int copy_once(struct copy *c, bool *hung_up)
{
        move_up(c);

        const bool room = has_room(c);
        struct pollfd p[] = {
                {.fd = room && !*hung_up ? c->master : -1, .events = POLLIN},
                {.fd = c->from < c->to ? c->log : -1, .events = POLLOUT},
                {.fd = c->pidfd, .events = POLLIN},
        };
        const int limit = *hung_up ? PAUSE : room ? -1 : c->stalled ? 0 : CONSOLE_PATIENCE;
        const int r = poll(p, 3, limit);

        *hung_up = false;
        if (r == 0 && !room)
                lose(c);
        if (r <= 0)
                return r == 0 || errno == EINTR;
        if (p[2].revents)
                return 0;
        if (p[1].revents)
                give(c);
        /* a payload with the privilege to hang its terminal up, which it opens again later */
        *hung_up = p[0].revents && take(c) < 0;
        return 1;
}

void console_copy(const int *fds, size_t count)
{
        static struct copy c; /* zeroed pages that are touched when they are needed */

        if (count != CONSOLE_FDS || !take_over(fds[CONSOLE_FD_SOCKET], &c))
                return;
        close(fds[CONSOLE_FD_SOCKET]);
        c.log = fds[CONSOLE_FD_LOG];
        c.pidfd = fds[CONSOLE_FD_PIDFD];

        bool hung_up = false;

        while (copy_once(&c, &hung_up))
                ;
        finish(&c);
}
