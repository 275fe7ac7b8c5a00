/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feature/feature.h"

#include "base/path.h"

#include <stdarg.h>
#include <string.h>

/* The table is code and no array of pointers: each of those would be a relocation at every start. */
#define CALL_PLAN(member, name)                                                                              \
        if (r == 0)                                                                                          \
                r = name##_plan(&p);
#define CALL_PREPARE(member, name)                                                                           \
        case FEATURE_##member:                                                                               \
                return name##_prepare(s, e) < 0 ? err_within(e, #name) : 0;
#define CALL_ATTACH(member, name)                                                                            \
        case FEATURE_##member:                                                                               \
                return name##_attach(s, place, e) < 0 ? err_within(e, #name) : 0;
#define CALL_RELEASE(member, name) name##_release(s);

int feature_plan(const struct plan_input *in, struct arena *a, struct plan *plan, struct err *e)
{
        struct planning p = {.in = in, .arena = a, .plan = *plan, .e = e};
        int r = 0;

        FEATURE_ROWS(CALL_PLAN)
        if (r == 0)
                r = p.failed;
        if (r == 0)
                *plan = p.plan;
        return r;
}

static int prepare(void *with, unsigned feature, struct err *e)
{
        struct feature_start *s = with;

        switch (feature) {
                FEATURE_ROWS(CALL_PREPARE)
        default:
                return err_refuse(e, "internal error: the plan names feature %u", feature);
        }
}

static int attach(void *with, unsigned feature, const struct apply_place *place, struct err *e)
{
        struct feature_start *s = with;

        switch (feature) {
                FEATURE_ROWS(CALL_ATTACH)
        default:
                return err_refuse(e, "internal error: the plan names feature %u", feature);
        }
}

const struct apply_features feature_calls = {prepare, attach};

struct feature_start feature_begin(const struct plan *plan, const struct settings *settings,
        const char *bundle, const struct container *container, struct croot view)
{
        struct feature_start s = {.plan = plan,
                .settings = settings,
                .bundle = bundle,
                .journal = -1,
                .container = container,
                .view = view,
                .console.socket = -1};

        for (size_t i = 0; i < LXCFS_FILES; i++)
                s.lxcfs.mount[i] = -1;
        return s;
}

int feature_after(const char *id, const char *bundle, struct err *e)
{
        return journal_after(id, bundle, e);
}

void feature_report(const struct feature_start *s, struct arena *a, struct plan *plan)
{
        struct err unused;
        struct planning p = {.arena = a, .plan = *plan, .e = &unused};

        for (unsigned i = 0; i < s->note_count; i++)
                plan_note(&p, "%s", s->notes[i]);
        *plan = p.plan;
}

void feature_note(struct feature_start *s, const char *format, ...)
{
        va_list ap;

        if (s->note_count == FEATURE_NOTES)
                return;
        va_start(ap, format);
        vsnprintf(s->notes[s->note_count++], sizeof *s->notes, format, ap);
        va_end(ap);
}

void feature_release(struct feature_start *s)
{
        FEATURE_ROWS(CALL_RELEASE)
}

void feature_step(struct planning *p, enum feature feature, const char *target, const char *what)
{
        plan_add(p, (struct step){STEP_FEATURE, .target = target, .source = what,
                            .feature = (unsigned char)feature});
}

/* What the user mounts between /run and one of the files comes over it. */
static void note_covered(struct planning *p, const struct entry *entries, size_t count, const char *setting)
{
        for (size_t i = 0; i < count && !p->failed; i++) {
                const char *path = plan_text(p, "/run/%s", entries[i].path);
                const char *above = plan_mount_above(p, path);
                const char *below = above ? path_below(above, "/run") : NULL;

                if (entries[i].kind == ENTRY_DIRECTORY || !below || !*below)
                        continue;
                plan_note(p, "%s: %s is left out: a mount of the user's is on %s", setting, path, above);
        }
}

void feature_add_to_run(struct planning *p, const struct entry *entries, size_t count, const char *setting)
{
        struct step *run = NULL;

        for (size_t i = 0; i < p->plan.count; i++)
                if (p->plan.steps[i].tmpfs && strcmp(p->plan.steps[i].target, "/run") == 0)
                        run = &p->plan.steps[i];
        if (p->failed)
                return;
        if (!run) {
                p->failed = err_refuse(p->e, "%s needs a tmpfs on /run", setting);
                err_hint(p->e, "remove tmpfs.run=off, or the volume that is mounted on /run");
                return;
        }

        note_covered(p, entries, count, setting);

        const size_t before = run->tmpfs->entry_count;
        struct tmpfs extended = *run->tmpfs;
        struct entry *all = arena_alloc(p->arena, (before + count) * sizeof *all);

        if (!all) {
                plan_no_memory(p);
                return;
        }
        memcpy(all, extended.entries, before * sizeof *all);
        memcpy(all + before, entries, count * sizeof *all);
        extended.entries = all;
        extended.entry_count = before + count;
        run->tmpfs = plan_tmpfs(p, extended);
}
