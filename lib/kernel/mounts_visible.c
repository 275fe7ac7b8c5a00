/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/path.h"
#include "kernel/mounts_below.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
        const struct mount_found *x = a, *y = b;
        int by_path = path_compare(x->path, y->path);

        return by_path ? by_path : x->id < y->id ? -1 : x->id > y->id;
}

/* The mount on this place that is on the mount with the id on; count: none. */
static size_t find_on(const struct mount_found *list, size_t count, uint64_t on)
{
        size_t i = 0;

        while (i < count && list[i].parent != on)
                i++;
        return i;
}

/*
 * The mounts on one place, the first of which is on the mount that the walker comes from, in their order; those that the
 * walker does not meet are behind them. Returns how many are met.
 */
static size_t follow(struct mount_found *list, size_t count, uint64_t from)
{
        size_t met = 0;

        for (;;) {
                size_t next = find_on(list + met, count - met, from);

                if (next == count - met)
                        return met;

                struct mount_found found = list[met + next];

                list[met + next] = list[met];
                list[met++] = found;
                from = found.id;
        }
}

/*
 * In the order of paths, the mounts that are entered on the way to the one at hand are a stack. A mount is met if what it
 * is on is the top of that stack: else a mount that came later, on a directory above, hides its place.
 */
int mounts_visible(
        struct mount_found *list, size_t *count_in_out, uint64_t rootfs, struct arena *a, struct err *e)
{
        const size_t count = *count_in_out;
        size_t kept = 0, depth = 0, same;
        struct mount_found *above = arena_alloc(a, (count + 1) * sizeof *above);

        if (!above)
                return err_set(e, ENOMEM, "find the mounts that can be seen");
        if (count) /* else list may be NULL, which qsort may not be given */
                qsort(list, count, sizeof *list, compare);
        for (size_t i = 0; i < count; i += same) {
                for (same = 1; i + same < count && strcmp(list[i].path, list[i + same].path) == 0; same++)
                        ;
                while (depth && !path_below(list[i].path, above[depth - 1].path))
                        depth--;

                size_t met = follow(list + i, same, depth ? above[depth - 1].id : rootfs);

                memmove(list + kept, list + i, met * sizeof *list);
                kept += met;
                if (met)
                        above[depth++] = list[kept - 1];
        }
        *count_in_out = kept;
        return 0;
}
