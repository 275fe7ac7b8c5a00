/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Containers by the state that runtimes and engines keep in files: no daemon is asked. */

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct known_container {
        const char *id;
        const char *bundle; /* NULL: gone, as the engine keeps none of a container that does not run */
        const char *docker; /* the file with Docker's words about it, or NULL */
        pid_t pid;          /* 0: it does not run */
        bool is_kept;       /* no runtime knows it: it has ended or never began, and its engine keeps it */
        bool is_containerds;
};

/*
 * name: an id, the beginning of one, or a name that Podman or Docker have given, also of a container that has ended. -ENOENT: nobody
 * knows it.
 */
int containers_find(const char *name, struct arena *a, struct known_container *ret, struct err *e) must_check;
