/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/private.h"

#include "base/path.h"
#include "oci/places.h"

#include <stddef.h>
#include <string.h>

#define PAGE         4096u
#define INODES_MOST  (1u << 20)
#define INODES_LEAST 1024u
/* a limit that is more than a host can have is none */
#define MEMORY_MOST (UINT64_C(1) << 50)

enum place_kind { LOOKED_AT, DIRECTORY, RUN, RUN_LOCK, RUN_HOST };
enum place_when { ALWAYS, JOURNAL_IS_VOLATILE, ROOT_IS_READ_ONLY };

struct place_row {
        char path[24];
        unsigned char kind, when;
        bool optional;
        mode_t mode;
        unsigned short setting; /* offset of a struct size in struct settings, plus 1; 0: fixed */
        struct size fixed;
};

#define SETTING(member)    .setting = offsetof(struct settings, member) + 1
#define FIXED(unit, value) .fixed = {unit, value}
#define ROW(place, path, kind, size, mode, when, optional)                                                   \
        [PLACE_##place] = {path, kind, when, optional, mode, size},
static const struct place_row rows[] = {PLACES(ROW)};
#undef ROW

/* A volume on path or on a directory above it, so that what is there persists as its user wants. */
static bool is_on_volume(const struct planning *p, const char *path)
{
        for (size_t i = 0; i < p->in->facts->mount_count; i++)
                if (path_below(path, p->in->facts->mounts[i]))
                        return true;
        return false;
}

/* A share of the memory that the container may use, and a number of inodes that goes with it. */
struct tmpfs plan_sized(const struct planning *p, struct size size)
{
        struct tmpfs t = {.size = size, .inodes = INODES_MOST};

        if (size.unit == SIZE_PERCENT && p->in->config->memory_limit &&
                p->in->config->memory_limit < MEMORY_MOST)
                t.size = (struct size){
                        SIZE_BYTES, (p->in->config->memory_limit / 100 * size.value) & ~(uint64_t)(PAGE - 1)};
        if (t.size.unit == SIZE_BYTES) {
                t.size.value = t.size.value < PAGE ? PAGE : t.size.value;
                t.inodes = t.size.value / PAGE < INODES_LEAST ? INODES_LEAST : t.size.value / PAGE;
        }
        if (t.inodes > 1 << 20)
                t.inodes = INODES_MOST;
        return t;
}

struct size plan_place_size(const struct planning *p, enum place_id place)
{
        const struct place_row *row = &rows[place];

        return row->setting ? *(const struct size *)(const void *)((const char *)p->in->settings +
                                                                   row->setting - 1)
                            : row->fixed;
}

const char *plan_place_path(enum place_id place)
{
        return rows[place].path;
}

static bool is_wanted(const struct planning *p, const struct place_row *row)
{
        switch ((enum place_when)row->when) {
        case ALWAYS:
                return true;
        case JOURNAL_IS_VOLATILE:
                return p->in->settings->journal == JOURNAL_VOLATILE;
        case ROOT_IS_READ_ONLY:
                return p->in->config->root_read_only;
        }
        return false;
}

static void plan_directory(struct planning *p, enum place_id place)
{
        const struct place_row *row = &rows[place];
        const struct size size = plan_place_size(p, place);
        struct tmpfs t = plan_sized(p, size);

        if (size.unit == SIZE_OFF || is_on_volume(p, row->path))
                return;
        t.mode = row->mode ? row->mode : 0755;
        t.image_mode = row->mode == 0;
        t.copy = true;
        plan_cover(p, row->path, t, NULL, row->optional);
}

void plan_places(struct planning *p)
{
        plan_run(p);
        for (enum place_id place = 0; place < PLACE_COUNT; place++)
                if (rows[place].kind == DIRECTORY && is_wanted(p, &rows[place]))
                        plan_directory(p, place);
}
