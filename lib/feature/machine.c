/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/file.h"
#include "base/scope.h"
#include "feature/feature.h"
#include "feature/machined.h"
#include "kernel/child.h"
#include "kernel/proc_text.h"

#include <errno.h>
#include <string.h>

/*
 * Makes the container known to systemd-machined of the host: machinectl, systemctl -M, journalctl -M. machined forgets the machine
 * when the scope has ended, so poststop has nothing to do.
 */

#define LIMIT 5000 /* milliseconds; D-Bus has to start machined first */

int machine_plan(struct planning *p)
{
        const char *id = p->in->id;

        if (!p->in->settings->machine)
                return 0;
        if (id && !machined_is_name(id)) {
                err_refuse(p->e, "machine=on: \"%s\" is no name for a machine", id);
                return err_hint(p->e,
                        "give the container an id of letters, digits, - and ., of at most %d characters",
                        MACHINED_NAME_MOST);
        }
        feature_step(p, FEATURE_MACHINE, NULL,
                id ? plan_text(p, "the machine %s of the host's systemd-machined", id)
                   : "a machine of the host's systemd-machined, called as the container's id");
        return p->failed;
}

/*
 * machined ends a machine by its unit. With the cgroupfs driver that unit is the engine's own service, or whoever called the
 * runtime, so machinectl would stop these.
 */
static int check_scope(const struct container *c, const char *id, struct err *e)
{
        filled_later char text[PROC_CGROUP_MOST];
        const char *path[HIERARCHIES] = {NULL};
        int r = file_read(c->proc, "cgroup", text, sizeof text, e);

        if (r >= 0)
                r = proc_text_cgroups(text, path, e);
        if (r < 0)
                return r;

        const char *cgroup = path[HIERARCHY_SYSTEMD] ? path[HIERARCHY_SYSTEMD] : path[HIERARCHY_UNIFIED];

        if (cgroup && machined_is_own_scope(cgroup, id))
                return 0;
        err_refuse(e, "the container has no systemd scope of its own: its cgroup is %s",
                cgroup ? cgroup : "in no hierarchy of systemd");
        return err_hint(
                e, "start the container with the engine's cgroup driver systemd, or remove machine=on");
}

static int register_it(void *with, struct err *e)
{
        return machined_register(with, e);
}

int machine_prepare(struct feature_start *s, struct err *e)
{
        struct machined_machine m = {.name = s->plan->id, .leader = s->container->pid};
        struct err said;

        if (s->container->rootless)
                return err_refuse(e, "the host's systemd-machined registers no container of an unprivileged "
                                     "user; remove machine=on");

        int r = check_scope(s->container, s->plan->id, e);

        if (r < 0)
                return r;
        memcpy(m.id, s->plan->machine_id, sizeof m.id);
        r = child_copy_within(LIMIT, register_it, &m, &said);
        if (r == 1)
                feature_note(s, "machine=on has no effect: systemd-machined did not answer within %d s",
                        LIMIT / 1000);
        else if (r < 0)
                feature_note(s, "machine=on has no effect: %s", said.text);
        return 0;
}

int machine_attach(struct feature_start *s, const struct apply_place *place, struct err *e)
{
        (void)s;
        (void)place;
        (void)e;
        return 0;
}

void machine_release(struct feature_start *s)
{
        (void)s;
}
