/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an image has set up for its boot, as far as it tells which of systemd's own generators and units have work
 * in it (boot=lean). What cannot be known counts as work, and what is asked of the image is bounded.
 */

#include "base/arena.h"
#include "kernel/croot.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum image_work {
        IMAGE_FSTAB = 1 << 0,        /* /etc/fstab has a line that is no comment */
        IMAGE_SYSV = 1 << 1,         /* a script in /etc/init.d has no unit of its name */
        IMAGE_RC_LOCAL = 1 << 2,     /* /etc/rc.local or /etc/rc.d/rc.local is there */
        IMAGE_SSHD = 1 << 3,         /* an sshd that can be given a socket */
        IMAGE_UPDATE = 1 << 4,       /* /system-update is there */
        IMAGE_DEV_RULES = 1 << 5,    /* rules of its own for files in /dev: tmpfiles.d(5) */
        IMAGE_OLD_LINKER = 1 << 6,   /* ld.so.cache is older than a directory of libraries, or not there */
        IMAGE_OLD_CATALOG = 1 << 7,  /* the journal's catalogue is older than its sources, or not there */
        IMAGE_OLD_USERS = 1 << 8,    /* /etc/passwd or group is older than sysusers.d(5) */
        IMAGE_OLD_HARDWARE = 1 << 9, /* there is a hardware database, and hwdb.bin is older or not there */
};

struct image {
        unsigned work;      /* enum image_work */
        bool is_unreadable; /* /etc/systemd/system could not be read to its end: nothing is masked */
        /* units that somebody enabled, overrode or gave a drop-in in /etc/systemd/system */
        const char **changed;
        size_t changed_count;
};

/* Looks at the image below view. Nothing of it can make a start fail. */
void image_look(struct croot view, struct arena *a, struct image *ret_image);

/* Whether somebody has enabled or changed the unit by hand. */
static inline bool image_has_changed(const struct image *image, const char *unit)
{
        for (size_t i = 0; i < image->changed_count; i++)
                if (strcmp(image->changed[i], unit) == 0)
                        return true;
        return image->is_unreadable;
}
