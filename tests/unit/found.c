/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/host/found: what the image and the user have at the hook's places, links followed. */
#include "host/found.h"
#include "support.h"

static struct found find(const char *directory, bool read_only, struct arena *a)
{
        char path[PATH_MAX];
        struct found found;
        struct err e;
        struct croot view = {open(scratch_path(path, directory, "root"), O_PATH | O_DIRECTORY | O_CLOEXEC)};

        assert_true(view.fd >= 0);
        if (find_places(view, read_only, a, &found, &e) != 0)
                fail_msg("%s", e.text);
        close(view.fd);
        return found;
}

static int make(void **state)
{
        if (scratch_make(state) != 0)
                return -1;
        scratch_directory(*state, "root/etc");
        return 0;
}

static void test_nothing_is_usual(void **state)
{
        static const struct found_place usual;
        struct arena a = {0};
        struct found f = find(*state, true, &a);

        for (int i = 0; i < PLACE_COUNT; i++)
                assert_memory_equal(&f.place[i], &usual, sizeof usual);
        assert_true(f.id.is_missing);
        assert_false(f.id.is_link || f.id.is_other || f.id.on_volume || f.is_hosts_run || *f.id.text);
        arena_free(&a);
}

/* As a tmpfs counts it: whole pages for files and links, none for directories. */
static void test_what_is_measured(void **state)
{
        struct arena a = {0};
        struct found f;

        scratch_write(*state, "root/run/a", "x", 1, 0600);
        scratch_write(*state, "root/run/below/b", "x", 1, 0600);
        scratch_link(*state, "root/run/below/c", "nowhere");
        scratch_write(*state, "root/tmp/empty", "", 0, 0600);
        f = find(*state, false, &a);
        assert_int_equal(f.place[PLACE_RUN].bytes, 3 * 4096);
        assert_int_equal(f.place[PLACE_RUN].files, 4);
        assert_int_equal(f.place[PLACE_TMP].bytes, 0);
        assert_int_equal(f.place[PLACE_TMP].files, 1);
        assert_false(f.place[PLACE_RUN].is_too_much);
        arena_free(&a);
}

static void test_too_much(void **state)
{
        char path[PATH_MAX], name[512] = "root/var/log/journal";
        struct arena a = {0};
        struct found f;

        scratch_write(*state, "root/tmp/sparse", "", 0, 0600);
        assert_int_equal(truncate(scratch_path(path, *state, "root/tmp/sparse"), INT64_C(1) << 40), 0);
        scratch_directory(*state, "root/run");
        for (int i = 0; i < 33; i++) {
                snprintf(path, sizeof path, "root/run/%d", i);
                scratch_write(*state, path, "", 0, 0600);
                assert_int_equal(truncate(scratch_path((char[PATH_MAX]){0}, *state, path), 2 << 20), 0);
        }
        for (int i = 0; i < 40; i++)
                strcat(name, "/d");
        scratch_directory(*state, name);
        f = find(*state, false, &a);
        assert_true(f.place[PLACE_TMP].is_too_much);
        assert_true(f.place[PLACE_RUN].is_too_much);
        assert_true(f.place[PLACE_JOURNAL].is_too_much);
        arena_free(&a);
}

static void test_links_and_files(void **state)
{
        struct arena a = {0};
        struct found f;

        scratch_write(*state, "root/data/one", "x", 1, 0600);
        scratch_link(*state, "root/tmp", "/data");
        scratch_link(*state, "root/run", "/nowhere");
        scratch_write(*state, "root/var/log/journal", "", 0, 0600);
        f = find(*state, false, &a);
        assert_int_equal(f.place[PLACE_TMP].bytes, 4096);
        assert_false(f.place[PLACE_RUN].is_other); /* what it leads to can be made */
        assert_true(f.place[PLACE_JOURNAL].is_other);
        arena_free(&a);
}

/* /var/tmp as a link to /tmp: one directory, and another is another. */
static void test_two_places_are_one(void **state)
{
        struct arena a = {0};
        struct found f;

        scratch_directory(*state, "root/tmp");
        scratch_directory(*state, "root/var/lib/systemd");
        scratch_link(*state, "root/var/tmp", "../tmp");
        f = find(*state, true, &a);
        assert_true(
                f.place[PLACE_TMP].inode != 0 && f.place[PLACE_TMP].inode == f.place[PLACE_VAR_TMP].inode);
        assert_true(f.place[PLACE_TMP].inode != f.place[PLACE_VAR_LIB_SYSTEMD].inode);
        assert_int_equal(f.place[PLACE_JOURNAL].inode, 0);
        arena_free(&a);
}

/* Where a read-only rootfs alone needs a tmpfs, nothing is looked at for another. */
static void test_read_only(void **state)
{
        struct arena a = {0};

        scratch_write(*state, "root/var/tmp/one", "x", 1, 0600);
        assert_int_equal(find(*state, false, &a).place[PLACE_VAR_TMP].files, 0);
        assert_int_equal(find(*state, true, &a).place[PLACE_VAR_TMP].files, 1);
        arena_free(&a);
}

static void test_id(void **state)
{
        static const struct {
                const char *target, *directory;
        } links[] = {
                {"../run/machine-id", "/etc/../run"},
                {"/run/id/machine-id", "/run/id"},
                {"/machine-id", "/"},
                {"other", "/etc/"},
                {"below/other", "/etc/below"},
        };
        char path[PATH_MAX];
        struct arena a = {0};
        struct found f;

        scratch_path(path, *state, "root/etc/machine-id");
        for (size_t i = 0; i < count_of(links); i++) {
                scratch_link(*state, "root/etc/machine-id", links[i].target);
                f = find(*state, false, &a);
                assert_true(f.id.is_link && f.id.is_missing && !f.id.is_other && !f.id.on_volume);
                assert_string_equal(f.id.directory, links[i].directory);
                assert_int_equal(unlink(path), 0);
        }
        scratch_link(*state, "root/etc/machine-id", "machine-id");
        f = find(*state, false, &a);
        assert_false(f.id.is_other || f.id.is_missing);
        assert_string_equal(f.id.unreachable, "leads in a loop");
        assert_int_equal(unlink(path), 0);
        scratch_write(*state, "root/etc/file", "x", 1, 0600);
        scratch_link(*state, "root/etc/machine-id", "file/below");
        assert_string_equal(
                find(*state, false, &a).id.unreachable, "leads through a file as if that were a directory");
        assert_int_equal(unlink(path), 0);
        scratch_directory(*state, "root/etc/machine-id");
        assert_true(find(*state, false, &a).id.is_other);
        assert_int_equal(rmdir(path), 0);
        scratch_write(*state, "root/etc/machine-id", "x", 1, 0600);
        f = find(*state, false, &a);
        assert_false(f.id.is_other || f.id.is_missing || f.id.is_link || *f.id.text || f.id.is_uninitialized);
        assert_int_equal(unlink(path), 0);
        scratch_write(*state, "root/etc/machine-id", "uninitialized\n", 14, 0600);
        f = find(*state, false, &a);
        assert_true(f.id.is_uninitialized && !f.id.is_read_only && !*f.id.text);
        arena_free(&a);
}

static bool id_is(const char *directory, const char *content, const char *id)
{
        struct arena a = {0};
        struct found f;
        char path[PATH_MAX];

        if (!write_text(scratch_path(path, directory, "root/data/id"), content))
                return false;
        f = find(directory, false, &a);

        const bool is = f.id.on_volume && f.id.is_link && strcmp(f.id.text, id) == 0;

        arena_free(&a);
        return is;
}

static const char *work_on_a_volume(const char *directory)
{
        static const char id[] = "0123456789abcdef0123456789abcdef";
        char path[PATH_MAX], text[64];
        struct arena a = {0};
        struct found f;
        int fd;

        scratch_directory(directory, "root/data");
        scratch_link(directory, "root/tmp", "data/tmp");
        scratch_link(directory, "root/etc/machine-id", "/data/id");
        if (mount("tmpfs", scratch_path(path, directory, "root/data"), "tmpfs", 0, NULL) < 0)
                return "skip";
        scratch_directory(directory, "root/data/tmp");
        f = find(directory, false, &a);
        if (!f.place[PLACE_TMP].on_volume || f.place[PLACE_RUN].on_volume)
                return "what is on a volume";
        if (!f.id.is_missing || !f.id.on_volume)
                return "a missing file on a volume";
        fd = open(scratch_path(path, directory, "root/data/id"), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        if (fd < 0)
                return "a file";
        close(fd);
        snprintf(text, sizeof text, "%s\n", id);
        if (!id_is(directory, text, id))
                return "an id";
        snprintf(text, sizeof text, "%sx\n", id);
        if (!id_is(directory, text, "") || !id_is(directory, "uninitialized\n", "") ||
                !id_is(directory, "00000000000000000000000000000000\n", ""))
                return "no id";
        if (!find(directory, false, &a).id.on_volume || find(directory, false, &a).id.is_read_only)
                return "a writable volume";
        if (mount(NULL, scratch_path(path, directory, "root/data"), NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0 ||
                !find(directory, false, &a).id.is_read_only)
                return "a read-only volume";
        arena_free(&a);
        return NULL;
}

static void test_on_a_volume(void **state)
{
        with_own_mounts(work_on_a_volume, *state);
}

#define with_root(test) cmocka_unit_test_setup_teardown(test, make, scratch_remove)

int main(void)
{
        const struct CMUnitTest tests[] = {
                with_root(test_nothing_is_usual),
                with_root(test_what_is_measured),
                with_root(test_too_much),
                with_root(test_links_and_files),
                with_root(test_two_places_are_one),
                with_root(test_read_only),
                with_root(test_id),
                with_root(test_on_a_volume),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
