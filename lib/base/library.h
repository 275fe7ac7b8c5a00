/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Libraries that few starts need, loaded by those that do: merely linking libmount and libselinux costs more
 * than all the mounts. By soname only, so that the system's loader finds them in the system's directories.
 */

#include "base/err.h"

struct library_symbol {
        const char *name;
        void *function; /* a pointer to a function pointer */
};

/*
 * Loads the first of the sonames (NULL ends them) that is there, and fills in the symbols. It stays loaded.
 * A static build (make STATIC=1) has none. -ENOENT: none is installed, or it lacks a symbol; the error says
 * which.
 */
int library_load(const char *const *sonames, const struct library_symbol *symbols, struct err *e) must_check;
