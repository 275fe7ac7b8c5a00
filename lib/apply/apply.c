/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/private.h"

#include "apply/undo.h"
#include "base/path.h"
#include "base/scope.h"
#include "kernel/caps.h"
#include "kernel/charge.h"
#include "kernel/self.h"
#include "oci/places.h"

#include <errno.h>

/* What a step must have, by its action's row in plan/actions.h. */
static bool is_complete(const struct step *s)
{
        const unsigned needs = plan_action_needs(s->action);

        return (!(needs & NEEDS_PATH) || s->path) && (!(needs & NEEDS_TARGET) || s->target) &&
               (!(needs & NEEDS_SOURCE) || s->source) && (!(needs & NEEDS_TMPFS) || s->tmpfs);
}

static bool is_sound(const struct step *s)
{
        return (unsigned)s->action < STEP_ACTIONS && (unsigned)s->hierarchy < HIERARCHIES && is_complete(s) &&
               (!s->target || s->target[0] == '/') && (!s->path || s->path[0] == '/') &&
               (!s->base || (s->target && path_below(s->target, s->base)));
}

static int check_plan(const struct plan *p, struct err *e)
{
        for (size_t i = 0; i < p->count; i++)
                if (!is_sound(&p->steps[i]))
                        return err_refuse(e, "internal error: step %zu of the plan is malformed", i);
        return 0;
}

int *apply_mount_of(struct applying *a, const struct step *s)
{
        return &a->mounts[s - a->in->plan->steps];
}

static int each(struct applying *a, int (*phase)(struct applying *a, const struct step *s))
{
        for (size_t i = 0; i < a->in->plan->count; i++) {
                int r = phase(a, &a->in->plan->steps[i]);

                if (r < 0)
                        return r;
        }
        return 0;
}

#define UNCHARGED_MOST       (UINT64_C(256) << 10) /* bytes: less is not worth a process, which costs as much */
#define UNCHARGED_FILES_MOST ((size_t)256)

/* After the container's process is where it stays. */
static void open_charge(struct applying *a)
{
        const struct plan *p = a->in->plan;

        /* twice, as /run/lock is copied with /run first */
        a->left = (struct copy_size){2 * UNCHARGED_MOST, 2 * UNCHARGED_FILES_MOST};
        if (p->copied <= UNCHARGED_MOST && p->copied_files <= UNCHARGED_FILES_MOST)
                return;
        a->left = (struct copy_size){UINT64_C(2) * COPY_BYTES_MOST, (size_t)PLACE_COUNT * COPY_FILES_MOST};
        a->charge = charge_open(a->in->container, a->in->mounted_at[HIERARCHY_UNIFIED]);
}

static int run(struct applying *a)
{
        int r = each(a, apply_prepare);

        if (r == 0)
                open_charge(a);
        if (r == 0)
                r = container_enter_mounts(a->in->container, a->in->rootfs, a->in->view, &a->root, a->e);
        if (r == 0)
                r = mount_make_slave(a->root.fd, "the rootfs", a->e);
        if (r == 0)
                r = apply_trust(a, a->root.fd, true);
        if (r == 0)
                r = self_make_files_as(a->in->plan->owner, a->in->plan->group, a->e);
        if (r == 0)
                r = caps_drop(a->e);
        return r == 0 ? each(a, apply_attach) : r;
}

/* Before anything is made. */
static int note(struct applying *a)
{
        const struct apply_input *in = a->in;
        const struct undo undo = {in->plan->id, in->bundle, in->container->pid, in->mounted_at, in->arena};
        struct record record = {.bundle = in->bundle};

        for (const struct step *s = in->plan->steps; s < in->plan->steps + in->plan->count; s++) {
                if (!s->record)
                        continue;
                if (record.count == RECORD_LINES)
                        return err_refuse(
                                a->e, "internal error: the plan notes more than %d cgroups", RECORD_LINES);
                record.lines[record.count++] =
                        (struct record_line){s->hierarchy, s->record, s->action == STEP_HOLD && s->optional};
        }
        return record.count ? undo_before_start(&undo, &record, a->e) : 0;
}

/* What came to nothing needs no poststop, which Podman leaves out when a container was never made. */
static void forget(const struct applying *a)
{
        struct err unused;

        for (size_t i = 0; i < a->in->plan->count && !a->has_made; i++)
                if (a->in->plan->steps[i].record) {
                        (void)!record_remove(a->in->plan->id, &unused);
                        return;
                }
}

int apply(const struct apply_input *in, struct err *e)
{
        struct applying a = {.in = in,
                .hierarchy = {-1, -1},
                .shown = {-1, -1},
                .view = {-1, -1},
                .copy = {-1, -1},
                .last = {-1, -1},
                .run_host = -1,
                .charge = -1,
                .root.fd = -1,
                .made_slave = UINT64_MAX,
                .e = e};
        const size_t count = in->plan->count;
        int r = check_plan(in->plan, e);

        self_take_modes_as_given();
        if (r == 0)
                r = note(&a);
        if (r < 0)
                return r;
        a.has_made = r == 1; /* what a start before this one may have left */
        a.mounts = arena_alloc(in->arena, count * sizeof *a.mounts);
        if (!a.mounts)
                return err_set(e, ENOMEM, "carry the plan out");
        for (size_t i = 0; i < count; i++)
                a.mounts[i] = -1;
        r = run(&a);
        if (r < 0)
                forget(&a);
        for (size_t i = 0; i < count; i++)
                scope_close(&a.mounts[i]);
        for (enum hierarchy h = 0; h < HIERARCHIES; h++) {
                scope_close(&a.hierarchy[h]);
                scope_close(&a.view[h]);
                scope_close(&a.copy[h]);
        }
        scope_close(&a.charge);
        scope_close(&a.root.fd);
        return r;
}
