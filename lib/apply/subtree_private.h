/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the two halves of lib/apply/subtree share. All return -errno. */

#include "base/err.h"

#include <stddef.h>

/* path without its leading '/', or ".". */
const char *subtree_relative(const char *path);

/* Opens path beneath the mount, over no link and no other mount. */
int subtree_lookup(int mount, const char *path, int flags) must_check;

/* Up to size - 1 bytes of a cgroup's file, and a NUL. */
int subtree_read(int cgroup, const char *name, char *text, size_t size) must_check;

int subtree_write(int cgroup, const char *name, const char *value) must_check;
