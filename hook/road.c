/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "road.h"

#include "base/scope.h"
#include "feature/feature.h"
#include "host/inotify.h"
#include "host/label.h"
#include "host/units.h"
#include "kernel/preview.h"
#include "oci/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Who sets a key of ours wants the hook; but mode=off says the reverse. */
static bool do_ask(const struct annotations *annotations)
{
        for (size_t i = 0; i < annotations->count; i++)
                if (strcmp(annotations->list[i].key, "mode") != 0 ||
                        strcmp(annotations->list[i].value, "off") != 0)
                        return true;
        return false;
}

/*
 * A bundle whose runtime has mounted nothing yet: the command may be in a volume. What cannot be had, in a user's session without
 * user namespaces, is said and not looked at.
 */
static int expect_mounts(struct road *road, struct err *e)
{
        struct oci_covering *list = NULL;
        struct croot seen = {-1};
        struct err why;
        size_t count = 0;
        int r = oci_read_mounts(road->bundle, road->arena, &list, &count, e);

        if (r < 0 || !count)
                return r;
        r = preview_make(road->rootfs, &seen, &why);
        if (r == 0) {
                close(road->view.fd);
                road->view = seen;
        }
        for (size_t i = 0; r == 0 && i < count; i++)
                if (preview_cover(seen, list[i].source, list[i].destination, &why) < 0 && list[i].source)
                        road->unseen = arena_print(road->arena, "the mount on %s was not looked at: %s",
                                list[i].destination, why.text);
        if (r < 0)
                road->unseen = arena_print(road->arena,
                        "config.json's mounts were not looked at, only its rootfs: %s", why.text);
        return 0;
}

/*
 * The rootfs as the container's mount namespace has it; of a bundle alone, as a runtime would make it. Returns 1 when
 * the rootfs is there, and the container's process does not see it.
 */
static int open_rootfs(struct road *road, const struct oci_config *c, struct err *e)
{
        int r = 0;

        road->rootfs = oci_root(c, road->bundle, road->arena);
        if (!road->rootfs)
                return err_set(e, ENOMEM, "find the rootfs");
        if (road->lives)
                r = container_rootfs(&road->container, road->rootfs, &road->view, e);
        if (r < 0 || road->view.fd >= 0)
                return r;
        road->view.fd = open(road->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (r > 0) /* nor does it have to be on the host: a sandbox may fetch it itself */
                return r;
        return road->view.fd < 0 ? err_set(e, errno, "open the rootfs %s", road->rootfs)
                                 : expect_mounts(road, e);
}

static int look_at_payload(struct road *road, const struct oci_config *c, struct err *e)
{
        int r = 0;

        if (road->lives)
                r = road->pid ? container_hold(road->pid, &road->container, e)
                              : err_refuse(e,
                                        "the container's state has no pid, so there is nothing to prepare");
        if (r == 0)
                r = open_rootfs(road, c, e);
        if (r == 0)
                return payload_inspect(road->view, c, &road->payload, e);
        if (r < 0)
                return r;
        /* whether it would be systemd is only for the line that says so */
        (void)!payload_inspect(road->view, c, &road->payload, e);
        payload_sandboxed(road->pid, &road->payload);
        return 0;
}

/*
 * The decision, as far as process, root and the annotations tell that are known by now. Returns enum oci_needs, or -errno.
 */
static int decide_early(void *with, const struct oci_config *c, struct err *e)
{
        struct road *road = with;
        int r;

        road->command = c->command;
        road->decision = decide(&road->settings, c, NULL);
        /* config.json's annotations can still change it, but for oci-systemd-hook=disabled */
        if (!road->decision.acts && !road->decision.needs_payload)
                return road->trusts_state || c->disabled ? OCI_NEEDS_NOTHING : OCI_NEEDS_ALL;
        r = look_at_payload(road, c, e);
        if (r < 0)
                return r;
        road->decision = decide(&road->settings, c, &road->payload);
        if (!road->trusts_state)
                return OCI_NEEDS_ALL;
        if (!road->decision.acts)
                return OCI_NEEDS_NOTHING;
        road->facts.selinux = facts_has_selinux();
        /* the label comes late in the file */
        return road->facts.selinux ? OCI_NEEDS_ALL : OCI_NEEDS_MOUNTS;
}

/* Annotations of config.json, which a runtime copies into the state or not, have the last word. */
static int decide_last(struct road *road, struct err *e)
{
        int r = oci_annotate(&road->config.annotations, &road->settings, e);

        road->asks |= do_ask(&road->config.annotations);
        if (r < 0 || road->trusts_state)
                return r;
        if (road->view.fd < 0)
                r = look_at_payload(road, &road->config, e);
        road->decision = decide(&road->settings, &road->config, &road->payload);
        return r;
}

/*
 * Registered for two stages, the hook runs twice: a /run/host that config.json does not know is what it made before. Or a
 * volume that the image leads there, without this file.
 */
static bool is_prepared(const struct road *road)
{
        const struct oci_config *c = &road->config;
        const struct facts *f = &road->facts;
        struct err unused;
        scoped_fd file = -1;

        for (size_t i = 0; i < c->mount_count; i++)
                if (strcmp(c->mounts[i].destination, "/run/host") == 0 ||
                        strcmp(c->mounts[i].destination, "/var/run/host") == 0)
                        return false;
        for (size_t i = 0; i < f->mount_count; i++)
                if (strcmp(f->mounts[i], "/run/host") == 0 && file < 0)
                        file = croot_open(road->view, "/run/host/container-manager", CROOT_FILE, &unused);
        return file >= 0;
}

/* What container_check asks of a process, asked of config.json. */
static int expect_container(const struct oci_config *c, struct err *e)
{
        if (c->pid_namespace)
                return 0;
        err_refuse(
                e, "the container has no pid namespace of its own, so that its process is not the first one");
        return err_hint(e, "systemd needs to be process 1: leave out what shares the pid namespace "
                           "(--pid=host or container:, shareProcessNamespace)");
}

static int gather(struct road *road, struct err *e)
{
        const bool selinux = road->trusts_state ? road->facts.selinux : facts_has_selinux();
        struct facts *f = &road->facts;
        enum layout layout = LAYOUT_UNIFIED;
        const char *reason;
        int r = road->lives ? container_check(&road->container, road->view, e)
                            : expect_container(&road->config, e);

        if (!road->payload.is_systemd)
                payload_find_manager(road->view, &road->config, &road->payload);
        if (r == 0)
                r = decide_check_payload(&road->payload, e);
        if (r == 0)
                r = facts_host(road->arena, f, e);
        f->selinux = selinux;
        if (r == 0 && road->settings.boot == BOOT_LEAN)
                image_look(road->view, road->arena, &f->image);
        if (r == 0 && road->settings.units == UNITS_CONDITION)
                f->units = units_look(road->view);
        if (r == 0)
                r = layout_choose(f->host, road->payload.version, road->settings.cgroup, &layout, &reason, e);
        if (r == 0)
                r = road->lives
                            ? facts_container(&road->container, road->view, road->rootfs, road->arena, f, e)
                            : facts_expect(&road->config, road->arena, f, e);
        if (r == 0)
                r = find_places(road->view, road->config.root_read_only, road->arena, &f->found, e);
        if (r == 0 && layout != LAYOUT_LEGACY && !f->mounted_at[HIERARCHY_UNIFIED])
                f->mounted_at[HIERARCHY_UNIFIED] = facts_search(HIERARCHY_UNIFIED, road->arena);
        return r;
}

/* Only the kernel knows for certain; what it would say is found on the payload's console, or nowhere. */
static int check_labels(const struct road *road, struct err *e)
{
        const struct facts *f = &road->facts;
        const char *label = road->config.process_label;
        const char *cgroups = f->mounted_at[HIERARCHY_UNIFIED] ? f->mounted_at[HIERARCHY_UNIFIED]
                                                               : f->mounted_at[HIERARCHY_SYSTEMD];
        int r = road->plan.label ? label_check(road->plan.label, e) : 0;

        return r == 0 && f->selinux && label && cgroups ? label_check_cgroups(label, cgroups, e) : r;
}

/* A person who looks at a bundle may be another user than the one whose limits count. */
static int check_inotify(const struct road *road, struct err *e)
{
        const int r = road->lives || geteuid() == 0 ? inotify_check(e) : 0;

        return r == 0 ? 0
                      : err_hint(e,
                                "raise the limit, which counts for all containers of a user: "
                                "sysctl -w fs.inotify.max_user_instances=%lu",
                                inotify_more(inotify_limit()));
}

static int make_plan(struct road *road, struct err *e)
{
        const struct plan_input in = {
                road->id ? road->id : "ID", &road->config, &road->settings, &road->facts, &road->payload};
        int r = gather(road, e);

        if (r < 0)
                return r;
        road->is_prepared = road->lives && is_prepared(road);
        if (road->is_prepared)
                return 0;
        r = plan_make(&in, road->arena, &road->plan, e);
        if (r == 0 && feature_is_wanted(&road->settings))
                r = feature_plan(&in, road->arena, &road->plan, e);
        road->has_plan = r == 0;
        if (r == 0 && road->config.stop_signal == STOP_SIGNAL_UNKNOWN)
                road->config.stop_signal = road->stop_signal;
        if (r == 0)
                r = lacks_find(&road->config, &road->payload, road->arena, &road->lacks, e);
        if (r == 0)
                r = check_labels(road, e);
        return r == 0 ? check_inotify(road, e) : r;
}

int road_take(struct road *road, struct err *e)
{
        int r = oci_annotate(&road->annotations, &road->settings, e);

        road->asks |= do_ask(&road->annotations);
        if (r == 0)
                r = oci_read_config(
                        road->bundle, road->lives ? decide_early : NULL, road, road->arena, &road->config, e);
        road->has_config = r == 1;
        if (r != 1)
                return r;
        road->command = road->config.command;
        r = decide_last(road, e);
        return r == 0 && road->decision.acts ? make_plan(road, e) : r;
}

const char *road_skip_cure(const struct road *road)
{
        const char *reason = road->decision.reason;

        if (road->decision.acts || reason != road->payload.reason || road->payload.has_parent ||
                strstr(reason, "mode=always"))
                return NULL;
        return oci_is_small_init(road->command) ? "leave --init out: systemd has to be PID 1 itself"
                                                : "set org.oci-systemd-hook.mode=always if it starts systemd";
}

void road_end(struct road *road)
{
        scope_close(&road->view.fd);
        container_release(&road->container);
}
