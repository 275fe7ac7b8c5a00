/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * config.json of a bundle: read to its end, and again only as far as a start needs it. What is accepted of
 * the whole is accepted of its beginning, and means the same.
 */
#include "fuzz.h"

#include "oci/oci.h"

#include <errno.h>

static void check(const struct oci_config *c)
{
        must_hold(c->root && *c->root && c->cwd && c->path);
        must_hold(c->root_uid < UINT32_MAX && c->root_gid < UINT32_MAX);
        must_hold(c->memory_limit <= INT64_MAX);
        must_hold(!c->mount_label || *c->mount_label);
        must_hold(c->annotations.count <= 64);
        for (size_t i = 0; i < c->mount_count; i++) {
                const struct oci_mount *m = &c->mounts[i];

                must_hold(fuzz_is_clean(m->destination) && strlen(m->destination) <= PATH_MAX);
                must_hold(oci_concerns_us(m->destination));
                must_hold(!(m->is_tmpfs && m->is_cgroup));
        }
}

static bool is_same_text(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

static void check_beginning(const struct oci_config *part, const struct oci_config *whole)
{
        must_hold(is_same_text(part->command, whole->command) && is_same_text(part->root, whole->root));
        must_hold(is_same_text(part->cwd, whole->cwd) && is_same_text(part->path, whole->path));
        must_hold(part->disabled == whole->disabled && part->root_read_only == whole->root_read_only);
}

static void check_mounts(const struct oci_config *part, const struct oci_config *whole)
{
        must_hold(part->mount_count == whole->mount_count && part->memory_limit == whole->memory_limit);
        for (size_t i = 0; i < part->mount_count; i++)
                must_hold(is_same_text(part->mounts[i].destination, whole->mounts[i].destination) &&
                          part->mounts[i].is_tmpfs == whole->mounts[i].is_tmpfs &&
                          part->mounts[i].is_cgroup == whole->mounts[i].is_cgroup &&
                          part->mounts[i].read_only == whole->mounts[i].read_only);
}

struct asked {
        const struct oci_config *whole; /* NULL: it was refused */
        int needs;
        int times;
};

static int known(void *with, const struct oci_config *c, struct err *e)
{
        struct asked *asked = with;

        must_hold(asked->times++ == 0 && c->root);
        if (asked->whole)
                check_beginning(c, asked->whole);
        return asked->needs < 0 ? err_set(e, -asked->needs, "know this") : asked->needs;
}

static void read_part(const char *bundle, int needs, const struct oci_config *whole)
{
        struct asked asked = {whole, needs, 0};
        struct oci_config part = {0};
        struct arena a = {0};
        struct err e = {0};
        int r = oci_read_config(bundle, known, &asked, &a, &part, &e);

        if (r < 0)
                fuzz_check_refusal(&e);
        else
                must_hold(asked.times == 1 && r == (needs != OCI_NEEDS_NOTHING));
        if (whole) {
                must_hold(needs < 0 ? r == needs : r >= 0);
                if (needs >= 0)
                        check_beginning(&part, whole);
                if (r == 1)
                        check_mounts(&part, whole);
        }
        arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        static const int needs[] = {OCI_NEEDS_NOTHING, OCI_NEEDS_MOUNTS, OCI_NEEDS_ALL, -EPERM};
        const char *bundle = fuzz_bundle(bytes, length);
        struct oci_config config = {0};
        struct arena a = {0};
        struct err e = {0};
        int r = oci_read_config(bundle, NULL, NULL, &a, &config, &e);

        must_hold(r == 1 || r < 0);
        if (r == 1)
                check(&config);
        else
                fuzz_check_refusal(&e);
        for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
                read_part(bundle, needs[i], r == 1 ? &config : NULL);
        arena_free(&a);
        return 0;
}
