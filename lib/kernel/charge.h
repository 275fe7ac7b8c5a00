/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Memory that the hook fills and a container pays for: the kernel charges a page to the cgroup of the process that
 * touches it first.
 */

#include "kernel/container.h"

/*
 * cgroup.procs of the cgroup that the memory of the container's process is charged to, open for writing; or -ENOENT where
 * no hierarchy that is mounted at a customary place counts memory or the cgroup is not below what the hook sees, and -errno
 * where the hook may not open the file. unified: where cgroup2 is mounted, or NULL. On the host, before another mount
 * namespace is entered.
 */
int charge_open(const struct container *c, const char *unified);
