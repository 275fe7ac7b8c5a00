/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feature/journal_remove.h"

#include "base/file.h"
#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Directories are nested as deep as the payload likes: what is in one at the top is moved up to it, and comes in the next round. */
struct removing {
        int top;
        unsigned moved; /* so far, which the next one is called by */
};

static DIR *open_list(int parent, const char *name)
{
        int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);

        if (!dir && fd >= 0)
                close(fd);
        return dir;
}

/* A name that the payload has taken is passed over, once. */
static bool move_up(struct removing *r, int from, const char *name)
{
        char fresh[24];
        int failed;

        do {
                snprintf(fresh, sizeof fresh, "moved-%u", r->moved++);
                failed = renameat2(from, name, r->top, fresh, RENAME_NOREPLACE);
        } while (failed < 0 && errno == EEXIST && r->moved);
        return failed == 0;
}

/* A directory at the top. Whether something of it was moved up. */
static bool remove_one(struct removing *r, const char *name)
{
        bool moved = false, whole;
        scoped_dir dir = open_list(r->top, name);
        const char *in;

        while (dir && (in = file_next_name(dir, &whole)))
                if (unlinkat(dirfd(dir), in, 0) < 0 && errno == EISDIR &&
                        unlinkat(dirfd(dir), in, AT_REMOVEDIR) < 0)
                        moved |= move_up(r, dirfd(dir), in);
        unlinkat(r->top, name, AT_REMOVEDIR);
        return moved;
}

void journal_remove(int parent, const char *name)
{
        struct removing r = {-1, 0};
        bool again = true, whole;

        while (again) {
                scoped_dir dir = open_list(parent, name);
                const char *in;

                again = false;
                while (dir && (in = file_next_name(dir, &whole))) {
                        r.top = dirfd(dir);
                        if (unlinkat(r.top, in, 0) < 0 && errno == EISDIR)
                                again |= remove_one(&r, in);
                }
        }
        unlinkat(parent, name, AT_REMOVEDIR);
}
