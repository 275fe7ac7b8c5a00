/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which cgroup hierarchies the payload is shown, by the host and by what the payload understands: contract 5.
 */

#include "host/facts.h"
#include "oci/settings.h"

enum layout {
        LAYOUT_UNIFIED, /* cgroup2 at /sys/fs/cgroup */
        LAYOUT_HYBRID,  /* v1 controllers, name=systemd at …/systemd, cgroup2 at …/unified */
        LAYOUT_LEGACY,  /* v1 controllers, name=systemd at …/systemd */
        LAYOUTS,
};

extern const char *const layout_names[LAYOUTS];

/*
 * version 0: not known, taken for one that suits the host. reason says why, for people; it is static.
 * A choice that the payload does not understand is refused.
 */
int layout_choose(enum host_mode host, unsigned version, enum cgroup_choice choice, enum layout *ret_layout,
        const char **ret_reason, struct err *e) must_check;
