/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/err.h"

#define INOTIFY_FOR_A_BOOT 7 /* instances of a booted systemd 257 with dbus and getty */

/*
 * Whether the user whom the container's root counts for has inotify instances left for systemd: fs.inotify.max_user_instances is
 * one number for all containers of a user, 128 as a rule, and a PID 1 that gets none ends with "Too many open files" on its own
 * console. To ask is to make some and close them. Those of a container with a user namespace count for the hook's user, too. What
 * to do about a refusal, the caller says: the sysctl, with inotify_more.
 */
int inotify_check(struct err *e) must_check;

/* fs.inotify.max_user_instances; 0: unknown. */
unsigned long inotify_limit(void);

/* What to raise that limit to. */
unsigned long inotify_more(unsigned long limit);
