/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the host and the container are like, in one struct that a test can fill by hand. Nothing is changed.
 */

#include "base/arena.h"
#include "host/found.h"
#include "host/image.h"
#include "kernel/container.h"
#include "kernel/mount.h"
#include "oci/oci.h"

#include <stdbool.h>
#include <sys/types.h>

enum host_mode {
        HOST_UNIFIED, /* cgroup2 at /sys/fs/cgroup */
        HOST_HYBRID,  /* v1, name=systemd and cgroup2 beside each other */
        HOST_LEGACY,  /* v1 and name=systemd */
        HOST_BARE,    /* no name=systemd: the host was not set up by systemd */
        HOST_MODES,
};

extern const char *const host_mode_names[HOST_MODES];

/* Where the container's first process is in one hierarchy. Both NULL: the kernel does not have the hierarchy.
 */
struct place {
        const char *path; /* as the hook sees it, absolute */
        const char *seen; /* as the container sees it in its /proc/1/cgroup */
        bool not_its_own; /* the runtime does not manage this hierarchy: it is where others are, too */
        bool has_others;  /* that is so because others are in it; it is neither "/" nor the hook's */
};

/* What is mounted at the container's /sys/fs/cgroup before we come. */
enum cgroup_mount { CGROUP_MOUNT_NONE, CGROUP_MOUNT_TMPFS, CGROUP_MOUNT_UNIFIED, CGROUP_MOUNT_HOSTS };

struct facts {
        enum host_mode host;
        const char *mounted_at[HIERARCHIES]; /* on the host; NULL: nowhere */
        struct place place[HIERARCHIES];
        bool user_namespace;
        bool has_hosts_root; /* the user namespace maps the host's root, to whatever id */
        uid_t root_uid;      /* who the container's 0 is, as the hook counts */
        gid_t root_gid;
        /* container paths that are mount points, of those that concern us, and that no later mount hides; twice where a mount
         * is on another one */
        const char **mounts;
        size_t mount_count;
        enum cgroup_mount cgroup_mount;
        bool has_directory[HIERARCHIES]; /* /sys/fs/cgroup/unified, /sys/fs/cgroup/systemd are there */
        const char *os_release;          /* the host's, or NULL */
        bool selinux;                    /* facts_has_selinux: the caller's to fill in */
        struct found found;              /* what the image and the user have at our places */
        struct image image;              /* image_look, for boot=lean: the caller's to fill in */
        unsigned units;                  /* units_look, for units=condition: likewise */
};

/* Whether the host enforces or permits by SELinux. */
bool facts_has_selinux(void);

/* The host's part. */
int facts_host(struct arena *a, struct facts *ret_facts, struct err *e) must_check;

/* The container's part, of a container that lives. Reads the host's part. rootfs is view's path on the host.
 */
int facts_container(const struct container *c, struct croot view, const char *rootfs, struct arena *a,
        struct facts *facts, struct err *e) must_check;

/* The container's part as the configuration lets us expect it, for `plan`. */
int facts_expect(const struct oci_config *c, struct arena *a, struct facts *facts, struct err *e) must_check;

/*
 * Where h is mounted if not at its customary place; NULL when nowhere. Loads a library: only for a start that
 * needs the answer.
 */
const char *facts_search(enum hierarchy h, struct arena *a);
