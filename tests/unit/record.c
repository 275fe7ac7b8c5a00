/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each in a mount namespace with a /run of its own. */
#include "apply/record.h"
#include "support.h"

static const struct record record = {.bundle = "/bundle",
        .lines = {{HIERARCHY_SYSTEMD, "/a b/oci-web", false}, {HIERARCHY_UNIFIED, "/x", true}},
        .count = 2};

static bool has_run(void)
{
        umask(077);
        return mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0;
}

static bool is_there(const char *path)
{
        return access(path, F_OK) == 0;
}

/* What is read, in ret, whose strings last to the next call. -errno, or 0 with no bundle when there is no file. */
static int read_record(const char *id, struct record *ret, struct err *e)
{
        static struct arena a;

        arena_free(&a);
        a = (struct arena){0};
        *e = (struct err){0};
        *ret = (struct record){.count = 0};

        const int r = record_read(id, &a, ret, e);

        return r < 0 ? r : 0;
}

static const char *work_round_trip(const char *directory)
{
        struct record read;
        struct err e;

        (void)directory;
        if (!has_run())
                return "skip";
        if (record_write("web", &record, false, &e) != 0)
                return "it does not write";
        if (read_record("web", &read, &e) != 0 || read.count != 2 || strcmp(read.bundle, "/bundle") != 0)
                return "it does not read two lines and the bundle";
        if (read.lines[0].hierarchy != HIERARCHY_SYSTEMD || strcmp(read.lines[0].path, "/a b/oci-web") != 0 ||
                read.lines[0].if_unused)
                return "the first line";
        if (read.lines[1].hierarchy != HIERARCHY_UNIFIED || strcmp(read.lines[1].path, "/x") != 0 ||
                !read.lines[1].if_unused)
                return "the second line";
        if (record_write("web", &record, false, &e) != -EEXIST)
                return "one that is there is overwritten unasked";
        if (record_write("web", &record, true, &e) != 0 || read_record("web", &read, &e) != 0 ||
                read.count != 2)
                return "it is not written anew";
        if (record_remove("web", &e) != 0 || is_there(RECORD_DIRECTORY))
                return "something is left";
        if (read_record("web", &read, &e) != 0 || read.count != 0 || read.bundle ||
                record_remove("web", &e) != 0)
                return "it minds that there is none";
        return NULL;
}

static const char *work_only_its_own(const char *directory)
{
        struct err e;

        (void)directory;
        if (!has_run())
                return "skip";
        if (record_write("web", &record, false, &e) != 0 || record_remove("none", &e) != 0 ||
                !is_there(RECORD_DIRECTORY "/web"))
                return "another's is removed";
        return NULL;
}

/* As many lines as there can be are kept; more are no record of this hook's. */
static const char *work_many_lines(const char *directory)
{
        struct record most = {.bundle = "/bundle", .count = RECORD_LINES}, read;
        struct err e;
        FILE *f;

        (void)directory;
        if (!has_run())
                return "skip";
        for (size_t i = 0; i < RECORD_LINES; i++)
                most.lines[i] = (struct record_line){HIERARCHY_UNIFIED, "/engine.slice/web/payload", i % 2};
        if (record_write("web", &most, false, &e) != 0 || read_record("web", &read, &e) != 0 ||
                read.count != RECORD_LINES)
                return "not all are read";
        f = fopen(RECORD_DIRECTORY "/web", "a");
        if (!f || fputs("unified /one-more\n", f) < 0 || fclose(f) != 0)
                return "one more";
        if (read_record("web", &read, &e) != -EBADMSG || !strstr(e.text, "more than") ||
                read.count != RECORD_LINES)
                return "one more is read";
        return NULL;
}

static bool write_record(const char *text)
{
        FILE *f;

        if (mkdir(RECORD_DIRECTORY, 0700) < 0 && errno != EEXIST)
                return false;
        f = fopen(RECORD_DIRECTORY "/web", "w");
        return f && fputs(*text ? "bundle /bundle\n" : "", f) >= 0 && fputs(text, f) >= 0 && fclose(f) == 0;
}

static const char *work_broken_lines(const char *directory)
{
        static const char *const broken[] = {"unified\n", "unified oci-web\n", "unified  /x\n",
                " unified /x\n", "unified-if-unused x\n", "unified-if-used /x\n", "cgroup2 /x\n", "\n",
                "/x\n", "unifiedx /x\n", "unified /x\nsystem /y\n"};
        struct record read;
        struct err e;

        (void)directory;
        if (!has_run())
                return "skip";
        for (size_t i = 0; i < count_of(broken); i++)
                if (!write_record(broken[i]) || read_record("web", &read, &e) != -EBADMSG ||
                        !strstr(e.text, RECORD_DIRECTORY "/web: \"") ||
                        !strstr(e.text, "is not a hierarchy and a path"))
                        return broken[i];
        /* what can be read of a damaged one is */
        if (!write_record("unified /x\nnonsense\nsystemd /y\n") ||
                read_record("web", &read, &e) != -EBADMSG || read.count != 2 ||
                strcmp(read.bundle, "/bundle") != 0)
                return "a damaged line among others";
        /* a prestart that was killed has written nothing, or not to the end */
        if (!write_record("") || read_record("web", &read, &e) != 0 || read.count != 0)
                return "an empty file";
        if (!write_record("unified /x\nsystemd /y") || read_record("web", &read, &e) != 0 || read.count != 1)
                return "a line without an end";
        return NULL;
}

/* Only root's word is taken for what root will remove. */
static const char *work_of_others(const char *directory)
{
        struct record read;
        struct err e;

        (void)directory;
        if (!has_run())
                return "skip";
        if (!write_record("unified /x\n") || chmod(RECORD_DIRECTORY, 0777) < 0)
                return "a directory";
        if (read_record("web", &read, &e) != -EINVAL || !strstr(e.text, "can be written to by other users"))
                return "a directory of everybody's is read";
        if (record_write("web", &record, true, &e) != -EINVAL)
                return "a directory of everybody's is written to";
        if (chmod(RECORD_DIRECTORY, 0700) < 0 || unlink(RECORD_DIRECTORY "/web") < 0 ||
                symlink("/run/else", RECORD_DIRECTORY "/web") < 0)
                return "a link";
        if (read_record("web", &read, &e) >= 0 || record_write("web", &record, true, &e) >= 0 ||
                is_there("/run/else"))
                return "a link is followed";
        return NULL;
}

/* The error is one, with words of its own, whatever is in the place of the directory. */
static const char *work_no_directory(const char *directory)
{
        struct record read;
        struct err e;

        (void)directory;
        if (!has_run())
                return "skip";
        for (int link = 0; link < 2; link++) {
                if (link ? symlink("/tmp", RECORD_DIRECTORY) < 0
                         : mknod(RECORD_DIRECTORY, S_IFREG | 0600, 0) < 0)
                        return "something in the place";
                if (read_record("web", &read, &e) >= 0 || !strstr(e.text, RECORD_DIRECTORY))
                        return "record_read does not say what is wrong";
                e = (struct err){0};
                if (record_write("web", &record, true, &e) >= 0 || !strstr(e.text, RECORD_DIRECTORY))
                        return "record_write does not say what is wrong";
                e = (struct err){0};
                if (record_remove("web", &e) >= 0 || !strstr(e.text, RECORD_DIRECTORY))
                        return "record_remove does not say what is wrong";
                if (unlink(RECORD_DIRECTORY) < 0)
                        return "something in the place";
        }
        return NULL;
}

/* A /run that is root's, with the user's own directory in it, and then that user in a namespace. */
static bool has_users_run(uid_t owner, mode_t mode)
{
        return geteuid() == 0 && mount("tmpfs", "/run", "tmpfs", 0, "mode=755") == 0 &&
               mkdir("/run/user", 0755) == 0 && mkdir("/run/user/1000", 0700) == 0 &&
               chown("/run/user/1000", owner, owner) == 0 && chmod("/run/user/1000", mode) == 0;
}

/* Also where a root's hook has its own. */
static const char *work_of_a_user(const char *directory)
{
        struct record read;
        struct stat st;
        struct err e;

        umask(0);
        if (!has_users_run(1000, 0700) || (directory && mkdir(RECORD_DIRECTORY, 0700) < 0) ||
                !become_rootless(1000))
                return "skip";
        umask(077);
        if (read_record("web", &read, &e) != 0 || read.count != 0)
                return "lines of no file";
        if (record_write("web", &record, true, &e) != 0 ||
                stat("/run/user/1000/oci-systemd-hook/web", &st) < 0)
                return "it is not written where the user may";
        if (read_record("web", &read, &e) != 0 || read.count != 2)
                return "it does not read two lines";
        if (record_remove("web", &e) != 0 || is_there("/run/user/1000/oci-systemd-hook"))
                return "something is left";
        return NULL;
}

static const char *work_without_a_session(const char *directory)
{
        struct record read;
        struct err e;

        (void)directory;
        if (!has_users_run(1000, 0700) || rmdir("/run/user/1000") < 0 || !become_rootless(1000))
                return "skip";
        if (record_write("web", &record, true, &e) != -ENOENT || !strstr(e.text, "/run/user/1000") ||
                !strstr(e.text, "loginctl enable-linger 1000"))
                return "it does not say what is missing";
        if (read_record("web", &read, &e) != 0 || read.count != 0 || record_remove("web", &e) != 0)
                return "poststop minds";
        return NULL;
}

/* Nobody but the user may have put anything there; the directory says whom else it lets in. */
static const char *work_of_another_user(const char *directory)
{
        struct record read;
        struct err e;

        if (!has_users_run(*directory == 'o' ? 1001 : 1000, *directory == 'm' ? 0770 : 0700))
                return "skip";
        if (*directory == 'l' &&
                (rmdir("/run/user/1000") < 0 || mkdir("/run/else", 0777) < 0 ||
                        chown("/run/else", 1000, 1000) < 0 || symlink("/run/else", "/run/user/1000") < 0))
                return "skip";
        if (!become_rootless(1000))
                return "skip";
        if (record_write("web", &record, true, &e) >= 0 || !strstr(e.text, "/run/user/1000"))
                return "it is written to";
        if (read_record("web", &read, &e) >= 0)
                return "it is read";
        return NULL;
}

static void test_of_a_user(void **state)
{
        (void)state;
        with_own_mounts(work_of_a_user, NULL);
        with_own_mounts(work_of_a_user, "beside root's");
}

static void test_without_a_session(void **state)
{
        (void)state;
        with_own_mounts(work_without_a_session, NULL);
}

static void test_of_another_user(void **state)
{
        (void)state;
        with_own_mounts(work_of_another_user, "owner");
        with_own_mounts(work_of_another_user, "mode");
        with_own_mounts(work_of_another_user, "link");
}

static void test_round_trip(void **state)
{
        (void)state;
        with_own_mounts(work_round_trip, NULL);
}

static void test_only_its_own(void **state)
{
        (void)state;
        with_own_mounts(work_only_its_own, NULL);
}

static void test_many_lines(void **state)
{
        (void)state;
        with_own_mounts(work_many_lines, NULL);
}

static void test_broken_lines(void **state)
{
        (void)state;
        with_own_mounts(work_broken_lines, NULL);
}

static void test_of_others(void **state)
{
        (void)state;
        with_own_mounts(work_of_others, NULL);
}

static void test_no_directory(void **state)
{
        (void)state;
        with_own_mounts(work_no_directory, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_round_trip),
                cmocka_unit_test(test_only_its_own),
                cmocka_unit_test(test_many_lines),
                cmocka_unit_test(test_broken_lines),
                cmocka_unit_test(test_of_others),
                cmocka_unit_test(test_no_directory),
                cmocka_unit_test(test_of_a_user),
                cmocka_unit_test(test_without_a_session),
                cmocka_unit_test(test_of_another_user),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
