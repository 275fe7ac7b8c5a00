/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/library.h"
#include "host/facts.h"
#include "kernel/mountinfo.h"

#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#if __has_include(<libcgroup.h>)
#include <libcgroup.h>
#else /* what is used of it: see kernel/mountinfo.c */
int cgroup_init(void);
int cgroup_get_subsys_mount_point(const char *controller, char **ret_path);
#endif

/* A mount table names what others cover, too: what a path leads to is asked of it. */
static bool is_there(const char *path, long magic)
{
        struct statfs fs;

        return statfs(path, &fs) == 0 && fs.f_type == magic;
}

LIBRARY_NOTE("cgroups", "cgroups that are mounted at unusual places",
        "\"libcgroup.so.3\",\"libcgroup.so.2\",\"libcgroup.so.1\"");

/* libcgroup knows where the v1 hierarchies are, the named ones too. */
static int search_v1(struct arena *a, const char **ret_path, struct err *e)
{
        static const char *const names[] = {"libcgroup.so.3", "libcgroup.so.2", "libcgroup.so.1", NULL};
        __typeof__(&cgroup_init) init;
        __typeof__(&cgroup_get_subsys_mount_point) mount_point;
        const struct library_symbol symbols[] = {
                {"cgroup_init", &init}, {"cgroup_get_subsys_mount_point", &mount_point}, {NULL, NULL}};
        char *path = NULL;
        int r = library_load(names, symbols, e);

        if (r < 0)
                return r;
        if (init() == 0 && mount_point("name=systemd", &path) == 0 && path &&
                is_there(path, CGROUP_SUPER_MAGIC))
                *ret_path = arena_copy(a, path, strlen(path));
        free(path);
        return 0;
}

struct search {
        struct arena *arena;
        const char *path;
};

static int on_line(void *to, const struct mountinfo_line *line, struct err *e)
{
        struct search *s = to;

        (void)e;
        if (strcmp(line->type, "cgroup2") != 0 || strcmp(line->root, "/") != 0 ||
                !is_there(line->target, CGROUP2_SUPER_MAGIC))
                return 0;
        s->path = arena_copy(s->arena, line->target, strlen(line->target));
        return 1;
}

const char *facts_search(enum hierarchy h, struct arena *a)
{
        struct search s = {.arena = a};
        struct err unused;
        /* without the library it stays at nowhere, which is then made */
        int r = h == HIERARCHY_SYSTEMD ? search_v1(a, &s.path, &unused)
                                       : mountinfo_read("/proc/self/mountinfo", on_line, &s, &unused);

        return r < 0 ? NULL : s.path;
}
