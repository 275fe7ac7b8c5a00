/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/private.h"

#include "base/path.h"
#include "base/scope.h"
#include "plan/machine_id.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void plan_add(struct planning *p, struct step step)
{
        if (p->failed)
                return;

        struct step *grown = arena_grow(p->arena, p->plan.steps, p->plan.count, sizeof *grown);

        if (!grown) {
                p->failed = err_set(p->e, ENOMEM, "plan");
                return;
        }
        p->plan.steps = grown;
        p->plan.steps[p->plan.count++] = step;
}

const char *plan_text(struct planning *p, const char *format, ...)
{
        filled_later char text[8192];
        va_list ap;

        va_start(ap, format);
        int n = vsnprintf(text, sizeof text, format, ap);
        va_end(ap);

        const char *kept = n >= 0 && (size_t)n < sizeof text ? arena_copy(p->arena, text, (size_t)n) : NULL;

        if (!kept && !p->failed)
                p->failed = err_set(p->e, n >= (int)sizeof text ? ENAMETOOLONG : ENOMEM, "plan");
        return kept ? kept : "";
}

void plan_note(struct planning *p, const char *format, ...)
{
        char text[512];
        const char **grown;
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof text, format, ap);
        va_end(ap);
        grown = arena_grow(p->arena, p->plan.notes, p->plan.note_count, sizeof *grown);
        if (!grown) {
                if (!p->failed)
                        p->failed = err_set(p->e, ENOMEM, "plan");
                return;
        }
        p->plan.notes = grown;
        p->plan.notes[p->plan.note_count++] = plan_text(p, "%s", text);
}

const struct tmpfs *plan_tmpfs(struct planning *p, struct tmpfs t)
{
        struct tmpfs *kept = arena_alloc(p->arena, sizeof *kept);

        if (kept)
                *kept = t;
        else if (!p->failed)
                p->failed = err_set(p->e, ENOMEM, "plan");
        return kept;
}

bool plan_has_mount(const struct planning *p, const char *path)
{
        for (size_t i = 0; i < p->in->facts->mount_count; i++)
                if (strcmp(p->in->facts->mounts[i], path) == 0)
                        return true;
        return false;
}

/* A volume on path or on a directory above it, so that what is there persists as its user wants. */
static bool is_on_volume(const struct planning *p, const char *path)
{
        for (size_t i = 0; i < p->in->facts->mount_count; i++)
                if (path_below(path, p->in->facts->mounts[i]))
                        return true;
        return false;
}

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

/* A share of the memory that the container may use, and a number of inodes that goes with it. */
static struct tmpfs sized(const struct planning *p, struct size size)
{
        struct tmpfs t = {.size = size, .inodes = 1 << 20};

        /* what is more than the host can have is no limit */
        if (size.unit == SIZE_PERCENT && p->in->config->memory_limit &&
                p->in->config->memory_limit < UINT64_C(1) << 50)
                t.size = (struct size){
                        SIZE_BYTES, p->in->config->memory_limit / 100 * size.value & ~UINT64_C(4095)};
        if (t.size.unit == SIZE_BYTES) {
                t.size.value = t.size.value < 4096 ? 4096 : t.size.value;
                t.inodes = t.size.value / 4096 < 1024 ? 1024 : t.size.value / 4096;
        }
        if (t.inodes > 1 << 20)
                t.inodes = 1 << 20;
        return t;
}

static const struct entry run_entries[] = {
        {ENTRY_DIRECTORY, "lock", 0755, NULL},
        {ENTRY_DIRECTORY, "host", 0755, NULL},
        {ENTRY_DIRECTORY, "systemd", 0755, NULL},
        {ENTRY_DIRECTORY, "systemd/system", 0755, NULL},
        /* it would try to write the bound machine-id into the image, and fail */
        {ENTRY_LINK, "systemd/system/systemd-machine-id-commit.service", 0, "/dev/null"},
};

/* Without the last one where the machine-id is a file of the image's, which is no mount, or where the user
 * has a file. */
static size_t run_entry_count(const struct planning *p)
{
        const bool is_mount = (*p->plan.machine_id || plan_has_mount(p, "/etc/machine-id")) &&
                              !plan_has_mount(p, "/run/systemd/system/systemd-machine-id-commit.service");

        return sizeof run_entries / sizeof *run_entries - !is_mount;
}

static void cover(struct planning *p, const char *target, struct tmpfs t, const char *base, bool optional)
{
        plan_add(p, (struct step){STEP_TMPFS, .target = target, .base = base, .optional = optional,
                            .tmpfs = plan_tmpfs(p, t)});
}

/* /run and what lies in it. */
static void plan_run(struct planning *p)
{
        const bool given = plan_has_mount(p, "/run"), fresh = given && is_fresh_tmpfs(p, "/run");
        const bool ours = !given && p->in->settings->run.unit != SIZE_OFF;
        const char *base = fresh ? "/run" : NULL;

        if (ours) {
                struct tmpfs t = sized(p, p->in->settings->run);

                t.mode = 0755;
                t.shared = t.copy = true;
                t.entries = run_entries;
                t.entry_count = run_entry_count(p);
                cover(p, "/run", t, NULL, false);
        } else if (fresh) {
                plan_add(p, (struct step){STEP_FILL, .target = "/run",
                                    .tmpfs = plan_tmpfs(p, (struct tmpfs){.entries = run_entries,
                                                                   .entry_count = run_entry_count(p)})});
        }
        if ((ours || fresh) && !plan_has_mount(p, "/run/lock"))
                cover(p, "/run/lock",
                        (struct tmpfs){.size = {SIZE_BYTES, 5 << 20},
                                .inodes = 4096,
                                .mode = 01777,
                                .copy = true,
                                .attributes = MOUNT_ATTR_NOEXEC},
                        base, false);
        if (!plan_has_mount(p, "/run/host"))
                plan_run_host(p, base);
}

static void plan_directory(
        struct planning *p, const char *target, struct size size, mode_t mode, bool optional)
{
        struct tmpfs t = sized(p, size);

        if (size.unit == SIZE_OFF || is_on_volume(p, target))
                return;
        t.mode = mode ? mode : 0755;
        t.image_mode = mode == 0;
        t.copy = true;
        cover(p, target, t, NULL, optional);
}

static void plan_tmpfses(struct planning *p)
{
        const struct settings *s = p->in->settings;

        plan_run(p);
        plan_directory(p, "/tmp", s->tmp, 01777, false);
        if (s->journal == JOURNAL_VOLATILE)
                plan_directory(p, "/var/log/journal", s->journal_size, 0, true);
        if (p->in->config->root_read_only) {
                plan_directory(p, "/var/lib/systemd", (struct size){SIZE_PERCENT, 10}, 0, true);
                plan_directory(p, "/var/tmp", (struct size){SIZE_PERCENT, 10}, 01777, true);
        }
}

/* Sorts what is below a directory right behind it: '/' before every other byte, also that of value 1. */
static int rank(char c)
{
        return c == '/' ? 1 : c ? (unsigned char)c + 1 : 0;
}

static int compare_paths(const void *a, const void *b)
{
        const char *x = *(const char *const *)a, *y = *(const char *const *)b;

        while (*x && *x == *y)
                x++, y++;
        return rank(*x) - rank(*y);
}

static bool is_below_a_tmpfs(const struct step *steps, size_t count, const char *path)
{
        for (size_t i = 0; i < count; i++) {
                const char *below = steps[i].action == STEP_TMPFS ? path_below(path, steps[i].target) : NULL;

                if (below && *below)
                        return true;
        }
        return false;
}

/* The mounts that the steps cover, the topmost only: what is below them comes along. */
static void plan_kept(struct planning *p, enum step_action action, const struct step *steps, size_t count)
{
        const struct facts *f = p->in->facts;
        const char **sorted = arena_alloc(p->arena, f->mount_count * sizeof *sorted + 1);
        const char *last = NULL;

        if (!sorted) {
                p->failed = err_set(p->e, ENOMEM, "plan");
                return;
        }
        if (f->mount_count)
                memcpy(sorted, f->mounts, f->mount_count * sizeof *sorted);
        qsort(sorted, f->mount_count, sizeof *sorted, compare_paths);
        for (size_t i = 0; i < f->mount_count; i++) {
                if ((last && path_below(sorted[i], last)) || !is_below_a_tmpfs(steps, count, sorted[i]))
                        continue;
                last = sorted[i];
                plan_add(p, (struct step){action, .target = last});
        }
}

static void plan_machine_id(struct planning *p)
{
        const struct settings *s = p->in->settings;

        /* it is bound from the tmpfs at /run/host */
        if (plan_has_mount(p, "/run/host") || plan_has_mount(p, "/etc/machine-id"))
                return;
        if (s->machine_id == MACHINE_ID_GIVEN)
                memcpy(p->plan.machine_id, s->given_machine_id, sizeof p->plan.machine_id);
        else if (s->machine_id == MACHINE_ID_AUTO)
                machine_id_derive(p->in->id, p->plan.machine_id);
}

static int choose_layout(struct planning *p)
{
        const struct plan_input *in = p->in;

        p->plan.id = in->id;
        p->plan.owner = in->facts->root_uid;
        p->plan.group = in->facts->root_gid;
        p->plan.label = in->facts->selinux ? in->config->mount_label : NULL;
        return layout_choose(in->facts->host, in->payload->version, in->settings->cgroup, &p->plan.layout,
                &p->plan.layout_reason, p->e);
}

int plan_make(const struct plan_input *in, struct arena *a, struct plan *ret_plan, struct err *e)
{
        struct planning p = {.in = in, .arena = a, .e = e};

        p.failed = settings_check_allowed(in->settings, e);
        if (!p.failed)
                p.failed = choose_layout(&p);
        if (p.failed)
                return p.failed;
        plan_machine_id(&p);
        plan_tmpfses(&p);

        /* what they cover has to be held before the first of them is attached */
        const struct step *mounts = p.plan.steps;
        const size_t count = p.plan.count;

        p.plan.steps = NULL;
        p.plan.count = 0;
        plan_cgroups(&p);
        plan_kept(&p, STEP_STASH, mounts, count);
        for (size_t i = 0; i < count; i++)
                plan_add(&p, mounts[i]);
        plan_kept(&p, STEP_RESTORE, mounts, count);
        plan_cgroup_mounts(&p);
        if (p.failed)
                return p.failed;
        *ret_plan = p.plan;
        return 0;
}
