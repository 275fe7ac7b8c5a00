/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The mounts of another mount namespace below a directory of it. It is asked of the kernel and not of
 * config.json: runtimes mount more than is written there (runc's notify socket, what other hooks brought),
 * and elsewhere (through a link: /var/run/secrets).
 */

#include "base/arena.h"
#include "kernel/container.h"

#include <stddef.h>

/*
 * Calls found with each mount point below rootfs, as a path that starts at the rootfs. Uses listmount(2)
 * where the kernel has it for other namespaces (6.11), else /proc/PID/mountinfo through libmount.
 */
int mounts_below(const struct container *c, struct croot view, const char *rootfs,
        int (*found)(void *to, const char *path, struct err *e), void *to, struct err *e) must_check;
