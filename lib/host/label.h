/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/err.h"

/*
 * Whether the policy of the host knows the SELinux context that config.json gives for the container's files.
 * The kernel would only say EINVAL when it is mounted. Loads libselinux: call it where SELinux is on.
 */
int label_check(const char *context, struct err *e) must_check;

/*
 * Whether the policy lets processes of this context make cgroups below the directory cgroup. systemd that may
 * not ends with one line on its own console. Where the hook's domain may not ask, it is not refused. Loads
 * libselinux.
 */
int label_check_cgroups(const char *context, const char *cgroup, struct err *e) must_check;
