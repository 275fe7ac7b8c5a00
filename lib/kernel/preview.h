/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A rootfs as a container would see it, with what config.json mounts over it, in a mount namespace that the calling process goes
 * to for good. Nobody else sees these mounts, and they end with the process. A user who is not root needs user namespaces.
 */

#include "base/err.h"
#include "kernel/croot.h"

/* rootfs: a directory of the host. */
int preview_make(const char *rootfs, struct croot *ret_root, struct err *e) must_check;

/*
 * Puts source, a file or directory of the host, over destination; NULL: an empty tmpfs. -ENOENT: a mount point that is not there,
 * which a runtime would make: a preview changes no image.
 */
int preview_cover(struct croot root, const char *source, const char *destination, struct err *e) must_check;
