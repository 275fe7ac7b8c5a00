/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Memory that the hook fills and a container pays for: the kernel charges a page to the cgroup of the process that
 * touches it first.
 */

#include "base/err.h"

#include <sys/types.h>

/*
 * cgroup.procs of the cgroup that the memory of pid is charged to, open for writing; or -ENOENT where no hierarchy that
 * is mounted at a customary place counts memory, and -errno where the hook may not open the file. unified: where
 * cgroup2 is mounted, or NULL. On the host, before another mount namespace is entered.
 */
int charge_open(pid_t pid, const char *unified);
