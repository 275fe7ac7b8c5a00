/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci/private.h"

#include <errno.h>
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

int oci_keep_annotation(struct arena *a, const struct json_value *v, struct annotations *list, struct err *e)
{
        const size_t prefix = sizeof SETTINGS_PREFIX - 1;

        if (strncmp(v->key, SETTINGS_PREFIX, prefix) != 0)
                return 0;
        if (list->count == ANNOTATIONS_MOST)
                return err_refuse(e, "more than %d keys of %s", ANNOTATIONS_MOST, SETTINGS_PREFIX);
        for (size_t i = 0; i < list->count; i++)
                if (strcmp(list->list[i].key, v->key + prefix) == 0)
                        return err_refuse(e, "the key comes twice");

        struct annotation annotation = {.key = arena_copy(a, v->key + prefix, strlen(v->key + prefix))};
        struct annotation *grown = arena_grow(a, list->list, list->count, sizeof *list->list);

        if (!grown || !annotation.key)
                return err_set(e, ENOMEM, "keep an annotation");
        list->list = grown;
        int r = oci_copy(a, v, &annotation.value, e);

        if (r < 0)
                return r;
        list->list[list->count++] = annotation;
        return 0;
}

int oci_annotate(const struct annotations *list, struct settings *s, struct err *e)
{
        for (size_t i = 0; i < list->count; i++) {
                int r = settings_set(s, list->list[i].key, list->list[i].value, e);

                if (r < 0)
                        return err_within(e, "annotation");
        }
        return 0;
}
