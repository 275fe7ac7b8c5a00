/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal=host, where the host's own id cannot be read: in a mount namespace with an /etc of its own. */
#include "feature/feature.h"
#include "support.h"

/* Whose journal a directory is, is known by that id: the host's own is root's, too, and would be given away. */
static const char *work_unknown_host(const char *directory)
{
        static const struct plan plan = {.id = "web", .machine_id = "0123456789abcdef0123456789abcdef"};
        static const struct settings settings = {.journal = JOURNAL_HOST};
        static const struct container container = CONTAINER_NONE;
        static const char *const own[] = {"/etc", "/run", "/var/log"};
        static struct err e;
        struct feature_start s = feature_begin(&plan, &settings, "/bundle", &container, (struct croot){-1});

        (void)directory;
        for (size_t i = 0; i < count_of(own); i++)
                if (mount("tmpfs", own[i], "tmpfs", 0, NULL) < 0)
                        return "skip";
        if (mkdir("/etc/machine-id", 0755) < 0 || mkdir("/var/log/journal", 0755) < 0)
                return "skip";
        if (journal_prepare(&s, &e) != -EISDIR || !strstr(e.text, "/etc/machine-id"))
                return *e.text ? e.text : "it goes on";
        return NULL;
}

static void test_unknown_host(void **state)
{
        (void)state;
        with_own_mounts(work_unknown_host, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_unknown_host)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
