/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci/private.h"

#include <errno.h>

int oci_take_argument(struct oci_config *c, struct arena *a, const struct json_value *v, struct err *e)
{
        if (c->arg_count == OCI_ARGS_MOST)
                return 0;

        /* the first is a path, which no kernel takes when it is longer */
        const size_t length = c->arg_count && v->length > OCI_ARG_MOST ? OCI_ARG_MOST : v->length;
        const char **grown = arena_grow(a, c->args, c->arg_count, sizeof *grown);
        const char *copy = grown ? arena_copy(a, v->text, length) : NULL;

        if (!copy)
                return err_set(e, ENOMEM, "keep an argument of the container's command");
        c->args = grown;
        c->args[c->arg_count++] = copy;
        c->command = c->args[0];
        return 0;
}
