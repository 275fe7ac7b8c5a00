/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The part of facts that is what the container has at /sys/fs/cgroup. */

#include "host/facts.h"

/* Where each hierarchy of systemd's is customarily mounted. */
extern const char *const facts_directories[HIERARCHIES];

/* Of a container that lives, whose mounts are in f already. */
int facts_cgroup_mount(struct croot view, struct facts *f, struct err *e) must_check;

/* As the configuration lets us expect it, on the host of f. */
int facts_cgroup_mount_expect(const struct oci_config *c, struct arena *a, struct facts *f, struct err *e)
        must_check;
