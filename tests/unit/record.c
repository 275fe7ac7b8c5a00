/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each in a mount namespace with a /run of its own. */
#include "apply/record.h"
#include "support.h"

static struct step steps[] = {
        {STEP_HOLD, .hierarchy = HIERARCHY_SYSTEMD},
        {STEP_MAKE, .hierarchy = HIERARCHY_SYSTEMD, .path = "/oci-web", .record = "/a b/oci-web"},
        {STEP_MAKE, .hierarchy = HIERARCHY_UNIFIED, .path = "/x/payload"},
        {STEP_MAKE, .hierarchy = HIERARCHY_UNIFIED, .path = "/oci-web", .record = "/oci-web"},
};
static const struct plan plan = {.steps = steps, .count = 4, .id = "web"};
static const struct plan plan_of_none = {.steps = steps, .count = 1, .id = "none"};

static bool has_run(void)
{
        umask(077);
        return mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0;
}

static bool is_there(const char *path)
{
        return access(path, F_OK) == 0;
}

static int read_lines(const char *id, struct record_line lines[4], size_t *ret_count, struct err *e)
{
        struct arena a = {0};
        struct record_line *found = NULL;
        bool is_found = false;
        static char texts[4][64];

        *e = (struct err){0};
        *ret_count = 99;
        int r = record_read(id, "/bundle", &a, &is_found, &found, ret_count, e);
        for (size_t i = 0; r == 0 && i < *ret_count && i < 4; i++) {
                snprintf(texts[i], sizeof texts[i], "%s", found[i].path);
                lines[i] = (struct record_line){found[i].hierarchy, texts[i]};
        }
        arena_free(&a);
        return r;
}

static const char *work_round_trip(const char *directory)
{
        struct record_line lines[4];
        struct err e;
        size_t count;

        (void)directory;
        if (!has_run())
                return "skip";
        if (record_write(&plan, "/bundle", &e) != 0)
                return "it does not write";
        if (read_lines("web", lines, &count, &e) != 0 || count != 2)
                return "it does not read two lines";
        if (lines[0].hierarchy != HIERARCHY_SYSTEMD || strcmp(lines[0].path, "/a b/oci-web") != 0)
                return "the first line";
        if (lines[1].hierarchy != HIERARCHY_UNIFIED || strcmp(lines[1].path, "/oci-web") != 0)
                return "the second line";
        /* failed-start-after-a-killed-one: what that left is still on record, and apply must not take it back
         */
        if (record_write(&plan, "/bundle", &e) != 1 || read_lines("web", lines, &count, &e) != 0 ||
                count != 2)
                return "it is not written anew";
        if (record_remove("web", &e) != 0 || is_there(RECORD_DIRECTORY))
                return "something is left";
        return NULL;
}

static const char *work_without_lines(const char *directory)
{
        struct record_line lines[4];
        struct err e;
        size_t count;

        (void)directory;
        if (!has_run())
                return "skip";
        if (record_write(&plan_of_none, "/bundle", &e) != 0 || is_there(RECORD_DIRECTORY))
                return "a file for nothing";
        if (read_lines("none", lines, &count, &e) != 0 || count != 0)
                return "lines of no file";
        if (record_remove("none", &e) != 0)
                return "it minds that there is nothing to remove";
        if (record_write(&plan, "/bundle", &e) != 0 || record_remove("none", &e) != 0 ||
                !is_there(RECORD_DIRECTORY "/web"))
                return "another's is removed";
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

/* Two engines, one id: neither removes the other's. */
static const char *work_of_another_bundle(const char *directory)
{
        struct record_line *found = NULL;
        struct arena a = {0};
        struct err e;
        bool is_found = true;
        size_t count = 99;

        (void)directory;
        if (!has_run())
                return "skip";
        if (record_write(&plan, "/first", &e) != 0)
                return "it does not write";
        if (record_write(&plan, "/second", &e) != -EINVAL || !strstr(e.text, "another bundle"))
                return "another container's record is overwritten";
        if (record_read("web", "/second", &a, &is_found, &found, &count, &e) != 0 || is_found || count != 0)
                return "another container's record is read";
        if (record_read("web", "/first", &a, &is_found, &found, &count, &e) != 0 || !is_found || count != 2)
                return "its own is not";
        if (record_read("web", NULL, &a, &is_found, &found, &count, &e) != 0 || !is_found)
                return "a state without a bundle finds nothing";
        arena_free(&a);
        return NULL;
}

static const char *work_broken_lines(const char *directory)
{
        static const char *const broken[] = {"unified\n", "unified oci-web\n", "unified  /x\n",
                " unified /x\n", "cgroup2 /x\n", "\n", "/x\n", "unifiedx /x\n", "unified /x\nsystem /y\n"};
        struct record_line lines[4];
        struct err e;
        size_t count;

        (void)directory;
        if (!has_run())
                return "skip";
        for (size_t i = 0; i < count_of(broken); i++)
                if (!write_record(broken[i]) || read_lines("web", lines, &count, &e) != -EINVAL ||
                        !strstr(e.text, "is not a hierarchy and a path"))
                        return broken[i];
        /* a prestart that was killed has written nothing, or not to the end */
        if (!write_record("") || read_lines("web", lines, &count, &e) != 0 || count != 0)
                return "an empty file";
        if (!write_record("unified /x\nsystemd /y") || read_lines("web", lines, &count, &e) != 0 ||
                count != 1)
                return "a line without an end";
        return NULL;
}

/* Only root's word is taken for what root will remove. */
static const char *work_of_others(const char *directory)
{
        struct record_line lines[4];
        struct err e;
        size_t count;

        (void)directory;
        if (!has_run())
                return "skip";
        if (!write_record("unified /x\n") || chmod(RECORD_DIRECTORY, 0777) < 0)
                return "a directory";
        if (read_lines("web", lines, &count, &e) != -EINVAL || !strstr(e.text, "can be written by others"))
                return "a directory of everybody's is read";
        if (record_write(&plan, "/bundle", &e) != -EINVAL)
                return "a directory of everybody's is written to";
        if (chmod(RECORD_DIRECTORY, 0700) < 0 || unlink(RECORD_DIRECTORY "/web") < 0 ||
                symlink("/run/else", RECORD_DIRECTORY "/web") < 0)
                return "a link";
        if (read_lines("web", lines, &count, &e) >= 0 || record_write(&plan, "/bundle", &e) >= 0 ||
                is_there("/run/else"))
                return "a link is followed";
        return NULL;
}

/* The error is one, with words of its own, whatever is in the place of the directory. */
static const char *work_no_directory(const char *directory)
{
        struct record_line lines[4];
        struct err e;
        size_t count;

        (void)directory;
        if (!has_run())
                return "skip";
        for (int link = 0; link < 2; link++) {
                if (link ? symlink("/tmp", RECORD_DIRECTORY) < 0
                         : mknod(RECORD_DIRECTORY, S_IFREG | 0600, 0) < 0)
                        return "something in the place";
                if (read_lines("web", lines, &count, &e) >= 0 || !strstr(e.text, RECORD_DIRECTORY))
                        return "record_read does not say what is wrong";
                e = (struct err){0};
                if (record_write(&plan, "/bundle", &e) >= 0 || !strstr(e.text, RECORD_DIRECTORY))
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
        struct record_line lines[4];
        struct stat st;
        struct err e;
        size_t count;

        umask(0);
        if (!has_users_run(1000, 0700) || (directory && mkdir(RECORD_DIRECTORY, 0700) < 0) ||
                !become_rootless(1000))
                return "skip";
        umask(077);
        if (read_lines("web", lines, &count, &e) != 0 || count != 0)
                return "lines of no file";
        if (record_write(&plan, "/bundle", &e) != 0 || stat("/run/user/1000/oci-systemd-hook/web", &st) < 0)
                return "it is not written where the user may";
        if (read_lines("web", lines, &count, &e) != 0 || count != 2)
                return "it does not read two lines";
        if (record_remove("web", &e) != 0 || is_there("/run/user/1000/oci-systemd-hook"))
                return "something is left";
        return NULL;
}

static const char *work_without_a_session(const char *directory)
{
        struct record_line lines[4];
        struct err e;
        size_t count;

        (void)directory;
        if (!has_users_run(1000, 0700) || rmdir("/run/user/1000") < 0 || !become_rootless(1000))
                return "skip";
        if (record_write(&plan, "/bundle", &e) != -ENOENT || !strstr(e.text, "/run/user/1000") ||
                !strstr(e.text, "loginctl enable-linger 1000"))
                return "it does not say what is missing";
        if (read_lines("web", lines, &count, &e) != 0 || count != 0 || record_remove("web", &e) != 0)
                return "poststop minds";
        return NULL;
}

/* Nobody but the user may have put anything there; the directory says whom else it lets in. */
static const char *work_of_another_user(const char *directory)
{
        struct record_line lines[4];
        struct err e;
        size_t count;

        if (!has_users_run(*directory == 'o' ? 1001 : 1000, *directory == 'm' ? 0770 : 0700))
                return "skip";
        if (*directory == 'l' &&
                (rmdir("/run/user/1000") < 0 || mkdir("/run/else", 0777) < 0 ||
                        chown("/run/else", 1000, 1000) < 0 || symlink("/run/else", "/run/user/1000") < 0))
                return "skip";
        if (!become_rootless(1000))
                return "skip";
        if (record_write(&plan, "/bundle", &e) >= 0 || !strstr(e.text, "/run/user/1000"))
                return "it is written to";
        if (read_lines("web", lines, &count, &e) >= 0)
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

static void test_without_lines(void **state)
{
        (void)state;
        with_own_mounts(work_without_lines, NULL);
}

static void test_of_another_bundle(void **state)
{
        (void)state;
        with_own_mounts(work_of_another_bundle, NULL);
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
                cmocka_unit_test(test_without_lines),
                cmocka_unit_test(test_broken_lines),
                cmocka_unit_test(test_of_another_bundle),
                cmocka_unit_test(test_of_others),
                cmocka_unit_test(test_no_directory),
                cmocka_unit_test(test_of_a_user),
                cmocka_unit_test(test_without_a_session),
                cmocka_unit_test(test_of_another_user),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
