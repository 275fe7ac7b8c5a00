/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The container as a process: held by a pidfd before anything is read of it, known by its namespaces,
 * entered.
 */

#include "base/err.h"
#include "kernel/croot.h"

#include <stdbool.h>
#include <sys/types.h>

struct container {
        pid_t pid;
        int pidfd;
        int proc; /* /proc/PID, O_PATH */
        /* from container_check */
        int mount_namespace;
        int own_cgroup_namespace;                          /* the hook's */
        bool other_cgroup_namespace, other_user_namespace; /* than the hook's own */
        bool rootless; /* the hook itself is in a user namespace that somebody made */
};

#define CONTAINER_NONE                                                                                       \
        (struct container)                                                                                   \
        {                                                                                                    \
                .pidfd = -1, .proc = -1, .mount_namespace = -1, .own_cgroup_namespace = -1                   \
        }

/* Takes hold of pid. Close with container_release. */
int container_hold(pid_t pid, struct container *ret_container, struct err *e) must_check;

void container_release(struct container *c);

/* -ESRCH when the process has ended, and so its pid may be another's. */
int container_check_alive(const struct container *c, struct err *e) must_check;

/*
 * That the process is the first one of the container which the runtime is making of this rootfs: mount and
 * pid namespaces of its own, and in its rootfs a proc whose process 1 is in the same ones. It keeps a
 * stranger's pid from being acted on.
 */
int container_check(struct container *c, struct croot view, struct err *e) must_check;

/*
 * The rootfs (an absolute path of the host) as the container's mount namespace has it. Changes nothing. Returns 0, or 1 with e
 * when the process does not see it: so it is with a sandbox's process, whose own kernel makes the container's mounts.
 */
int container_rootfs(const struct container *c, const char *rootfs, struct croot *ret_view, struct err *e)
        must_check;

/*
 * Into the container's mount namespace, for good. The rootfs is opened again there: it must be what view is.
 * After this no path of the host means what it meant before.
 */
int container_enter_mounts(const struct container *c, const char *rootfs, struct croot view,
        struct croot *ret_root, struct err *e) must_check;

/* Runs work in the container's cgroup namespace and comes back from it. Returns what work returned, or
 * -errno. */
int container_in_cgroup_namespace(const struct container *c, int (*work)(void *with, struct err *e),
        void *with, struct err *e) must_check;
