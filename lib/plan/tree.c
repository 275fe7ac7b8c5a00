/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan as a tree of the container's places, before and after. */
#include "plan/plan.h"

#include "base/arena.h"
#include "base/path.h"
#include "plan/private.h"

#include <stdlib.h>
#include <string.h>

#define PATH_COLUMNS   32
#define BEFORE_COLUMNS 14
#define DEPTH_MOST     8 /* of places below places */

struct row {
        const char *path, *after;
        int parent; /* the row that it stands below; -1: the root */
};

struct tree {
        const struct facts *facts;
        struct arena *arena;
        struct row *rows;
        size_t count;
        const char *last; /* where SHOW or REPEAT attached last */
        bool failed;
};

/* One line a place: what is done last to it is how it will be. */
static void add(struct tree *t, const char *path, const char *after)
{
        size_t i = 0;

        while (path && i < t->count && strcmp(t->rows[i].path, path) != 0)
                i++;
        if (!path || !after)
                t->failed = true;
        else
                t->rows[i] = (struct row){path, after, -1};
        t->count += i == t->count && !t->failed;
}

static const char *below(struct tree *t, const char *target, const char *path)
{
        return strcmp(path, "/") == 0 ? target : arena_print(t->arena, "%s%s", target, path);
}

static const char *tmpfs_words(struct tree *t, const struct step *s)
{
        const struct tmpfs *tmpfs = s->tmpfs;
        char size[32];

        plan_size_text(tmpfs->size, size, sizeof size);
        return arena_print(t->arena, "tmpfs %s%s%s", size,
                tmpfs->attributes & MOUNT_ATTR_RDONLY ? ", read-only" : "",
                tmpfs->copy ? ", and the image's files" : "");
}

static const char *cgroup_words(struct tree *t, const struct step *s, bool read_only)
{
        return arena_print(
                t->arena, "%s%s", hierarchy_names[s->hierarchy], read_only ? ", read-only" : ", writable");
}

static void add_cgroup(struct tree *t, const struct step *s)
{
        const char *place = s->target;

        if (s->action == STEP_REPEAT)
                place = below(t, s->target, s->path);
        if (s->action == STEP_WRITABLE)
                place = below(t, t->last ? t->last : s->target, s->path);
        else
                t->last = place;
        add(t, place, cgroup_words(t, s, s->action != STEP_WRITABLE && s->read_only));
}

static void add_step(struct tree *t, const struct step *s)
{
        switch (s->action) {
        case STEP_TMPFS:
                return add(t, s->target, tmpfs_words(t, s));
        case STEP_FILL:
                return add(t, s->target, "the same, with what was missing");
        case STEP_RESIZE:
                return add(t, s->target, "the same, of another size");
        case STEP_RESTORE:
                return add(t, s->target, "the same");
        case STEP_READ_ONLY:
        case STEP_TOP_READ_ONLY:
                return add(t, s->target, "the same, read-only");
        case STEP_FILE:
                return add(t, s->target, "the container's own, read-only");
        case STEP_FEATURE:
                if (s->target)
                        add(t, s->target, s->source);
                return;
        case STEP_SHOW:
        case STEP_REPEAT:
        case STEP_WRITABLE:
                return add_cgroup(t, s);
        /* of the host, or a part of what another step does to a place */
        case STEP_HOLD:
        case STEP_MAKE:
        case STEP_JOIN:
        case STEP_VIEW:
        case STEP_BOUND:
        case STEP_ENABLE:
        case STEP_DELEGATE:
        case STEP_STASH:
        case STEP_CLAIM:
        case STEP_DIRECTORY:
        case STEP_ACTIONS:
                return;
        }
}

static int compare(const void *a, const void *b)
{
        return path_compare(((const struct row *)a)->path, ((const struct row *)b)->path);
}

/* The nearest row above that the path is below. */
static void find_parents(struct tree *t)
{
        for (size_t i = 0; i < t->count; i++)
                for (size_t j = 0; j < i; j++)
                        if (path_below(t->rows[i].path, t->rows[j].path))
                                t->rows[i].parent = (int)j;
}

static bool has_next(const struct tree *t, size_t row)
{
        for (size_t i = row + 1; i < t->count; i++)
                if (t->rows[i].parent == t->rows[row].parent)
                        return true;
        return false;
}

static const char *before_of(const struct tree *t, const struct row *row)
{
        const struct facts *f = t->facts;
        const char *cgroup = path_below(row->path, "/sys/fs/cgroup");

        for (size_t i = 0; i < f->mount_count; i++)
                if (strcmp(f->mounts[i], row->path) == 0)
                        return "a mount";
        if (cgroup && *cgroup) /* a hierarchy is the engine's, and what is in it is nowhere yet */
                return f->cgroup_mount != CGROUP_MOUNT_NONE && !strchr(cgroup + 1, '/') ? "a mount" : "-";
        return strcmp(row->path, "/run/host") == 0 ? "-" : "the image's";
}

static void print_columns(FILE *f, const char *text, size_t used, size_t columns)
{
        plan_print_text(f, text);
        fprintf(f, "%*s", used + strlen(text) < columns ? (int)(columns - used - strlen(text)) : 1, "");
}

static void print_row(const struct tree *t, size_t i, bool utf8, FILE *f)
{
        const struct row *row = &t->rows[i];
        const char *parent = row->parent < 0 ? "/" : t->rows[row->parent].path;
        int above[DEPTH_MOST], depth = 0;

        for (int p = row->parent; p >= 0 && depth < DEPTH_MOST; p = t->rows[p].parent)
                above[depth++] = p;
        for (int d = depth; d-- > 0;)
                fputs(!has_next(t, (size_t)above[d]) ? "   " : utf8 ? "│  " : "|  ", f);
        if (utf8)
                fputs(has_next(t, i) ? "├─ " : "└─ ", f);
        else
                fputs(has_next(t, i) ? "|- " : "`- ", f);
        print_columns(
                f, row->path + strlen(parent) + (row->parent >= 0), 3 * ((size_t)depth + 1), PATH_COLUMNS);
        print_columns(f, before_of(t, row), 0, BEFORE_COLUMNS);
        plan_print_text(f, row->after);
        fputc('\n', f);
}

int plan_print_tree(const struct plan *p, const struct facts *facts, struct arena *arena, bool utf8, FILE *f)
{
        struct tree t = {.facts = facts, .arena = arena};

        t.rows = arena_alloc(arena, (p->count + 1) * sizeof *t.rows);
        if (!t.rows)
                return -1;
        for (size_t i = 0; i < p->count; i++)
                add_step(&t, &p->steps[i]);
        if (t.failed)
                return -1;
        qsort(t.rows, t.count, sizeof *t.rows, compare);
        find_parents(&t);
        fprintf(f, "%-*s%-*s%s\n", PATH_COLUMNS, "/", BEFORE_COLUMNS, "before", "after");
        for (size_t i = 0; i < t.count; i++)
                print_row(&t, i, utf8, f);
        return 0;
}
