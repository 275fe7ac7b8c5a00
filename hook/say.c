/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "say.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

static int log_socket; /* connected; 0: not tried yet; -1: there is none */

void say_hold(void)
{
        static const int types[] = {SOCK_DGRAM, SOCK_STREAM};
        const struct sockaddr_un log = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};

        log_socket = -1;
        for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
                int fd = socket(AF_UNIX, types[i] | SOCK_CLOEXEC, 0);

                if (fd < 0)
                        continue;
                if (connect(fd, (const struct sockaddr *)&log, sizeof log) == 0) {
                        log_socket = fd;
                        return;
                }
                close(fd);
        }
}

/* As syslog(3) does it. */
static void write_to_log(const char *line)
{
        if (log_socket == 0)
                say_hold();
        if (log_socket > 0)
                dprintf(log_socket, "<%d>oci-systemd-hook[%d]: %s", LOG_DAEMON | LOG_ERR, getpid(), line);
}

void say_error(const char *id, const struct err *e, bool in_log)
{
        char line[2048];

        log_line(line, sizeof line, id, e);
        dprintf(STDERR_FILENO, "%s\n", line);
        if (in_log)
                write_to_log(line + strlen("oci-systemd-hook: "));
}

void say_at_once(const char *line)
{
        (void)!write(STDERR_FILENO, line, strlen(line));
}
