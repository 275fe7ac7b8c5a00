/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/mountinfo.h"

#include "base/library.h"

#include <stdio.h>
#if __has_include(<libmount/libmount.h>)
#include <libmount/libmount.h>
#else /* what is used of it; the library is loaded where it is needed, and need not be there to build */
enum { MNT_ITER_FORWARD = 0 };
struct libmnt_table;
struct libmnt_iter;
struct libmnt_fs;
struct libmnt_table *mnt_new_table(void);
int mnt_table_set_parser_errcb(
        struct libmnt_table *, int (*)(struct libmnt_table *, const char *file, int line));
int mnt_table_parse_stream(struct libmnt_table *, FILE *, const char *file);
void mnt_unref_table(struct libmnt_table *);
struct libmnt_iter *mnt_new_iter(int direction);
void mnt_free_iter(struct libmnt_iter *);
int mnt_table_next_fs(struct libmnt_table *, struct libmnt_iter *, struct libmnt_fs **);
const char *mnt_fs_get_target(struct libmnt_fs *);
const char *mnt_fs_get_root(struct libmnt_fs *);
const char *mnt_fs_get_fstype(struct libmnt_fs *);
int mnt_fs_get_id(struct libmnt_fs *);
int mnt_fs_get_parent_id(struct libmnt_fs *);
#endif

struct libmount {
        __typeof__(&mnt_new_table) new_table;
        __typeof__(&mnt_table_set_parser_errcb) on_error;
        __typeof__(&mnt_table_parse_stream) parse_stream;
        __typeof__(&mnt_unref_table) unref_table;
        __typeof__(&mnt_new_iter) new_iter;
        __typeof__(&mnt_free_iter) free_iter;
        __typeof__(&mnt_table_next_fs) next_fs;
        __typeof__(&mnt_fs_get_target) target;
        __typeof__(&mnt_fs_get_root) root;
        __typeof__(&mnt_fs_get_fstype) type;
        __typeof__(&mnt_fs_get_id) id;
        __typeof__(&mnt_fs_get_parent_id) parent;
};

LIBRARY_NOTE("mounts", "the mounts of containers, where the kernel is older than 6.11", "\"libmount.so.1\"");

static int load(struct libmount *l, struct err *e)
{
        static const char *const names[] = {"libmount.so.1", NULL};
        const struct library_symbol symbols[] = {
                {"mnt_new_table", &l->new_table},
                {"mnt_table_set_parser_errcb", &l->on_error},
                {"mnt_table_parse_stream", &l->parse_stream},
                {"mnt_unref_table", &l->unref_table},
                {"mnt_new_iter", &l->new_iter},
                {"mnt_free_iter", &l->free_iter},
                {"mnt_table_next_fs", &l->next_fs},
                {"mnt_fs_get_target", &l->target},
                {"mnt_fs_get_root", &l->root},
                {"mnt_fs_get_fstype", &l->type},
                {"mnt_fs_get_id", &l->id},
                {"mnt_fs_get_parent_id", &l->parent},
                {NULL, NULL},
        };

        return library_load(names, symbols, e);
}

/* libmount would leave the line out: then a volume of the user's would not be seen, and be mounted over. */
static int on_bad_line(struct libmnt_table *table, const char *file, int line)
{
        (void)table, (void)file, (void)line;
        return -1;
}

int mountinfo_read(const char *file, int (*found)(void *to, const struct mountinfo_line *line, struct err *e),
        void *to, struct err *e)
{
        struct libmount l;
        struct libmnt_fs *fs;
        int r = load(&l, e);

        if (r < 0)
                return r;

        FILE *stream = fopen(file, "re");
        struct libmnt_table *table = l.new_table();
        struct libmnt_iter *iter = l.new_iter(MNT_ITER_FORWARD);

        /* where it has no memory for a line it ends early and says that all is well */
        if (!stream || !table || !iter || l.on_error(table, on_bad_line) < 0 ||
                l.parse_stream(table, stream, file) != 0 || !feof(stream))
                r = err_refuse(e, "libmount cannot read %s", file);
        while (r == 0 && l.next_fs(table, iter, &fs) == 0) {
                const struct mountinfo_line line = {
                        l.root(fs), l.target(fs), l.type(fs), (unsigned)l.id(fs), (unsigned)l.parent(fs)};

                if (line.root && line.target && line.type)
                        r = found(to, &line, e);
        }
        l.free_iter(iter);
        l.unref_table(table);
        if (stream)
                fclose(stream);
        return r;
}
