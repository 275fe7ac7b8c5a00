/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Cgroups of one hierarchy, by the fd of a mount of it. Paths are absolute within that mount and come from
 * /proc/PID/cgroup and the container's id; they are looked up beneath the mount without following any link
 * (cgroup file systems have none).
 */

#include "base/err.h"

#include <sys/types.h>

/* Makes path, with a umask of 0; its parent exists. One that is there and empty is taken over, one with
 * processes is refused. */
int subtree_make(int mount, const char *path, struct err *e) must_check;

/* Moves the process into path. */
int subtree_join(int mount, const char *path, pid_t pid, struct err *e) must_check;

/* Every controller that path has is handed down to its children (cgroup.subtree_control). */
int subtree_enable(int mount, const char *path, struct err *e) must_check;

/* path and those of its files that /sys/kernel/cgroup/delegate names become owner's. delegate: its content.
 */
int subtree_delegate(int mount, const char *path, const char *delegate, uid_t owner, gid_t group,
        struct err *e) must_check;

/* Removes path and all below it; it not being there is success. Waits a second for processes that are ending.
 */
int subtree_remove(int mount, const char *path, struct err *e) must_check;

/* path itself, O_PATH. */
int subtree_open(int mount, const char *path, struct err *e) must_check;
