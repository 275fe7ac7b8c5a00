/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/path.h"
#include "base/scope.h"
#include "plan/private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void plan_no_memory(struct planning *p)
{
        if (!p->failed)
                p->failed = err_set(p->e, ENOMEM, "make the plan");
}

void plan_add(struct planning *p, struct step step)
{
        if (p->failed)
                return;

        struct step *grown = arena_grow(p->arena, p->plan.steps, p->plan.count, sizeof *grown);

        if (!grown) {
                plan_no_memory(p);
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

        if (n >= (int)sizeof text && !p->failed)
                p->failed = err_set(p->e, ENAMETOOLONG, "make the plan");
        if (!kept)
                plan_no_memory(p);
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
                plan_no_memory(p);
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
        else
                plan_no_memory(p);
        return kept;
}

void plan_cover(struct planning *p, const char *target, struct tmpfs t, const char *base, bool optional)
{
        plan_add(p, (struct step){STEP_TMPFS, .target = target, .base = base, .optional = optional,
                            .tmpfs = plan_tmpfs(p, t)});
}

bool plan_has_mount(const struct planning *p, const char *path)
{
        for (size_t i = 0; i < p->in->facts->mount_count; i++)
                if (strcmp(p->in->facts->mounts[i], path) == 0)
                        return true;
        return false;
}

size_t plan_times_mounted(const struct planning *p, const char *path)
{
        size_t times = 0;

        for (size_t i = 0; i < p->in->facts->mount_count; i++)
                times += strcmp(p->in->facts->mounts[i], path) == 0;
        return times;
}

const char *plan_mount_above(const struct planning *p, const char *path)
{
        const char *nearest = NULL;

        for (size_t i = 0; i < p->in->facts->mount_count; i++) {
                const char *mount = p->in->facts->mounts[i];

                if (path_below(path, mount) && (!nearest || strlen(mount) > strlen(nearest)))
                        nearest = mount;
        }
        return nearest;
}

const struct oci_mount *plan_last_mount(const struct planning *p, const char *path)
{
        const struct oci_config *c = p->in->config;
        const struct oci_mount *last = NULL;

        for (size_t i = 0; i < c->mount_count; i++)
                if (strcmp(c->mounts[i].destination, path) == 0)
                        last = &c->mounts[i];
        return last;
}

const struct oci_mount *plan_fresh_tmpfs(const struct planning *p, const char *path)
{
        const struct oci_mount *last = plan_last_mount(p, path);

        return last && last->is_tmpfs && !last->read_only && plan_times_mounted(p, path) == 1 ? last : NULL;
}
