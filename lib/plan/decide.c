/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/decide.h"

#define FIRST_WITH_RUN_HOST 247u /* that reads /run/host/container-manager */

struct decision decide(const struct settings *s, const struct oci_config *c, const struct payload *payload)
{
        if (s->mode == MODE_OFF)
                return (struct decision){.reason = "mode=off"};
        if (c->disabled)
                return (struct decision){
                        .reason = "oci-systemd-hook=disabled in the container's environment"};
        /* also with mode=always: it would be an error, and is no fault of the container's */
        if (payload && payload->is_unseen)
                return (struct decision){.reason = payload->reason};
        if (s->mode == MODE_ALWAYS)
                return (struct decision){.acts = true, .reason = "mode=always"};
        if (!payload)
                return (struct decision){.needs_payload = true, .reason = "the payload is not known"};
        return (struct decision){.acts = payload->is_systemd, .reason = payload->reason};
}

/* Without it 239 on cgroup2 hangs in silence, and 219 does not power off. */
int decide_check_payload(const struct payload *payload, struct err *e)
{
        if (!payload->version || payload->version >= FIRST_WITH_RUN_HOST || payload->has_container)
                return 0;
        err_refuse(e, "systemd %u knows by container= in its environment alone that it is in a container",
                payload->version);
        return err_hint(e, "add container=oci to the environment (docker, podman: --env container=oci)");
}
