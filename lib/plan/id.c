/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/private.h"

#include "base/path.h"
#include "plan/machine_id.h"

#include <string.h>

static void refuse_other(struct planning *p)
{
        p->failed = err_refuse(
                p->e, "the container's /etc/machine-id is a directory or a device, not a regular file");
        p->failed = err_hint(p->e, "make it an empty file, or mount a file there");
}

/* A link whose file is in /run is one into what the hook mounts there, or claims. */
static bool leads_into_run(const struct found_id *id)
{
        return id->directory &&
               (path_below(id->directory, "/run") || path_below(id->directory, "/etc/../run") ||
                       path_below(id->directory, "/var/run"));
}

/* On a volume that the payload can write to, it makes a file and an id that lasts; on another it would end. */
static void miss(struct planning *p, const char *volume)
{
        const struct oci_mount *mount = plan_last_mount(p, volume);

        if (mount && mount->read_only) {
                p->failed = err_refuse(p->e,
                        "the container's /etc/machine-id is missing, and %s is mounted read-only", volume);
                p->failed = err_hint(p->e, "put an empty file there");
        } else {
                plan_note(p,
                        "/etc/machine-id is missing on the volume at %s: the payload is left to make its id "
                        "there",
                        volume);
        }
}

/*
 * On a volume of the user's, a valid id is the container's, as its user wants it to last. Without one ours is mounted over
 * the file.
 */
static bool is_the_volumes(struct planning *p)
{
        const struct found_id *id = &p->in->facts->found.id;
        const char *above = plan_mount_above(p, "/etc/machine-id");

        if ((!above && !id->on_volume) || leads_into_run(id))
                return false;
        if (*id->text && p->in->settings->machine_id != MACHINE_ID_GIVEN)
                return true;
        if (id->is_missing && !id->is_link && above) {
                miss(p, above);
                return true;
        }
        p->id_claim = id->is_link && id->directory ? id->directory : above ? above : "/etc";
        return false;
}

void plan_machine_id(struct planning *p)
{
        const struct settings *s = p->in->settings;

        if (p->in->facts->found.id.is_other)
                refuse_other(p);
        /* what is given is bound from the tmpfs at /run/host */
        if (plan_has_mount(p, "/run/host") || plan_has_mount(p, "/etc/machine-id") ||
                s->machine_id == MACHINE_ID_IMAGE || p->failed || is_the_volumes(p))
                return;
        if (s->machine_id == MACHINE_ID_GIVEN) {
                memcpy(p->plan.machine_id, s->given_machine_id, sizeof p->plan.machine_id);
        } else if (p->in->payload->is_systemd && !p->in->payload->is_script) {
                machine_id_derive(p->in->id, p->plan.machine_id);
        } else {
                /* a mount would be in its way: rm, systemd-machine-id-setup */
                plan_note(p, "the command is not systemd itself: /etc/machine-id is left for it to write; "
                             "machine-id=ID gives it one");
        }
}
