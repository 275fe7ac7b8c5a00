/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* All mounts of config.json, for who looks at a bundle before a runtime has made them. */

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct oci_covering {
        const char *destination; /* absolute, clean */
        const char *source;      /* of a bind mount, absolute; NULL: a fresh tmpfs */
};

/* Those that bind something of the host's or are an empty tmpfs, in the file's order. */
int oci_read_mounts(const char *bundle, struct arena *a, struct oci_covering **ret_list, size_t *ret_count,
        struct err *e) must_check;
