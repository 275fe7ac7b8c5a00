/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a run changes of its own process, and never changes back. lib/apply/apply.h lists when;
 * kernel/container enters the container's mount namespace, and kernel/caps gives capabilities up.
 */

#include "base/err.h"

#include <sys/types.h>

/* Modes that are given to the kernel are meant as they stand: a umask of 0. */
void self_take_modes_as_given(void);

/*
 * Files that are made from here on are this user's. Where a file system knows the container's users alone (a
 * tmpfs that the engine made in the container's user namespace), it takes files of no other. Capabilities are
 * kept.
 */
int self_make_files_as(uid_t owner, gid_t group, struct err *e) must_check;

/* A new cgroup namespace, whose root is the cgroup that the process is in: cgroup_namespaces(7). */
int self_new_cgroup_namespace(struct err *e) must_check;

/* A mount namespace, where mounts reach nobody else's; of a user namespace of its own where the user is not root. */
int self_new_mount_namespace(struct err *e) must_check;
