/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whether this container is ours. Pure. */

#include "host/payload.h"
#include "oci/oci.h"
#include "oci/settings.h"

#include <stdbool.h>

struct decision {
        bool acts;
        bool needs_payload; /* not decided: look at the payload, and ask again with it */
        const char *reason; /* one clause for people; lives as long as the payload */
};

/* payload NULL: it has not been looked at yet. */
struct decision decide(const struct settings *s, const struct oci_config *c, const struct payload *payload);

/* Of a container that is acted on: refuses a systemd before 247 that is not told by container= that it is in a container. */
int decide_check_payload(const struct payload *payload, struct err *e) must_check;
