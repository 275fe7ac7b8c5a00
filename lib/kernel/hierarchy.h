/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The hierarchies of control groups that this program cares for. */
enum hierarchy {
        HIERARCHY_UNIFIED, /* cgroup2 */
        HIERARCHY_SYSTEMD, /* the named v1 hierarchy name=systemd */
        HIERARCHIES,
};

/* "cgroup2", "name=systemd" */
extern const char *const hierarchy_names[HIERARCHIES];
