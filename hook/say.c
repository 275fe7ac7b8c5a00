/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "say.h"

#include "base/log.h"
#include "base/scope.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#define PATIENCE 100 /* milliseconds that a journal which is full may hold a start up */

static int journal = -1, syslog_socket = -1;
static bool is_held;

static int make_socket(int type)
{
        return socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static bool reaches(int fd, const struct sockaddr_un *to)
{
        return fd >= 0 && connect(fd, (const struct sockaddr *)to, sizeof *to) == 0;
}

void say_hold(void)
{
        static const struct sockaddr_un native = {AF_UNIX, "/run/systemd/journal/socket"};
        static const struct sockaddr_un traditional = {AF_UNIX, "/dev/log"};

        if (is_held)
                return;
        is_held = true;
        scoped_fd fd = make_socket(SOCK_DGRAM);

        if (reaches(fd, &native)) {
                journal = take_fd(&fd);
                return;
        }
        bool is_there = reaches(fd, &traditional);

        if (!is_there && fd >= 0 && errno == EPROTOTYPE) { /* somebody listens, to streams */
                scope_close(&fd);
                fd = make_socket(SOCK_STREAM);
                is_there = reaches(fd, &traditional);
        }
        if (is_there)
                syslog_socket = take_fd(&fd);
}

static void send_to(int fd, const char *text, size_t length)
{
        struct pollfd p = {.fd = fd, .events = POLLOUT};

        if (send(fd, text, length, MSG_NOSIGNAL) < 0 && errno == EAGAIN && poll(&p, 1, PATIENCE) > 0)
                (void)!send(fd, text, length, MSG_NOSIGNAL);
}

static int priority_of(enum say_kind kind)
{
        switch (kind) {
        case SAY_ACTED:
                return LOG_INFO;
        case SAY_SKIPPED:
        case SAY_NOTE:
                return LOG_NOTICE;
        case SAY_LACKS:
                return LOG_WARNING;
        case SAY_NOWHERE:
        case SAY_REFUSED:
        case SAY_LEFT:
        case SAY_CALL:
                break;
        }
        return LOG_ERR;
}

/* line begins with the name of the program, as on stderr. */
static void write_entry(enum say_kind kind, const struct say_about *about, const char *line, int code)
{
        filled_later struct log_entry entry;
        char id[sizeof SAY_MESSAGE_IDS + 2];

        entry.length = 0;
        snprintf(id, sizeof id, SAY_MESSAGE_IDS "%02x", (unsigned)kind);
        log_escaped(&entry, "MESSAGE", line);
        log_field(&entry, "MESSAGE_ID", id);
        log_number(&entry, "PRIORITY", (unsigned)priority_of(kind));
        log_number(&entry, "SYSLOG_FACILITY", LOG_FAC(LOG_DAEMON));
        log_field(&entry, "SYSLOG_IDENTIFIER", "oci-systemd-hook");
        log_field(&entry, "CONTAINER_ID", about->id);
        log_field(&entry, "CONTAINER_BUNDLE", about->bundle);
        log_field(&entry, "HOOK_LAYOUT", about->layout);
        if (about->version)
                log_number(&entry, "HOOK_SYSTEMD", about->version);
        if (code)
                log_number(&entry, "ERRNO", (unsigned)code);
        send_to(journal, entry.text, entry.length);
}

static void write_to_log(enum say_kind kind, const struct say_about *about, const char *line, int code)
{
        char text[LOG_LINE_MOST + 64];

        line += strlen("oci-systemd-hook: ");
        say_hold();
        if (journal >= 0) {
                write_entry(kind, about, line, code);
        } else if (syslog_socket >= 0) {
                int n = snprintf(text, sizeof text, "<%d>oci-systemd-hook[%d]: %s",
                        LOG_DAEMON | priority_of(kind), getpid(), line);

                send_to(syslog_socket, text, (size_t)n);
        }
}

void say(enum say_kind kind, const struct say_about *about, const char *text)
{
        char line[LOG_LINE_MOST];
        struct err e;

        (void)!err_refuse(&e, "%s", text);
        log_line(line, sizeof line, about->id, &e);
        write_to_log(kind, about, line, 0);
}

void say_error(enum say_kind kind, const struct say_about *about, const struct err *e)
{
        char line[LOG_LINE_MOST];

        log_line(line, sizeof line, about->id, e);
        dprintf(STDERR_FILENO, "%s\n", line);
        if (kind != SAY_NOWHERE)
                write_to_log(kind, about, line, e->code);
}
