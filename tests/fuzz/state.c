/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state on standard input. */
#include "fuzz.h"

#include "oci/oci.h"

static void check(const struct oci_state *s)
{
        must_hold(s->id && *s->id && strlen(s->id) <= OCI_ID_MOST && !strchr(s->id, '/'));
        must_hold(strcmp(s->id, ".") != 0 && strcmp(s->id, "..") != 0);
        for (const char *c = s->id; *c; c++)
                must_hold((unsigned char)*c >= ' ' && *c != 0x7f);
        must_hold(s->pid >= 0);
        must_hold(!s->bundle || s->bundle[0] == '/');
        must_hold(s->annotations.count == 0 || s->has_annotations);
        for (size_t i = 0; i < s->annotations.count; i++)
                for (size_t k = 0; k < i; k++)
                        must_hold(strcmp(s->annotations.list[i].key, s->annotations.list[k].key) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        struct oci_state state = {0};
        struct arena a = {0};
        struct err e = {0};

        if (oci_read_state(fuzz_file(bytes, length), &a, &state, &e) < 0)
                fuzz_check_refusal(&e);
        else
                check(&state);
        arena_free(&a);
        return 0;
}
