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
#include <stdint.h>

struct mount_found {
        const char *path;    /* where it is, from the rootfs on: "/run" */
        uint64_t id, parent; /* its own, and its parent's, both of one kind of the kernel's ids */
};

struct mount_search {
        int (*found)(void *to, const struct mount_found *m, struct err *e);
        void *to;
        uint64_t rootfs; /* filled in before found is called: the id of the rootfs's own mount */
};

/*
 * Calls s->found with each mount below rootfs, also with those that a later one hides. Uses listmount(2) where the
 * kernel has it for other namespaces (6.11), else /proc/PID/mountinfo through libmount.
 */
int mounts_below(const struct container *c, struct croot view, const char *rootfs, struct mount_search *s,
        struct err *e) must_check;

/*
 * Of count mounts those that a walker meets who goes from the rootfs to their path: the ones in front of the array, sorted
 * by path, a directory before what is below it. Of mounts on one place, one on the other, all are left if the last one is
 * met.
 */
int mounts_visible(struct mount_found *list, size_t *count, uint64_t rootfs, struct arena *a, struct err *e)
        must_check;
