/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mountinfo.h"

#include "library.h"

#include <libmount/libmount.h>

struct libmount {
        __typeof__(&mnt_new_table_from_file) new_table_from_file;
        __typeof__(&mnt_unref_table) unref_table;
        __typeof__(&mnt_new_iter) new_iter;
        __typeof__(&mnt_free_iter) free_iter;
        __typeof__(&mnt_table_next_fs) next_fs;
        __typeof__(&mnt_fs_get_target) target;
        __typeof__(&mnt_fs_get_root) root;
        __typeof__(&mnt_fs_get_fstype) type;
};

static int load(struct libmount *l, struct err *e)
{
        static const char *const names[] = {"libmount.so.1", NULL};
        const struct library_symbol symbols[] = {
                {"mnt_new_table_from_file", &l->new_table_from_file},
                {"mnt_unref_table", &l->unref_table},
                {"mnt_new_iter", &l->new_iter},
                {"mnt_free_iter", &l->free_iter},
                {"mnt_table_next_fs", &l->next_fs},
                {"mnt_fs_get_target", &l->target},
                {"mnt_fs_get_root", &l->root},
                {"mnt_fs_get_fstype", &l->type},
                {NULL, NULL},
        };

        return library_load(names, symbols, e);
}

int mountinfo_read(const char *file, int (*found)(void *to, const struct mountinfo_line *line, struct err *e),
        void *to, struct err *e)
{
        struct libmount l;
        struct libmnt_fs *fs;
        int r = load(&l, e);

        if (r < 0)
                return r;

        struct libmnt_table *table = l.new_table_from_file(file);
        struct libmnt_iter *iter = l.new_iter(MNT_ITER_FORWARD);

        if (!table || !iter)
                r = err_refuse(e, "libmount cannot read %s", file);
        while (r == 0 && l.next_fs(table, iter, &fs) == 0) {
                const struct mountinfo_line line = {l.root(fs), l.target(fs), l.type(fs)};

                if (line.root && line.target && line.type)
                        r = found(to, &line, e);
        }
        l.free_iter(iter);
        l.unref_table(table);
        return r;
}
