/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A hierarchy as a mount fd, whether or not the host has it mounted. Nothing is ever mounted on the host. */

#include "kernel/container.h"
#include "kernel/mount.h"

/*
 * A detached, writable mount of h, whose root is the host's directory source; NULL: h is mounted nowhere, and gets a
 * fresh mount, whose root is the root of the container's cgroup namespace.
 */
int hold_for_container(const struct container *c, enum hierarchy h, const char *source, struct err *e)
        must_check;

/* A mount of h whose root is the hook's own, for poststop. mounted: where it is on the host, or NULL. */
int hold_for_host(enum hierarchy h, const char *mounted, struct err *e) must_check;

/* Whether the kernel has the hierarchy: cgroups(7), /proc/self/cgroup. Returns 1, 0, or -errno where that cannot be read. */
int hold_exists(enum hierarchy h, struct err *e) must_check;
