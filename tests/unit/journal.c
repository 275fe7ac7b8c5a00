/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal=host, in a mount namespace with an /etc, /run and /var/log of its own: whose directories are given, and what is on record. */
#include "feature/feature.h"
#include "feature/journal_record.h"
#include "support.h"

static const char machine_id[] = "0123456789abcdef0123456789abcdef";

/* A host with a machine-id and a /var/log/journal of this mode; id NULL: with one that cannot be read. */
static bool make_host(const char *id, mode_t mode)
{
        static const char *const own[] = {"/etc", "/run", "/var/log"};

        for (size_t i = 0; i < count_of(own); i++)
                if (mount("tmpfs", own[i], "tmpfs", 0, NULL) < 0)
                        return false;
        return (id ? mknod("/etc/machine-id", S_IFREG | 0644, 0) == 0 && write_text("/etc/machine-id", id)
                   : mkdir("/etc/machine-id", 0755) == 0) &&
               mkdir("/var/log/journal", 0755) == 0 && chmod("/var/log/journal", mode) == 0;
}

static int prepare_journal(uid_t owner, struct err *e)
{
        struct plan plan = {.id = "c1", .owner = owner, .group = owner};
        const struct container none = CONTAINER_NONE;
        struct settings settings = SETTINGS_DEFAULT;
        struct feature_start s = feature_begin(&plan, &settings, "/bundle", &none, (struct croot){-1});
        int r;

        memcpy(plan.machine_id, machine_id, sizeof machine_id);
        settings.journal_keep = true; /* nothing is noted for poststop */
        r = journal_prepare(&s, e);
        journal_release(&s);
        return r;
}

static const char *work_journal(const char *directory)
{
        struct err e = {0};
        struct stat st;

        (void)directory;
        if (!make_host("fedcba9876543210fedcba9876543210\n", 0755))
                return "skip";
        if (prepare_journal(0, &e) != 0)
                return strdup(e.text);
        must(stat("/var/log/journal/0123456789abcdef0123456789abcdef", &st) == 0 && S_ISDIR(st.st_mode));
        must(prepare_journal(0, &e) == 0); /* of a start before */
        must(prepare_journal(7, &e) == -EINVAL);
        must(strstr(e.text, "is user 0's, and not the container root's"));
        return NULL;
}

/* In a user namespace, where nobody may set a mark; who runs the tests without privileges is in one anyway. */
static const char *work_without_marks(const char *directory)
{
        if (become_rootless(54321) && unshare(CLONE_NEWNS) < 0)
                return "skip";
        return work_journal(directory);
}

static const char *work_hosts_own_journal(const char *directory)
{
        struct err e = {0};

        (void)directory;
        if (!make_host("0123456789abcdef0123456789abcdef\n", 0755))
                return "skip";
        must(prepare_journal(0, &e) == -EINVAL);
        must(strstr(e.text, "is the machine-id of the host, whose journal is not the container's"));
        return NULL;
}

/* Whose journal a directory is, is known by that id: the host's own is root's, too, and would be given away. */
static const char *work_unknown_host(const char *directory)
{
        struct err e = {0};

        (void)directory;
        if (!make_host(NULL, 0755))
                return "skip";
        must(prepare_journal(0, &e) == -EISDIR);
        must(strstr(e.text, "/etc/machine-id"));
        return NULL;
}

static const char *work_writable_journals(const char *directory)
{
        struct err e = {0};

        (void)directory;
        if (!make_host("fedcba9876543210fedcba9876543210\n", 01777))
                return "skip";
        must(prepare_journal(0, &e) == -EINVAL);
        must(strstr(e.text, "/var/log/journal can be written by others than root"));
        return NULL;
}

/* Two containers of one id, in bundles of their own: poststop of the first removes nothing of the second. */
static const char *work_record(const char *directory)
{
        char read[33] = "";
        struct err e = {0};

        (void)directory;
        if (mount("run", "/run", "tmpfs", 0, NULL) < 0)
                return "skip";
        must(journal_record_read("c1", "/a", read, &e) == 0);
        must(journal_record_write("c1", "/a", machine_id, &e) == 0);
        must(journal_record_read("c1", "/b", read, &e) == 0);
        must(journal_record_read("c1", "/a/b", read, &e) == 0);
        must(journal_record_read("c2", "/a", read, &e) == 0 && !*read);
        must(journal_record_read("c1", "/a", read, &e) == 1 && strcmp(read, machine_id) == 0);
        must(journal_record_read("c1", NULL, read, &e) == 1);
        must(journal_record_remove("c1", &e) == 0 && journal_record_read("c1", "/a", read, &e) == 0);
        return NULL;
}

/* Each in a process of its own, whose mounts are its own. */
static void test_directory(void **state)
{
        (void)state;
        with_own_mounts(work_journal, NULL);
}

static void test_without_marks(void **state)
{
        (void)state;
        with_own_mounts(work_without_marks, NULL);
}

static void test_hosts_own(void **state)
{
        (void)state;
        with_own_mounts(work_hosts_own_journal, NULL);
}

static void test_unknown_host(void **state)
{
        (void)state;
        with_own_mounts(work_unknown_host, NULL);
}

static void test_writable(void **state)
{
        (void)state;
        with_own_mounts(work_writable_journals, NULL);
}

static void test_record(void **state)
{
        (void)state;
        with_own_mounts(work_record, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_directory),
                cmocka_unit_test(test_without_marks),
                cmocka_unit_test(test_hosts_own),
                cmocka_unit_test(test_unknown_host),
                cmocka_unit_test(test_writable),
                cmocka_unit_test(test_record),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
