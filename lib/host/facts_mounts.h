/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The part of facts that is the container's mounts. */

#include "host/facts.h"

/* Of a container that lives. rootfs is view's path on the host. */
int facts_mounts(const struct container *c, struct croot view, const char *rootfs, struct arena *a,
        struct facts *f, struct err *e) must_check;

/* The mount of the configuration that a walker would be on at path; NULL: the rootfs. */
int facts_mounts_seen(const struct oci_config *c, const char *path, struct arena *a,
        const struct oci_mount **ret, struct err *e) must_check;

/* As the configuration lets us expect them: made one after the other. */
int facts_mounts_expect(const struct oci_config *c, struct arena *a, struct facts *f, struct err *e)
        must_check;
