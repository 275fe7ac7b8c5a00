/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/private.h"

#include "oci/places.h"

#include <errno.h>
#include <string.h>

/* The last mount on it, and the only one: what lies over a tmpfs is somebody's. */
static bool is_fresh_tmpfs(const struct planning *p, const char *path)
{
        const struct oci_config *c = p->in->config;
        const struct facts *f = p->in->facts;
        const struct oci_mount *last = NULL;
        size_t times = 0;

        for (size_t i = 0; i < c->mount_count; i++)
                if (strcmp(c->mounts[i].destination, path) == 0)
                        last = &c->mounts[i];
        for (size_t i = 0; i < f->mount_count; i++)
                times += strcmp(f->mounts[i], path) == 0;
        return last && last->is_tmpfs && !last->read_only && times == 1;
}

static void add_entry(struct planning *p, struct entry entry)
{
        struct entry *grown = arena_grow(p->arena, p->run, p->run_count, sizeof *grown);

        if (!grown) {
                if (!p->failed)
                        p->failed = err_set(p->e, ENOMEM, "make the plan");
                return;
        }
        p->run = grown;
        p->run[p->run_count++] = entry;
}

static bool has_entry(const struct planning *p, const char *path)
{
        for (size_t i = 0; i < p->run_count; i++)
                if (strcmp(p->run[i].path, path) == 0)
                        return true;
        return false;
}

void plan_run_entry(
        struct planning *p, enum entry_kind kind, const char *path, mode_t mode, const char *content)
{
        const char *slash = strrchr(path, '/');
        struct entry entry = {kind, path, mode, content};

        if (has_entry(p, path))
                return;
        /* a file of the user's stays; a directory that the user mounts on is made for the mount */
        if (kind != ENTRY_DIRECTORY && plan_has_mount(p, plan_text(p, "/run/%s", path)))
                return;
        if (slash)
                plan_run_entry(
                        p, ENTRY_DIRECTORY, plan_text(p, "%.*s", (int)(slash - path), path), 0755, NULL);
        add_entry(p, entry);
}

/* What every payload finds in its /run. */
static void add_usual_entries(struct planning *p)
{
        plan_run_entry(p, ENTRY_DIRECTORY, "lock", 0755, NULL);
        plan_run_entry(p, ENTRY_DIRECTORY, "host", 0755, NULL);
        plan_run_entry(p, ENTRY_DIRECTORY, "systemd", 0755, NULL);
        plan_run_entry(p, ENTRY_DIRECTORY, "systemd/system", 0755, NULL);
        /* the service would try to write the bound machine-id into the image, and fail */
        if (*p->plan.machine_id || plan_has_mount(p, "/etc/machine-id"))
                plan_run_entry(
                        p, ENTRY_LINK, "systemd/system/systemd-machine-id-commit.service", 0, "/dev/null");
}

/* The tmpfs of ours on /run, or what is made in the user's. Returns whether /run is one of the two. */
static bool plan_run_itself(struct planning *p, bool fresh)
{
        const bool ours = !plan_has_mount(p, "/run") && p->in->settings->run.unit != SIZE_OFF;

        if (ours) {
                struct tmpfs t = plan_sized(p, p->in->settings->run);

                t.mode = 0755;
                t.shared = t.copy = true;
                t.entries = p->run;
                t.entry_count = p->run_count;
                plan_cover(p, "/run", t, NULL, false);
        } else if (fresh) {
                plan_add(p, (struct step){STEP_FILL, .target = "/run",
                                    .tmpfs = plan_tmpfs(p,
                                            (struct tmpfs){.entries = p->run, .entry_count = p->run_count})});
        }
        return ours || fresh;
}

void plan_run(struct planning *p)
{
        const bool fresh = plan_has_mount(p, "/run") && is_fresh_tmpfs(p, "/run");
        const char *base = fresh ? "/run" : NULL;

        add_usual_entries(p);
        if (plan_run_itself(p, fresh) && !plan_has_mount(p, "/run/lock"))
                plan_cover(p, "/run/lock",
                        (struct tmpfs){.size = plan_place_size(p, PLACE_RUN_LOCK),
                                .inodes = 4096,
                                .mode = 01777,
                                .copy = true,
                                .attributes = MOUNT_ATTR_NOEXEC},
                        base, false);
        if (!plan_has_mount(p, "/run/host"))
                plan_run_host(p, base);
}
