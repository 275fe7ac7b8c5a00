/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * systemd-machined(8) of the host: the call that makes a machine known, and what it takes for a name and for a unit. Pure but for
 * the call.
 */

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

#define MACHINED_NAME_MOST 64 /* HOST_NAME_MAX */

struct machined_machine {
        const char *name;
        char id[33]; /* the machine-id; empty: unknown */
        pid_t leader;
};

/* Whether machined takes text as a machine's name: a host name, of at most MACHINED_NAME_MOST bytes. */
bool machined_is_name(const char *text);

/* Whether the cgroup is in a scope that an engine has made for the container id, and so in nobody else's unit. */
bool machined_is_own_scope(const char *cgroup, const char *id);

/*
 * Registers m: by Varlink where machined listens to it (systemd 256 and newer, while machined runs), or else by D-Bus, which
 * starts machined; libsystemd is loaded for that. Waits as long as these do: to be called in a child with a time limit.
 */
int machined_register(const struct machined_machine *m, struct err *e) must_check;
