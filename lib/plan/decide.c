/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/decide.h"

struct decision decide(const struct settings *s, const struct oci_config *c, const struct payload *payload)
{
        if (s->mode == MODE_OFF)
                return (struct decision){.reason = "mode=off"};
        if (c->disabled)
                return (struct decision){
                        .reason = "oci-systemd-hook=disabled in the container's environment"};
        if (s->mode == MODE_ALWAYS)
                return (struct decision){.acts = true, .reason = "mode=always"};
        if (!payload)
                return (struct decision){.needs_payload = true, .reason = "the payload is not known"};
        return (struct decision){.acts = payload->is_systemd, .reason = payload->reason};
}
