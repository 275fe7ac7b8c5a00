/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the container's command is, decided by what the file is and not by its name: contract section 4.
 */

#include "kernel/croot.h"
#include "oci/oci.h"

struct payload {
        bool is_systemd;
        unsigned version; /* of systemd: 247; 0: not known */
        char reason[256]; /* one clause for people: "/sbin/init needs libsystemd-shared-247.so" */
};

/*
 * Looks at c->command as the container would find it: through PATH if it has no slash, relative to the
 * working directory if it has one, through links inside the rootfs. A command that is not there or cannot be
 * run is not systemd, with the reason; an error is only what keeps us from looking.
 */
int payload_inspect(struct croot root, const struct oci_config *c, struct payload *ret_payload, struct err *e)
        must_check;

/* The version of the systemd that the rootfs holds at its customary places, whatever the command is; 0: none.
 */
unsigned payload_installed_version(struct croot root);
