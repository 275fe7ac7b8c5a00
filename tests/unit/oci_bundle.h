/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A bundle with a config.json: the scratch directory of the test. */

#include "oci/oci.h"
#include "support.h"

static inline void write_config(const char *bundle, const char *text)
{
        char *json = json_of(text);

        scratch_write(bundle, "config.json", json, strlen(json), 0600);
        free(json);
}

/* All of it: 0 or -errno. */
static inline int read_bundle(const char *bundle, struct arena *a, struct oci_config *c, struct err *e)
{
        *e = (struct err){0};

        int r = oci_read_config(bundle, NULL, NULL, a, c, e);

        assert_int_not_equal(r, 0);
        return r == 1 ? 0 : r;
}

static inline int read_config(
        const char *bundle, const char *text, struct arena *a, struct oci_config *c, struct err *e)
{
        write_config(bundle, text);
        return read_bundle(bundle, a, c, e);
}

static inline void assert_reads(const char *bundle, const char *text, struct arena *a, struct oci_config *c)
{
        struct err e;

        if (read_config(bundle, text, a, c, &e) != 0)
                fail_msg("%s: %s", text, e.text);
}

static inline void assert_config_refused(const char *bundle, const char *text, const char *why)
{
        struct arena a = {0};
        struct oci_config c;
        struct err e;

        if (read_config(bundle, text, &a, &c, &e) == 0)
                fail_msg("accepted: %s", text);
        assert_contains(e.text, "config.json");
        assert_contains(e.text, why);
        arena_free(&a);
}

#define with_bundle(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)
