/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci/private.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define ANNOTATIONS_MOST 64 /* with our prefix; there are fewer keys than that */

int oci_copy(struct arena *a, const struct json_value *v, const char **ret, struct err *e)
{
        char *copy = arena_copy(a, v->text, v->length);

        if (!copy)
                return err_set(e, ENOMEM, "keep a string of %zu bytes", v->length);
        *ret = copy;
        return 0;
}

/* What engines of pods call the container in their own annotations. */
static int copy_container(
        struct arena *a, const struct json_value *v, struct annotations *list, struct err *e)
{
        static const char names[][40] = {"io.kubernetes.cri.container-name", "io.kubernetes.container.name"};

        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (strcmp(v->key, names[i]) == 0)
                        return oci_copy(a, v, &list->container, e);
        return 0;
}

static bool is_same(const struct annotation *x, const struct annotation *y)
{
        if (strcmp(x->key, y->key) != 0 || !x->container != !y->container)
                return false;
        return !x->container || strcmp(x->container, y->container) == 0;
}

static int copy_key(struct arena *a, const char *key, struct annotation *annotation)
{
        char *copy = arena_copy(a, key, strlen(key));
        char *slash = copy ? strchr(copy, '/') : NULL;

        if (!copy)
                return -ENOMEM;
        if (slash && slash[1]) {
                *slash = '\0';
                annotation->container = slash + 1;
        }
        annotation->key = copy;
        return 0;
}

int oci_keep_annotation(struct arena *a, const struct json_value *v, struct annotations *list, struct err *e)
{
        const size_t prefix = sizeof SETTINGS_PREFIX - 1;
        struct annotation annotation = {0};

        if (strncmp(v->key, SETTINGS_PREFIX, prefix) != 0)
                return v->bad ? 0 : copy_container(a, v, list, e);
        if (v->bad)
                return err_refuse(e, "%s", v->bad);
        if (list->count == ANNOTATIONS_MOST)
                return err_refuse(e, "more than %d keys of %s", ANNOTATIONS_MOST, SETTINGS_PREFIX);

        struct annotation *grown = arena_grow(a, list->list, list->count, sizeof *list->list);

        if (!grown || copy_key(a, v->key + prefix, &annotation) < 0)
                return err_set(e, ENOMEM, "keep an annotation");
        for (size_t i = 0; i < list->count; i++)
                if (is_same(&list->list[i], &annotation))
                        return err_refuse(e, "the key comes twice");
        list->list = grown;
        int r = oci_copy(a, v, &annotation.value, e);

        if (r < 0)
                return r;
        list->list[list->count++] = annotation;
        return 0;
}

/* Whether the annotation is meant for this container, by what the engine calls the container. */
static bool is_meant(const struct annotation *annotation, const struct annotations *list)
{
        return !annotation->container || !list->container ||
               strcmp(annotation->container, list->container) == 0;
}

static int annotate(const struct annotations *list, bool of_one, struct settings *s, struct err *e)
{
        for (size_t i = 0; i < list->count; i++) {
                const struct annotation *annotation = &list->list[i];

                if (of_one != (annotation->container != NULL) || !is_meant(annotation, list))
                        continue;
                int r = settings_set(s, annotation->key, annotation->value, e);
                if (r < 0)
                        return err_within(e, "annotation");
        }
        return 0;
}

int oci_annotate(const struct annotations *list, struct settings *s, struct err *e)
{
        const unsigned given = s->given;

        s->given = 0;
        int r = annotate(list, false, s, e);
        if (r == 0)
                r = annotate(list, true, s, e);
        s->annotated |= s->given;
        s->given |= given;
        return r;
}
