/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci/mounts.h"

#include "base/path.h"
#include "base/scope.h"
#include "oci/private.h"

#include <errno.h>
#include <string.h>

#define COVERINGS_MOST 32768

struct target {
        struct arena *arena;
        const char *bundle;
        struct oci_covering *list;
        size_t count;
        struct oci_covering now;
        bool is_bind, is_tmpfs;
};

static int keep_path(
        struct target *t, const char *before, const struct json_value *v, const char **ret, struct err *e)
{
        char *path = arena_print(t->arena, "%s/%s", before, v->text);

        if (!path)
                return err_set(e, ENOMEM, "keep a mount");
        path_clean(path);
        *ret = path;
        return 0;
}

static int set_destination(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        return keep_path(t, "", v, &t->now.destination, e);
}

/* A relative one is relative to the bundle. */
static int set_source(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        return keep_path(t, v->text[0] == '/' ? "" : t->bundle, v, &t->now.source, e);
}

static int set_type(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        (void)e;
        t->is_tmpfs = strcmp(v->text, "tmpfs") == 0;
        t->is_bind |= strcmp(v->text, "bind") == 0 || strcmp(v->text, "rbind") == 0;
        return 0;
}

/* Runtimes bind by the option, whatever the type says. */
static int set_option(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        (void)e;
        t->is_bind |= strcmp(v->text, "bind") == 0 || strcmp(v->text, "rbind") == 0;
        return 0;
}

static int end_mount(void *to, struct err *e)
{
        struct target *t = to;
        struct oci_covering now = t->now;
        const bool concerns = now.destination && (t->is_bind ? now.source != NULL : t->is_tmpfs);

        if (!t->is_bind)
                now.source = NULL;
        t->now = (struct oci_covering){0};
        t->is_bind = t->is_tmpfs = false;
        if (!concerns)
                return 0;
        if (t->count == COVERINGS_MOST)
                return err_refuse(e, "more than %d mounts", COVERINGS_MOST);

        struct oci_covering *grown = arena_grow(t->arena, t->list, t->count, sizeof *grown);

        if (!grown)
                return err_set(e, ENOMEM, "keep a mount");
        t->list = grown;
        t->list[t->count++] = now;
        return 0;
}

static const struct json_field option[] = {{"", JSON_STRING, .set = set_option}};
static const struct json_field members[] = {
        {"destination", JSON_STRING, .set = set_destination},
        {"source", JSON_STRING, .set = set_source},
        {"type", JSON_STRING, .set = set_type},
        {"options", JSON_ARRAY, option},
        {NULL},
};
static const struct json_field mount[] = {{"", JSON_OBJECT, members, .end = end_mount}};
static const struct json_field fields[] = {{"mounts", JSON_ARRAY, mount}, {NULL}};

int oci_read_mounts(
        const char *bundle, struct arena *a, struct oci_covering **ret_list, size_t *ret_count, struct err *e)
{
        struct target t = {.arena = a, .bundle = bundle};
        scoped_fd fd = oci_open_config(bundle, a, e);
        int r = fd < 0 ? fd : json_read(fd, "config.json", OCI_CONFIG_MOST, fields, &t, e);

        if (r < 0)
                return r;
        *ret_list = t.list;
        *ret_count = t.count;
        return 0;
}
