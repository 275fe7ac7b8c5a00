/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/apply.h"
#include "base/scope.h"
#include "hook.h"
#include "host/facts.h"
#include "host/label.h"
#include "kernel/container.h"
#include "plan/decide.h"
#include "plan/plan.h"

#include <errno.h>
#include <string.h>

struct start {
        const struct oci_state *state;
        struct settings settings;
        struct oci_config config;
        struct arena *arena;
        struct container container;
        struct croot view;
        const char *rootfs;
        struct payload payload;
        bool selinux;
};

static int find_rootfs(struct start *s, const struct oci_config *c, struct err *e)
{
        s->rootfs = oci_root(c, s->state->bundle, s->arena);
        return s->rootfs ? container_rootfs(&s->container, s->rootfs, &s->view, e)
                         : err_set(e, ENOMEM, "find the rootfs");
}

static int look_at_payload(struct start *s, const struct oci_config *c, struct err *e)
{
        int r = s->state->pid
                        ? container_hold(s->state->pid, &s->container, e)
                        : err_refuse(e, "the container's state has no pid, so there is nothing to prepare");

        if (r == 0)
                r = find_rootfs(s, c, e);
        if (r == 0)
                r = payload_inspect(s->view, c, &s->payload, e);
        return r;
}

/* Whether it is ours, as far as process, root and the state's annotations tell, and what is needed then. */
static int is_ours(void *with, const struct oci_config *c, struct err *e)
{
        struct start *s = with;
        struct decision d = decide(&s->settings, c, NULL);

        if (!d.acts && !d.needs_payload)
                return OCI_NEEDS_NOTHING;

        int r = look_at_payload(s, c, e);

        if (r < 0)
                return r;
        /* a runtime copies the annotations into the state; where there are none, config.json may still have
         * some */
        if (!decide(&s->settings, c, &s->payload).acts && s->state->has_annotations)
                return OCI_NEEDS_NOTHING;
        s->selinux = facts_has_selinux();
        /* the label comes late in the file */
        return s->state->has_annotations && !s->selinux ? OCI_NEEDS_MOUNTS : OCI_NEEDS_ALL;
}

/*
 * Registered for two stages, it runs twice: a /run/host that config.json does not know is what it made
 * before. Or a volume that the image leads there, without this file.
 */
static bool is_prepared(struct croot view, const struct facts *f, const struct oci_config *c)
{
        struct err unused;
        scoped_fd file = -1;

        for (size_t i = 0; i < c->mount_count; i++)
                if (strcmp(c->mounts[i].destination, "/run/host") == 0 ||
                        strcmp(c->mounts[i].destination, "/var/run/host") == 0)
                        return false;
        for (size_t i = 0; i < f->mount_count; i++)
                if (strcmp(f->mounts[i], "/run/host") == 0 && file < 0)
                        file = croot_open(view, "/run/host/container-manager", CROOT_FILE, &unused);
        return file >= 0;
}

static int gather(struct start *s, struct facts *facts, struct err *e)
{
        enum layout layout = LAYOUT_UNIFIED;
        const char *reason;
        int r = container_check(&s->container, s->view, e);

        if (!s->payload.is_systemd)
                s->payload.version = payload_installed_version(s->view);
        if (r == 0)
                r = facts_host(s->arena, facts, e);
        facts->selinux = s->selinux;
        if (r == 0)
                r = layout_choose(facts->host, s->payload.version, s->settings.cgroup, &layout, &reason, e);
        if (r == 0)
                r = facts_container(&s->container, s->view, s->rootfs, s->arena, facts, e);
        if (r == 0 && layout != LAYOUT_LEGACY && !facts->mounted_at[HIERARCHY_UNIFIED])
                facts->mounted_at[HIERARCHY_UNIFIED] = facts_search(HIERARCHY_UNIFIED, s->arena);
        return r;
}

/* Only the kernel knows for certain; what it would say is found on the payload's console, or nowhere. */
static int check_labels(
        const struct plan *plan, const struct facts *f, const struct oci_config *c, struct err *e)
{
        const char *cgroups = f->mounted_at[HIERARCHY_UNIFIED] ? f->mounted_at[HIERARCHY_UNIFIED]
                                                               : f->mounted_at[HIERARCHY_SYSTEMD];
        int r = plan->label ? label_check(plan->label, e) : 0;

        return r == 0 && f->selinux && c->process_label && cgroups
                       ? label_check_cgroups(c->process_label, cgroups, e)
                       : r;
}

static int act(struct start *s, struct err *e)
{
        struct facts facts = {0};
        struct plan plan;
        const struct plan_input in = {s->state->id, &s->config, &s->settings, &facts, &s->payload};
        int r = gather(s, &facts, e);

        if (r < 0 || is_prepared(s->view, &facts, &s->config))
                return r;
        r = plan_make(&in, s->arena, &plan, e);
        if (r == 0)
                r = check_labels(&plan, &facts, &s->config, e);
        if (r < 0)
                return r;
        keep_log();
        return apply(
                &(struct apply_input){&plan, &s->container, s->arena, s->state->bundle, s->rootfs, s->view},
                e);
}

static int run(struct start *s, struct err *e)
{
        if (!s->state->bundle)
                return err_refuse(e, "the container's state has no bundle");

        int r = oci_annotate(&s->state->annotations, &s->settings, e);

        if (r == 0)
                r = oci_read_config(s->state->bundle, is_ours, s, s->arena, &s->config, e);
        if (r != 1)
                return r;

        r = oci_annotate(&s->config.annotations, &s->settings, e);
        if (r == 0 && decide(&s->settings, &s->config, &s->payload).acts)
                r = act(s, e);
        return r;
}

int prestart(const struct oci_state *state, const struct settings *settings, struct arena *a, struct err *e)
{
        struct start s = {.state = state,
                .settings = *settings,
                .arena = a,
                .view.fd = -1,
                .container = CONTAINER_NONE};
        int r = run(&s, e);

        scope_close(&s.view.fd);
        container_release(&s.container);
        return r;
}
