/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/private.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

static int compare_paths(const void *a, const void *b)
{
        return path_compare(*(const char *const *)a, *(const char *const *)b);
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
                plan_no_memory(p);
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
        plan_look_at_run(&p);
        plan_machine_id(&p);
        plan_lean(&p);
        plan_units(&p);
        plan_places(&p);

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
        plan_late_run(&p);
        plan_cgroup_mounts(&p);
        if (p.failed)
                return p.failed;
        *ret_plan = p.plan;
        return 0;
}
