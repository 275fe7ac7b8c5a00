/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/private.h"

#include "base/path.h"
#include "oci/places.h"

#include <stddef.h>
#include <string.h>

#define PAGE         4096u
#define LEAST        (1u << 20) /* bytes that systemd needs on /run and for its journal */
#define INODES_MOST  (1u << 20)
#define INODES_LEAST 1024u
#define COPIED_MOST  (UINT64_C(64) << 20) /* bytes that are copied from all places of an image */
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
        if (t.inodes > INODES_MOST)
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
                return p->in->settings->journal != JOURNAL_IMAGE; /* the host's directory is mounted in it */
        case ROOT_IS_READ_ONLY:
                return p->in->config->root_read_only;
        }
        return false;
}

bool plan_fits(struct planning *p, enum place_id place, const struct tmpfs *t)
{
        const struct found_place *found = &p->in->facts->found.place[place];
        const uint64_t limit = p->in->config->memory_limit;

        if (found->is_too_much || p->plan.copied + found->bytes > COPIED_MOST || found->files > t->inodes / 2)
                return false;
        if (t->size.unit == SIZE_BYTES && found->bytes > t->size.value / 2)
                return false;
        /* the container pays for it, whatever the size of the tmpfs is */
        if (limit && p->plan.copied + found->bytes > limit / 2)
                return false;
        p->plan.copied += found->bytes;
        p->plan.copied_files += found->files;
        return true;
}

/* Of the three places that have one. */
static enum setting setting_of(enum place_id place)
{
        return place == PLACE_RUN ? SETTING_RUN : place == PLACE_TMP ? SETTING_TMP : SETTING_JOURNAL_SIZE;
}

static bool is_asked(const struct planning *p, enum place_id place)
{
        return rows[place].setting && p->in->settings->given & 1u << setting_of(place);
}

/* "run" of tmpfs.run. */
static const char *name_of(enum place_id place)
{
        return place == PLACE_RUN ? "run" : place == PLACE_TMP ? "tmp" : "journal";
}

/*
 * Tried with 257: of 512 KiB on /run journald does not start, and of 64 KiB the journal gets no file; two files of its least size
 * take 1 MiB. /tmp may be as small as a tmpfs can be. Said where somebody asked for it, and obeyed.
 */
void plan_check_size(struct planning *p, enum place_id place, const struct tmpfs *t)
{
        const struct size asked = plan_place_size(p, place);
        const bool is_raised = asked.unit == SIZE_BYTES && asked.value < PAGE;
        char text[32];

        if (!is_asked(p, place) || t->size.unit != SIZE_BYTES)
                return;
        plan_size_text(asked, text, sizeof text);
        if (place != PLACE_TMP && t->size.value < LEAST)
                plan_note(p,
                        "tmpfs.%s=%s is less than the 1m that systemd needs on %s: set it to that or more",
                        name_of(place), text, rows[place].path);
        else if (is_raised)
                plan_note(p, "tmpfs.%s=%s is less than a tmpfs can have: it gets 4k", name_of(place), text);
}

void plan_asked_size(struct planning *p, enum place_id place)
{
        const char *path = rows[place].path;
        const struct size size = plan_place_size(p, place);
        const struct oci_mount *tmpfs = plan_fresh_tmpfs(p, path);

        if (tmpfs && tmpfs->no_exec)
                plan_note(p,
                        "%s is the engine's or the user's own tmpfs, and noexec: no program runs from there",
                        path);
        if (tmpfs && tmpfs->size && tmpfs->size < LEAST && place != PLACE_TMP)
                plan_note(p, "the tmpfs on %s is smaller than the 1m that systemd needs there: give it more",
                        path);
        if (!is_asked(p, place) || size.unit == SIZE_OFF)
                return;
        if (tmpfs && !tmpfs->has_size) {
                struct tmpfs t = plan_sized(p, size);

                plan_check_size(p, place, &t);
                plan_add(p, (struct step){STEP_RESIZE, .target = path, .tmpfs = plan_tmpfs(p, t)});
                return;
        }
        plan_note(p, "tmpfs.%s has no effect: %s is on a mount of the user's", name_of(place), path);
}

void plan_mask_tmp_mount(struct planning *p)
{
        plan_run_mask(p, "tmp.mount");
}

/* A link of the image's leads here, too, from a place that comes before: /var/tmp to /tmp. */
static bool is_covered_already(const struct planning *p, enum place_id place)
{
        const struct found_place *found = p->in->facts->found.place;

        for (enum place_id other = 0; found[place].inode && other < place; other++)
                if (found[other].inode == found[place].inode && found[other].device == found[place].device)
                        return true;
        return false;
}

/*
 * Whether a tmpfs of ours comes on the place, and if not, what is said of it. The order: as the user meant it; else the
 * image's own directory stays, if the payload can write there; else a tmpfs without what does not fit.
 */
static bool is_covered(struct planning *p, enum place_id place, struct tmpfs *t)
{
        const struct place_row *row = &rows[place];
        const struct found_place *found = &p->in->facts->found.place[place];
        const bool read_only = p->in->config->root_read_only;

        if (is_covered_already(p, place))
                return false;
        if (plan_mount_above(p, row->path) || found->on_volume) {
                plan_asked_size(p, place);
                return false;
        }
        if (found->is_other) {
                plan_note(p, "%s is no directory of the image's, and stays as it is", row->path);
                return false;
        }
        if (plan_place_size(p, place).unit == SIZE_OFF) {
                if (place != PLACE_TMP || !read_only)
                        return false;
                plan_note(p, "tmpfs.tmp=off: /tmp gets a tmpfs all the same, as the rootfs is read-only");
                *t = plan_sized(p, SETTINGS_DEFAULT.tmp);
        }
        t->copy = plan_fits(p, place, t);
        if (!t->copy && !read_only) {
                plan_note(p, "%s stays the image's: what it has there is more than fits into a tmpfs",
                        row->path);
                return false;
        }
        if (!t->copy)
                plan_note(p, "what the image has in %s is left out: it is more than fits into a tmpfs",
                        row->path);
        return true;
}

static void plan_directory(struct planning *p, enum place_id place)
{
        const struct place_row *row = &rows[place];
        const struct size size = plan_place_size(p, place);
        struct tmpfs t = {0};

        if (size.unit != SIZE_OFF)
                t = plan_sized(p, size);
        if (!is_covered(p, place, &t)) {
                if (place == PLACE_JOURNAL && p->in->settings->journal == JOURNAL_VOLATILE &&
                        p->in->settings->given & 1u << SETTING_JOURNAL)
                        plan_note(p, "journal=volatile has no effect: no tmpfs of the hook's comes on %s",
                                row->path);
                if (place == PLACE_TMP && !plan_has_mount(p, row->path))
                        plan_mask_tmp_mount(p);
                return;
        }
        plan_check_size(p, place, &t);
        t.mode = row->mode ? row->mode : 0755;
        t.image_mode = row->mode == 0;
        plan_cover(p, row->path, t, NULL, row->optional);
}

/* Tried with 252 and 257: logind fails, after a minute, where it cannot make its directory there. */
static void check_state(struct planning *p)
{
        const char *path = rows[PLACE_VAR_LIB_SYSTEMD].path, *above = plan_mount_above(p, path);
        const struct oci_mount *mount = above ? plan_last_mount(p, above) : NULL;

        if (mount && mount->read_only)
                plan_note(p,
                        "%s is mounted read-only, and systemd-logind fails where it cannot write to %s: "
                        "mount "
                        "it writable, or a tmpfs on %s",
                        above, path, path);
}

/* Settings of the journal that say nothing where the others stand as they do. */
static void check_journal(struct planning *p)
{
        const struct settings *s = p->in->settings;
        const bool is_sized = s->given & 1u << SETTING_JOURNAL_SIZE && s->journal_size.unit != SIZE_OFF;

        if (is_sized && s->journal == JOURNAL_IMAGE)
                plan_note(p, "tmpfs.journal has no effect: journal=image leaves %s to the image",
                        rows[PLACE_JOURNAL].path);
        if (is_sized && s->journal == JOURNAL_HOST && s->journal_size.unit == SIZE_PERCENT)
                plan_note(p,
                        "tmpfs.journal has no effect: with journal=host the journal is on the host, and its "
                        "size is one in bytes, such as 128m");
        if (s->journal_keep == ON && s->journal != JOURNAL_HOST)
                plan_note(
                        p, "journal.keep=on has no effect: the journal is not on the host; set journal=host");
}

/* What is decided of the other places is made in /run, but comes after it. */
void plan_places(struct planning *p)
{
        const struct step *later;
        size_t count;

        plan_begin_run(p);
        check_journal(p);
        check_state(p);
        for (enum place_id place = 0; place < PLACE_COUNT; place++)
                if (rows[place].kind == DIRECTORY && is_wanted(p, &rows[place]))
                        plan_directory(p, place);
        later = p->plan.steps;
        count = p->plan.count;
        p->plan.steps = NULL;
        p->plan.count = 0;
        plan_run(p);
        for (size_t i = 0; i < count; i++)
                plan_add(p, later[i]);
}
