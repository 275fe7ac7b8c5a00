/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/undo.h"

#include "apply/hold.h"
#include "apply/subtree.h"
#include "base/path.h"
#include "base/scope.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define LET_GO_TRIES 10
#define LET_GO_PAUSE 20000000L /* nanoseconds */

/*
 * The kernel frees a removed cgroup of v1 a little later, and a hierarchy that was unmounted before stays: to
 * mount and unmount it once more lets it go. Another container's directory, or a mount elsewhere, keeps it
 * rightly.
 */
static void let_go(enum hierarchy h)
{
        struct err unused;
        struct stat st;

        for (int i = 0; i < LET_GO_TRIES && hold_exists(h, &unused) > 0; i++) {
                scoped_fd mount = hold_for_host(h, NULL, &unused);

                if (mount < 0 || fstat(mount, &st) < 0 || st.st_nlink > 2)
                        return;
                nanosleep(&(struct timespec){.tv_nsec = LET_GO_PAUSE}, NULL);
        }
}

static int remove_line(const struct undo *u, const struct record_line *line, bool is_gone, struct err *e)
{
        const int exists = hold_exists(line->hierarchy, e);

        if (exists <= 0) /* 0: and so none of its cgroups: nothing has to be mounted */
                return exists;

        scoped_fd mount = hold_for_host(line->hierarchy, u->mounted_at[line->hierarchy], e);

        if (mount < 0)
                return mount;
        if (!line->if_unused)
                return subtree_remove(
                        mount, line->path, is_gone && path_is_named_after(line->path, u->id), e);
        (void)!subtree_try_to_remove(mount, line->path);
        return 0;
}

static bool is_of_another(const struct undo *u, const struct record *record)
{
        return record->bundle && u->bundle && strcmp(record->bundle, u->bundle) != 0;
}

int undo_start(const struct undo *u, const struct record *record, bool is_gone, struct err *e)
{
        bool has_made_systemd = false;
        int failed = 0;

        if (is_of_another(u, record))
                return 0;
        for (size_t i = 0; i < record->count; i++) {
                struct err later;
                int r = remove_line(u, &record->lines[i], is_gone, failed ? &later : e);

                failed = failed ? failed : r;
                has_made_systemd |= record->lines[i].hierarchy == HIERARCHY_SYSTEMD;
        }
        if (!failed && has_made_systemd && !u->mounted_at[HIERARCHY_SYSTEMD])
                let_go(HIERARCHY_SYSTEMD);
        return failed ? failed : record_remove(u->id, e);
}

static bool has_line(const struct record *record, const struct record_line *line)
{
        for (size_t i = 0; i < record->count; i++)
                if (record->lines[i].hierarchy == line->hierarchy &&
                        strcmp(record->lines[i].path, line->path) == 0)
                        return true;
        return false;
}

/* 0: nothing of it is left. */
static int try_line(const struct undo *u, const struct record_line *line, bool is_ours_too)
{
        struct err unused;

        const int exists = hold_exists(line->hierarchy, &unused);

        if (exists <= 0)
                return exists;

        scoped_fd mount = hold_for_host(line->hierarchy, u->mounted_at[line->hierarchy], &unused);

        if (mount < 0)
                return mount;
        if (is_ours_too)
                return subtree_has_others(mount, line->path, u->pid) ? -EBUSY : 0;
        return subtree_try_to_remove(mount, line->path);
}

static bool is_only_if_unused(const struct record *record)
{
        for (size_t i = 0; i < record->count; i++)
                if (!record->lines[i].if_unused)
                        return false;
        return true;
}

/* The runtime has made its cgroup anew by now, under the name that may be on record, too: that is not removed. */
static int take_over(const struct undo *u, const struct record *old, struct record *record, struct err *e)
{
        const bool others = is_of_another(u, old), all = is_only_if_unused(old);
        int taken = 0;

        for (size_t i = 0; i < old->count; i++) {
                const struct record_line *line = &old->lines[i];

                const bool is_ours_too = has_line(record, line);

                if ((is_ours_too && !others) || try_line(u, line, is_ours_too) == 0 ||
                        (line->if_unused && !all))
                        continue;
                if (others || record->count == RECORD_LINES) {
                        err_refuse(e,
                                "a container of this id, of another bundle, has processes in the cgroup %s",
                                line->path);
                        return err_hint(e, "give this one another id, or end those processes");
                }
                record->lines[record->count++] = *line;
                taken = 1;
        }
        return taken;
}

int undo_before_start(const struct undo *u, struct record *record, struct err *e)
{
        struct record old;
        int r = record_write(u->id, record, false, e);

        if (r != -EEXIST)
                return r;
        r = record_read(u->id, u->arena, &old, e);
        /* a damaged one counts as far as it can be read, and does not keep every container of this id from starting */
        if (r < 0 && r != -EBADMSG)
                return r;

        const int taken = take_over(u, &old, record, e);

        if (taken < 0)
                return taken;
        r = record_write(u->id, record, true, e);
        return r < 0 ? r : taken;
}
