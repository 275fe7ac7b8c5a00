/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What config.json shows to be missing for systemd, a sentence each: what it means, and what to type. The container is started all
 * the same: its user may know better. Pure.
 */

#include "base/arena.h"
#include "base/err.h"
#include "host/payload.h"
#include "oci/oci.h"

#define LACKS_MOST 10

#define LACKS_STOP_SIGNAL                                                                                    \
        "the stop signal does not stop systemd, so that a stop waits for its time-out and kills; "           \
        "set --stop-signal=SIGRTMIN+3 (STOPSIGNAL in the image)"

struct lacks {
        const char *list[LACKS_MOST];
        size_t count;
        const char *slow; /* nothing is missing, but the boot waits; or NULL */
};

int lacks_find(const struct oci_config *c, const struct payload *payload, struct arena *a,
        struct lacks *ret_lacks, struct err *e) must_check;
