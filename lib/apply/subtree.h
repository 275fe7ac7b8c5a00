/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Cgroups of one hierarchy, by the fd of a mount of it. Paths are absolute within that mount and come from
 * /proc/PID/cgroup and the container's id; they are looked up beneath the mount without following any link
 * (cgroup file systems have none).
 */

#include "base/err.h"

#include <stdbool.h>
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

/*
 * No more than most cgroups below path, and none deeper than depth below it, unless that is so already (cgroup2:
 * cgroup.max.descendants, cgroup.max.depth). Who cannot write to path's own files cannot raise it.
 */
int subtree_bound(int mount, const char *path, unsigned most, unsigned depth, struct err *e) must_check;

/* Kills the processes that are in path itself, but for the hook. Returns how many. */
unsigned subtree_evict(int mount, const char *path);

/*
 * Removes path and all below it, however deep; it not being there is success. Waits a second for processes that are
 * ending. kill: path is one container's alone, which is gone: whoever still lives in it is killed.
 */
int subtree_remove(int mount, const char *path, bool kill, struct err *e) must_check;

/* Likewise, at once. -EBUSY: somebody lives in it; then nothing of it is removed. */
int subtree_try_to_remove(int mount, const char *path) must_check;

/* Whether in path or below it lives somebody else than pid; what cannot be looked at has some. */
bool subtree_has_others(int mount, const char *path, pid_t pid);

/* path itself, O_PATH. */
int subtree_open(int mount, const char *path, struct err *e) must_check;
