/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The process that copies a container's console to the engine's log: child_leave_behind runs it on the host.
 * It ends with the container.
 */

#include <stddef.h>

/* The descriptors that it begins with. Over the first one it gets two more: the pseudoterminal and its
 * terminal end (SCM_RIGHTS). */
enum console_fd { CONSOLE_FD_SOCKET, CONSOLE_FD_LOG, CONSOLE_FD_PIDFD, CONSOLE_FDS };

/*
 * Waits for the two descriptors, says one byte when it has them, and copies until the process of the pidfd has
 * ended and what it wrote is read. The hook's end of the socket closed before: it ends at once.
 *
 * It never waits for the log's reader without an end: as long as nobody reads, up to CONSOLE_ROOM bytes are kept and the
 * container's writers wait, CONSOLE_PATIENCE milliseconds at most; then what was kept is given up, and what comes is lost until the
 * reader reads again, and a line says how much.
 */
void console_copy(const int *fds, size_t count);

#define CONSOLE_ROOM     65536
#define CONSOLE_PATIENCE 5000
