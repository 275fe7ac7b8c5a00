/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/hierarchy.h"

const char *const hierarchy_names[HIERARCHIES] = {
        [HIERARCHY_UNIFIED] = "cgroup2",
        [HIERARCHY_SYSTEMD] = "name=systemd",
};
