/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Containers by the state that runtimes and engines keep in files: no daemon is asked. */

#include "base/arena.h"
#include "base/err.h"

#include <sys/types.h>

struct known_container {
        const char *id, *bundle;
        const char *state; /* the file that it is known by */
        pid_t pid;         /* 0: it does not run */
};

/* name: an id, the beginning of one, or a name that Podman or Docker have given. -ENOENT: nobody knows it. */
int containers_find(const char *name, struct arena *a, struct known_container *ret, struct err *e) must_check;
