/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/facts_mounts.h"

#include "base/path.h"
#include "kernel/mounts_below.h"

#include <errno.h>
#include <string.h>

#define MOUNTS_MOST 32768

struct mount_list {
        struct arena *arena;
        struct mount_found *list;
        size_t count;
};

static int add(void *to, const struct mount_found *m, struct err *e)
{
        struct mount_list *l = to;

        if (!oci_concerns_us(m->path))
                return 0;
        if (l->count == MOUNTS_MOST)
                return err_refuse(e, "more than %d mounts on places that systemd needs", MOUNTS_MOST);

        struct mount_found *grown = arena_grow(l->arena, l->list, l->count, sizeof *grown);
        const char *copy = arena_copy(l->arena, m->path, strlen(m->path));

        if (!grown || !copy)
                return err_set(e, ENOMEM, "keep a mount");
        l->list = grown;
        l->list[l->count++] = (struct mount_found){copy, m->id, m->parent};
        return 0;
}

static int take_visible(struct mount_list *l, uint64_t rootfs, struct facts *f, struct err *e)
{
        int r = mounts_visible(l->list, &l->count, rootfs, l->arena, e);

        if (r < 0)
                return r;
        f->mounts = arena_alloc(l->arena, l->count * sizeof *f->mounts + 1);
        if (!f->mounts)
                return err_set(e, ENOMEM, "keep the mounts");
        for (f->mount_count = 0; f->mount_count < l->count; f->mount_count++)
                f->mounts[f->mount_count] = l->list[f->mount_count].path;
        return 0;
}

int facts_mounts(const struct container *c, struct croot view, const char *rootfs, struct arena *a,
        struct facts *f, struct err *e)
{
        struct mount_list l = {.arena = a};
        struct mount_search s = {.found = add, .to = &l};
        int r = mounts_below(c, view, rootfs, &s, e);

        return r < 0 ? r : take_visible(&l, s.rootfs, f, e);
}

/* On the way to path, the first mount that is on the mount with the id on. */
static const struct mount_found *next_on_the_way(const struct mount_list *l, uint64_t on, const char *path)
{
        const struct mount_found *next = NULL;

        for (size_t i = 0; i < l->count; i++) {
                const struct mount_found *m = &l->list[i];

                if (m->parent == on && path_below(path, m->path) &&
                        (!next || strlen(m->path) < strlen(next->path)))
                        next = m;
        }
        return next;
}

/* The id of the mount that a walker is on at path. */
static uint64_t mount_at(const struct mount_list *l, const char *path)
{
        uint64_t id = 0;

        for (const struct mount_found *m; (m = next_on_the_way(l, id, path));)
                id = m->id;
        return id;
}

/* Each gets a number for its id, and is on what a walker would meet on its place at that moment. */
static int list_expected(const struct oci_config *c, struct mount_list *l, struct err *e)
{
        for (size_t i = 0; i < c->mount_count; i++) {
                const char *path = oci_without_links(c->mounts[i].destination, l->arena);

                if (!path)
                        return err_set(e, ENOMEM, "keep a mount");

                int r = add(l, &(struct mount_found){path, i + 1, mount_at(l, path)}, e);

                if (r < 0)
                        return r;
        }
        return 0;
}

int facts_mounts_expect(const struct oci_config *c, struct arena *a, struct facts *f, struct err *e)
{
        struct mount_list l = {.arena = a};
        int r = list_expected(c, &l, e);

        return r < 0 ? r : take_visible(&l, 0, f, e);
}

int facts_mounts_seen(const struct oci_config *c, const char *path, struct arena *a,
        const struct oci_mount **ret, struct err *e)
{
        struct mount_list l = {.arena = a};
        int r = list_expected(c, &l, e);
        const uint64_t id = r < 0 ? 0 : mount_at(&l, path);

        if (r == 0)
                *ret = id ? &c->mounts[id - 1] : NULL;
        return r;
}
