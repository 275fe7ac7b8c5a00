/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/private.h"

#include "base/path.h"
#include "oci/capabilities.h"
#include "plan/machine_id.h"

#include <linux/capability.h>
#include <string.h>

static void refuse(struct planning *p)
{
        const struct found_id *id = &p->in->facts->found.id;

        p->failed = err_refuse(p->e, "the container's /etc/machine-id %s",
                id->unreachable ? id->unreachable : "is a directory or a device, not a regular file");
        p->failed = err_hint(p->e, "make it an empty file, or mount a file there");
}

/* A link whose file is in /run is one into what the hook mounts there, or claims. */
static bool leads_into_run(const struct found_id *id)
{
        return id->directory &&
               (path_below(id->directory, "/run") || path_below(id->directory, "/etc/../run") ||
                       path_below(id->directory, "/var/run"));
}

/* The file, or where it would have to be made. */
static bool is_read_only(const struct planning *p)
{
        const struct found_id *id = &p->in->facts->found.id;
        const char *above = plan_mount_above(p, "/etc/machine-id");
        const struct oci_mount *mount = above ? plan_last_mount(p, above) : NULL;

        if (id->is_read_only || (mount && mount->read_only)) /* crun makes it so after the hooks */
                return true;
        return !above && !id->on_volume && p->in->config->root_read_only;
}

/*
 * systemd finds an id in the file, or writes one there that lasts. Where the file is missing or uninitialized it takes this for a
 * first boot: the id is in /run, to be mounted over the file, which takes CAP_SYS_ADMIN.
 */
static bool has_its_own(const struct planning *p)
{
        const struct found_id *id = &p->in->facts->found.id;

        return *id->text || (!id->is_missing && !id->is_uninitialized && !is_read_only(p));
}

static void note_none(struct planning *p, const char *cure)
{
        const struct found_id *id = &p->in->facts->found.id;
        const bool may_mount = p->in->config->capabilities & OCI_CAPABILITY(CAP_SYS_ADMIN);

        if (has_its_own(p) || !p->in->payload->is_systemd || p->in->payload->is_script ||
                (may_mount && !(id->is_missing && is_read_only(p))))
                return;
        plan_note(p, "the container has no machine-id: /etc/machine-id %s; %s",
                id->is_missing         ? "is missing"
                : id->is_uninitialized ? "says \"uninitialized\", and systemd may not mount one over it"
                                       : "has none, and cannot be written to",
                cure);
}

/* Why nothing can be bound from the tmpfs at /run/host; NULL: it can. */
static const char *why_unbound(const struct planning *p)
{
        if (p->run_is_led)
                return "a link of the image leads a volume onto /run";
        return plan_has_mount(p, "/run/host") ? "a mount of the user's is on /run/host" : NULL;
}

static void leave_unbound(struct planning *p, const char *why)
{
        const struct settings *s = p->in->settings;

        if (s->machine_id == MACHINE_ID_GIVEN)
                plan_note(p, "machine-id=%s has no effect: %s, where the file would come from",
                        s->given_machine_id, why);
        note_none(p, "put an id there, or remove what is mounted on /run/host or /run");
}

/* The user's own file, bound on it: what is in it, or will be, lasts. */
static bool is_the_users(struct planning *p)
{
        const struct found_id *id = &p->in->facts->found.id;
        const struct settings *s = p->in->settings;
        const bool is_given = s->machine_id == MACHINE_ID_GIVEN;

        if (*id->text || !id->on_volume) { /* or was not looked at */
                if (is_given)
                        plan_note(p,
                                "machine-id=%s has no effect: a file of the user's is mounted on "
                                "/etc/machine-id",
                                s->given_machine_id);
                return true;
        }
        if (is_given)
                return false;
        return has_its_own(p) || !p->in->payload->is_systemd || p->in->payload->is_script;
}

/* Others may see a volume: no file is made in it. */
static bool would_be_made_on_volume(const struct planning *p, const char *above)
{
        const struct found_id *id = &p->in->facts->found.id;

        if (!id->is_missing || plan_has_mount(p, "/etc/machine-id"))
                return false;
        if (leads_into_run(id))
                return p->run_is_volume;
        return above || id->on_volume;
}

static void leave_volume(struct planning *p)
{
        if (p->in->settings->machine_id == MACHINE_ID_GIVEN)
                plan_note(p,
                        "machine-id=%s has no effect: /etc/machine-id is missing on a volume, where the hook "
                        "makes nothing; put an empty file there",
                        p->in->settings->given_machine_id);
        else
                note_none(p, "put an empty file on the volume that it is on");
}

/*
 * On a volume of the user's, a valid id is the container's, as its user wants it to last. Without one ours is mounted over
 * the file.
 */
static bool is_the_volumes(struct planning *p)
{
        const struct found_id *id = &p->in->facts->found.id;
        const char *above = plan_mount_above(p, "/etc/machine-id");

        if (would_be_made_on_volume(p, above)) {
                leave_volume(p);
                return true;
        }
        if ((!above && !id->on_volume) || leads_into_run(id))
                return false;
        if (plan_has_mount(p, "/etc/machine-id")) {
                if (is_the_users(p))
                        return true;
        } else if (id->on_volume && *id->text && p->in->settings->machine_id != MACHINE_ID_GIVEN) {
                return true;
        }
        p->id_claim = id->is_link && id->directory ? id->directory : above ? above : "/etc";
        return false;
}

void plan_machine_id(struct planning *p)
{
        const struct settings *s = p->in->settings;
        const struct found_id *id = &p->in->facts->found.id;
        const char *why = why_unbound(p);

        if (id->is_other || id->unreachable)
                refuse(p);
        if (p->failed)
                return;
        if (s->machine_id == MACHINE_ID_IMAGE) {
                note_none(p, "leave machine-id at auto, or put an id there");
        } else if (why) {
                leave_unbound(p, why);
        } else if (is_the_volumes(p)) {
                return;
        } else if (s->machine_id == MACHINE_ID_GIVEN) {
                memcpy(p->plan.machine_id, s->given_machine_id, sizeof p->plan.machine_id);
        } else if (p->in->payload->is_systemd && !p->in->payload->is_script) {
                machine_id_derive(p->in->id, p->plan.machine_id);
        } else {
                /* a mount would be in its way: rm, systemd-machine-id-setup */
                plan_note(p, "the command is not systemd itself: /etc/machine-id is left for it to write; "
                             "machine-id=ID gives it one");
        }
}
