/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What poststop takes away again, where that cannot be looked at: in a mount namespace with a /run and a /proc of its own. */
#include "apply/undo.h"
#include "support.h"

static const struct record record = {
        .bundle = "/bundle", .lines = {{HIERARCHY_UNIFIED, "/oci-unit-undo", false}}, .count = 1};

/* A cgroup is gone where the kernel says so, and not where nobody can ask it. */
static const char *work_without_proc(const char *directory)
{
        static const char *const mounted_at[HIERARCHIES] = {"/nowhere", NULL};
        static struct arena arena;
        const struct undo undo = {
                .id = "web", .bundle = "/bundle", .mounted_at = mounted_at, .arena = &arena};
        struct record read;
        struct err e = {0};

        (void)directory;
        umask(077);
        if (mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0 || record_write("web", &record, false, &e) != 0 ||
                mount("tmpfs", "/proc", "tmpfs", 0, NULL) < 0)
                return "skip";
        if (undo_start(&undo, &record, true, &e) != -ENOENT || !strstr(e.text, "/proc/self/cgroup"))
                return "it says nothing";
        if (record_read("web", &arena, &read, &e) != 1 || read.count != 1)
                return "what is on record is forgotten";
        return NULL;
}

static void test_without_proc(void **state)
{
        (void)state;
        with_own_mounts(work_without_proc, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_without_proc)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
