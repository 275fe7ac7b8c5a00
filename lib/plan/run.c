/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/private.h"

#include "base/path.h"
#include "oci/places.h"

#include <string.h>

static void add_entry(struct planning *p, struct entry entry)
{
        struct entry *grown = arena_grow(p->arena, p->run, p->run_count, sizeof *grown);

        if (!grown) {
                plan_no_memory(p);
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

/* A mount on path or below it. */
static bool has_mount_within(const struct planning *p, const char *path)
{
        for (size_t i = 0; i < p->in->facts->mount_count; i++)
                if (path_below(p->in->facts->mounts[i], path))
                        return true;
        return false;
}

/*
 * Where a mask is seen. A mount of the user's on /run/systemd/system hides what is made there, and one in a volume there cannot be
 * moved: then in another directory of systemd's for units at run time, which is before the image's /etc (systemd.unit(5)), and so
 * for masks alone, without which a unit fails.
 */
static const char *masks_directory(const struct planning *p)
{
        const bool on_volume = p->run_is_volume || plan_has_mount(p, "/run/systemd");

        return plan_has_mount(p, "/run/systemd/system") ||
                               (on_volume && has_mount_within(p, "/run/systemd/system"))
                       ? "systemd/system.control"
                       : "systemd/system";
}

void plan_run_mask(struct planning *p, const char *unit)
{
        plan_run_entry(p, ENTRY_LINK, plan_text(p, "%s/%s", masks_directory(p), unit), 0, "/dev/null");
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
                plan_run_mask(p, "systemd-machine-id-commit.service");
}

/* The host's own directory with the sockets of its systemd, at the same place: /run, or /run/systemd. */
static bool is_run_of_host(const struct planning *p)
{
        const struct oci_config *c = p->in->config;

        for (size_t i = 0; i < c->mount_count; i++) {
                const struct oci_mount *m = &c->mounts[i];

                if (m->is_bind && m->source && strcmp(m->source, m->destination) == 0 &&
                        path_below(m->destination, "/run") &&
                        path_below("/run/systemd/private", m->destination) &&
                        plan_has_mount(p, m->destination))
                        return true;
        }
        return p->in->facts->found.is_hosts_run;
}

/* More is mounted on /run than config.json has there: a link of the image led a volume onto it. */
static bool is_led_onto_run(const struct planning *p)
{
        const struct oci_config *c = p->in->config;
        size_t wanted = 0;

        for (size_t i = 0; i < c->mount_count; i++)
                wanted += strcmp(c->mounts[i].destination, "/run") == 0 ||
                          strcmp(c->mounts[i].destination, "/var/run") == 0;
        return plan_times_mounted(p, "/run") > wanted;
}

void plan_look_at_run(struct planning *p)
{
        p->run_is_volume = plan_has_mount(p, "/run") && !plan_fresh_tmpfs(p, "/run");
        p->run_is_led = is_led_onto_run(p);
}

void plan_begin_run(struct planning *p)
{
        const bool given = plan_has_mount(p, "/run");
        const struct oci_mount *last = given ? plan_last_mount(p, "/run") : NULL;

        if (p->failed)
                return;
        /* before all others: what /tmp and the journal have there can stay */
        if (!given) {
                const struct tmpfs t = plan_sized(p, p->in->settings->run);

                p->run_fits = plan_fits(p, PLACE_RUN, &t);
        }
        if (!given && p->in->facts->found.place[PLACE_RUN].is_other) {
                p->failed = err_refuse(p->e, "the image's /run is no directory, nor a link to one");
                p->failed = err_hint(p->e, "make it a directory in the image, or mount a tmpfs there");
        } else if (is_run_of_host(p)) {
                p->failed = err_refuse(p->e, "the host's own /run is mounted into the container, whose "
                                             "systemd would use the host's sockets");
                p->failed = err_hint(p->e, "remove that mount");
        } else if (last && last->read_only) {
                p->failed = err_refuse(p->e, "/run is mounted read-only, and systemd writes there");
                p->failed = err_hint(p->e, "mount it writable, or remove that mount");
        } else if (!given && p->in->settings->run.unit == SIZE_OFF) {
                p->failed = err_refuse(p->e,
                        "tmpfs.run=off says that the engine mounts /run, and nothing is mounted on /run");
                p->failed = err_hint(p->e, "mount a tmpfs there, or remove tmpfs.run=off");
        }
}

/* The tmpfs of ours on /run. */
static void cover_run(struct planning *p)
{
        struct tmpfs t = plan_sized(p, p->in->settings->run);

        plan_check_size(p, PLACE_RUN, &t);
        t.mode = 0755;
        t.shared = true;
        t.copy = p->run_fits;
        if (!t.copy)
                plan_note(p, "what the image has in /run is left out: it is more than fits into a tmpfs");
        t.entries = p->run;
        t.entry_count = p->run_count;
        plan_cover(p, "/run", t, NULL, false);
}

/*
 * In a volume nothing is made but mount points: what the payload must find in masks_directory is in a tmpfs there,
 * with what the user has there. Nothing else is to be made in it: plan_run_has_generators.
 */
static void cover_units(struct planning *p, const char *base)
{
        const char *units = masks_directory(p);
        struct entry *entries = arena_alloc(p->arena, p->run_count * sizeof *entries + 1);
        struct tmpfs t = plan_sized(p, (struct size){SIZE_BYTES, 4 << 20});

        if (!entries) {
                plan_no_memory(p);
                return;
        }
        t.mode = 0755;
        t.copy = true;
        p->plan.copied += t.size.value; /* not measured: at most that */
        t.entries = entries;
        for (size_t i = 0; i < p->run_count; i++) {
                const char *below = path_below(p->run[i].path, units);

                if (below && *below) {
                        entries[t.entry_count] = p->run[i];
                        entries[t.entry_count++].path = below + 1;
                }
        }
        if (t.entry_count && !plan_has_mount(p, plan_text(p, "/run/%s", units)))
                plan_cover(p, plan_text(p, "/run/%s", units), t, base, false);
}

bool plan_run_has_units(const struct planning *p)
{
        if (p->run_is_led || plan_has_mount(p, "/run/systemd/system"))
                return false;
        if (plan_has_mount(p, "/run/systemd")) /* plan_late_run */
                return !has_mount_within(p, "/run/systemd/system");
        return !p->run_is_volume || !has_mount_within(p, "/run/systemd/system");
}

bool plan_run_has_generators(const struct planning *p)
{
        return !p->run_is_led && !p->run_is_volume && !plan_has_mount(p, "/run/systemd") &&
               !plan_has_mount(p, "/run/systemd/system-generators");
}

const char *plan_run_why_not(const struct planning *p)
{
        if (p->run_is_led)
                return "a link of the image leads a volume onto /run";
        return p->run_is_volume ? "a volume is mounted on /run"
                                : "a mount of the user's is on /run/systemd or in it";
}

void plan_late_run(struct planning *p)
{
        if (!plan_has_mount(p, "/run/systemd"))
                return;
        plan_add(p, (struct step){STEP_CLAIM, .target = "/run/systemd"});
        cover_units(p, "/run/systemd");
}

static void cover_run_lock(struct planning *p, const char *base)
{
        struct tmpfs t = {.size = plan_place_size(p, PLACE_RUN_LOCK),
                .inodes = 4096,
                .mode = 01777,
                .attributes = MOUNT_ATTR_NOEXEC};
        const struct found_place *found = &p->in->facts->found.place[PLACE_RUN_LOCK];

        /* it is copied from /run, and was counted there */
        t.copy = !p->run_is_volume && !found->is_too_much && found->bytes <= t.size.value / 2 &&
                 found->files <= t.inodes / 2;
        if (p->run_fits && !t.copy)
                plan_note(
                        p, "what the image has in /run/lock is left out: it is more than fits into a tmpfs");
        plan_cover(p, "/run/lock", t, base, false);
}

static void cover_units_of_volume(struct planning *p)
{
        if (!plan_has_mount(p, "/run/systemd")) /* plan_late_run */
                cover_units(p, "/run");
}

void plan_run(struct planning *p)
{
        const bool given = plan_has_mount(p, "/run");
        const char *base = given ? "/run" : NULL;

        add_usual_entries(p);
        if (p->run_is_led) {
                plan_note(p,
                        "a link of the image leads a volume onto /run: nothing of the hook's is made there");
                if (p->in->settings->given & 1u << SETTING_RUN && p->in->settings->run.unit != SIZE_OFF)
                        plan_note(p, "tmpfs.run has no effect: /run is on a mount of the user's");
                return;
        }
        if (given) {
                plan_asked_size(p, PLACE_RUN);
                plan_add(p, (struct step){STEP_CLAIM, .target = "/run"});
        }
        if (!given)
                cover_run(p);
        else if (p->run_is_volume)
                cover_units_of_volume(p);
        else
                plan_add(p, (struct step){STEP_FILL, .target = "/run",
                                    .tmpfs = plan_tmpfs(p,
                                            (struct tmpfs){.entries = p->run, .entry_count = p->run_count})});
        if (!plan_has_mount(p, "/run/lock"))
                cover_run_lock(p, base);
        if (!plan_has_mount(p, "/run/host"))
                plan_run_host(p, base);
        else
                plan_note(p, "a mount of the user's is on /run/host: what the hook tells the payload there "
                             "is left out");
}
