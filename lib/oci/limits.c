/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux.resources: the limits that sizes are shares of. */
#include "oci/private.h"

#include <ctype.h>
#include <stdlib.h>

static void limit_memory(struct oci_config *c, uint64_t limit)
{
        if (limit && (!c->memory_limit || limit < c->memory_limit))
                c->memory_limit = limit;
}

static int set_memory_limit(void *to, const struct json_value *v, struct err *e)
{
        (void)e;
        limit_memory(oci_filled(to), v->integer > 0 ? (uint64_t)v->integer : 0); /* -1: unlimited */
        return 0;
}

/* cgroup2's own file: bytes, or "max". */
static int set_memory_max(void *to, const struct json_value *v, struct err *e)
{
        char *end;
        const uint64_t limit = strtoull(v->text, &end, 10);

        (void)e;
        if (isdigit((unsigned char)*v->text) && !*end)
                limit_memory(oci_filled(to), limit);
        return 0;
}

static int set_pids_limit(void *to, const struct json_value *v, struct err *e)
{
        (void)e;
        oci_filled(to)->pids_limit = v->integer > 0 ? (uint64_t)v->integer : 0; /* -1: unlimited */
        return 0;
}

const struct json_field oci_pids[] = {{"limit", JSON_INTEGER, .set = set_pids_limit}, {NULL}};
const struct json_field oci_unified[] = {{"memory.max", JSON_STRING, .set = set_memory_max}, {NULL}};
const struct json_field oci_memory[] = {{"limit", JSON_INTEGER, .set = set_memory_limit}, {NULL}};
