/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Files of /proc/PID as text. Pure. */

#include "base/err.h"
#include "kernel/hierarchy.h"

#include <stdbool.h>
#include <sys/types.h>

#define PROC_CGROUP_MOST (64 << 10) /* bytes of /proc/PID/cgroup: some dozen lines of at most a path each */

/*
 * /proc/PID/cgroup, cgroups(7): "ID:CONTROLLERS:PATH" a line, "0::PATH" for cgroup2. text is cut into pieces,
 * which ret_path points into; a hierarchy that is not named stays as it was.
 */
int proc_text_cgroups(char *text, const char *ret_path[HIERARCHIES], struct err *e) must_check;

/*
 * The path that memory is charged to, of the same text: that of cgroup v1's memory controller, or else of cgroup2, which
 * then may have it. NULL: neither is there.
 */
const char *proc_text_memory_cgroup(char *text, bool *ret_is_v1);

/*
 * /proc/PID/uid_map or gid_map, user_namespaces(7): "INSIDE OUTSIDE COUNT" a line. Who the 0 inside is
 * outside. -ENOENT: nobody.
 */
int proc_text_root_id(const char *text, uid_t *ret_id) must_check;

/* Whether a uid_map maps the id 0 of outside, to whatever id inside. */
bool proc_text_maps_root(const char *text);
