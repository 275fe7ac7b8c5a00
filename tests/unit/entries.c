/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/entries and lib/copy_in, on plain directories in place of tmpfs. */
#include "kernel/entries.h"
#include "kernel/copy_in.h"
#include "support.h"

#include <linux/capability.h>
#include <sys/syscall.h>

static int make(void **state)
{
        umask(0); /* as both want it */
        return scratch_make(state);
}

static int open_directory(const char *directory, const char *name)
{
        char path[PATH_MAX];
        int fd = open(scratch_path(path, directory, name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        assert_true(fd >= 0);
        return fd;
}

static struct stat look(const char *directory, const char *name)
{
        char path[PATH_MAX];
        struct stat st;

        if (lstat(scratch_path(path, directory, name), &st) < 0)
                fail_msg("%s: %s", path, strerror(errno));
        return st;
}

static bool is_there(const char *directory, const char *name)
{
        char path[PATH_MAX];
        struct stat st;

        return lstat(scratch_path(path, directory, name), &st) == 0;
}

static void assert_content(const char *directory, const char *name, const char *content)
{
        char path[PATH_MAX], text[256] = "";
        int fd = open(scratch_path(path, directory, name), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

        assert_true(fd >= 0);
        assert_true(read(fd, text, sizeof text - 1) >= 0);
        close(fd);
        assert_string_equal(text, content);
}

static void assert_link(const char *directory, const char *name, const char *target)
{
        char path[PATH_MAX], text[PATH_MAX] = "";

        assert_true(readlink(scratch_path(path, directory, name), text, sizeof text - 1) > 0);
        assert_string_equal(text, target);
}

static const struct entry tree[] = {
        {ENTRY_DIRECTORY, "systemd", 0755, NULL},
        {ENTRY_DIRECTORY, "systemd/system", 0751, NULL},
        {ENTRY_LINK, "systemd/system/mask.service", 0, "/dev/null"},
        {ENTRY_FILE, "container-manager", 0444, "oci\n"},
        {ENTRY_FILE, "empty", 0, ""},
        {ENTRY_FIFO, "fifo", 0, NULL},
        {ENTRY_SOCKET, "sock", 0, NULL},
        {ENTRY_CHARACTER, "chr", 0, NULL},
        {ENTRY_BLOCK, "blk", 0, NULL},
};

static int make_tree(const char *directory, bool is_ours, struct err *e)
{
        int fd = open_directory(directory, ".");
        const struct tmpfs tmpfs = {.entries = tree, .entry_count = count_of(tree)};
        int r = entries_make(fd, &tmpfs, is_ours, getuid(), getgid(), e);

        close(fd);
        return r;
}

static void assert_tree(const char *directory)
{
        assert_int_equal(look(directory, "systemd").st_mode, S_IFDIR | 0755);
        assert_int_equal(look(directory, "systemd/system").st_mode, S_IFDIR | 0751);
        assert_link(directory, "systemd/system/mask.service", "/dev/null");
        assert_int_equal(look(directory, "container-manager").st_mode, S_IFREG | 0444);
        assert_content(directory, "container-manager", "oci\n");
        assert_int_equal(look(directory, "empty").st_mode, S_IFREG);
        assert_int_equal(look(directory, "fifo").st_mode, S_IFIFO);
        assert_int_equal(look(directory, "sock").st_mode, S_IFSOCK);
        /* only with CAP_MKNOD */
        if (is_there(directory, "chr"))
                assert_int_equal(look(directory, "chr").st_mode, S_IFCHR);
        if (is_there(directory, "blk"))
                assert_int_equal(look(directory, "blk").st_mode, S_IFBLK);
}

static void each_kind(void **state, bool is_ours)
{
        struct err e;

        assert_int_equal(make_tree(*state, is_ours, &e), 0);
        assert_tree(*state);
}

static void test_each_kind(void **state)
{
        each_kind(state, false);
}

static void test_each_kind_in_a_tmpfs_of_ours(void **state)
{
        each_kind(state, true);
}

static void test_what_is_in_the_way(void **state)
{
        struct stat st;
        struct err e;

        scratch_directory(*state, "systemd/kept");
        scratch_write(*state, "container-manager", "old", 3, 0600);
        scratch_link(*state, "empty", "/etc/passwd");
        scratch_write(*state, "fifo", "", 0, 0600);
        st = look(*state, "systemd");
        assert_int_equal(make_tree(*state, false, &e), 0);
        assert_tree(*state);
        assert_true(is_there(*state, "systemd/kept"));
        assert_int_equal(look(*state, "systemd").st_ino, st.st_ino);
        assert_int_equal(make_tree(*state, false, &e), 0); /* and once more */
        assert_tree(*state);
}

/* An engine may keep CAP_MKNOD from its hooks: then the nodes are missing and nothing else is. */
static const char *work_without_mknod(const char *directory)
{
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[2];
        char path[PATH_MAX];
        struct err e = {0};

        if (syscall(SYS_capget, &header, data) < 0)
                return "capget";
        data[0].effective &= ~(1u << CAP_MKNOD);
        if (syscall(SYS_capset, &header, data) < 0)
                return "capset";
        if (mknod(scratch_path(path, directory, "try"), S_IFBLK, 0) == 0)
                return "skip";
        if (make_tree(directory, false, &e) != 0)
                return strdup(e.text);
        if (is_there(directory, "blk"))
                return "a device is there";
        return is_there(directory, "container-manager") && is_there(directory, "sock")
                       ? NULL
                       : "something is missing";
}

static void test_without_mknod(void **state)
{
        with_own_mounts(work_without_mknod, *state);
}

/* A directory where a file is wanted is not emptied for it. */
static void test_a_directory_does_not_give_way(void **state)
{
        struct err e;

        scratch_directory(*state, "container-manager/kept");
        assert_true(make_tree(*state, false, &e) < 0);
        assert_contains(e.text, "container-manager");
        assert_true(is_there(*state, "container-manager/kept"));
}

/* In a user's tmpfs a link may lie where our directory should be. */
static void test_no_link_is_followed(void **state)
{
        struct err e;

        scratch_directory(*state, "outside/system");
        scratch_directory(*state, "tmpfs");

        char tmpfs[PATH_MAX];
        scratch_link(scratch_path(tmpfs, *state, "tmpfs"), "systemd", "../outside");
        assert_int_equal(make_tree(tmpfs, false, &e), 0);
        assert_tree(tmpfs);
        assert_false(is_there(*state, "outside/system/mask.service"));
        assert_int_equal(unlink(scratch_path(tmpfs, *state, "tmpfs/systemd/system/mask.service")), 0);
        assert_int_equal(rmdir(scratch_path(tmpfs, *state, "tmpfs/systemd/system")), 0);
        scratch_link(*state, "tmpfs/systemd/system", "../../outside/system");
        assert_int_equal(make_tree(scratch_path(tmpfs, *state, "tmpfs"), false, &e), 0);
        assert_tree(tmpfs);
        assert_false(is_there(*state, "outside/system/mask.service"));
}

/* Copies "from" to "to" of the scratch directory, which hold what the test put there. */
static int copy(const char *directory, struct err *e)
{
        int from = open_directory(directory, "from"), to = open_directory(directory, "to");
        struct copy_size left = {COPY_BYTES_MOST, COPY_FILES_MOST};
        int r = copy_in(from, to, "/run", &left, e);

        close(from);
        close(to);
        return r;
}

static int make_two(void **state)
{
        if (make(state) != 0)
                return -1;
        scratch_directory(*state, "from");
        scratch_directory(*state, "to");
        return 0;
}

static void test_copy_each_type(void **state)
{
        const struct timespec times[] = {
                {.tv_sec = 1000000007, .tv_nsec = 5}, {.tv_sec = 1000000009, .tv_nsec = 7}};
        char path[PATH_MAX];
        struct err e;

        scratch_write(*state, "from/a/b/file", "content", 7, 04751);
        assert_int_equal(utimensat(AT_FDCWD, scratch_path(path, *state, "from/a/b/file"), times, 0), 0);
        scratch_write(*state, "from/empty", "", 0, 0);
        assert_int_equal(chmod(scratch_path(path, *state, "from/empty"), 0400), 0);
        assert_int_equal(chmod(scratch_path(path, *state, "from/a"), 01777), 0);
        scratch_link(*state, "from/link", "/etc/../somewhere");
        scratch_link(*state, "from/a/self", "self");
        assert_int_equal(mkfifo(scratch_path(path, *state, "from/fifo"), 0640), 0);
        alarm(20);
        assert_int_equal(copy(*state, &e), 0);
        alarm(0);
        assert_content(*state, "to/a/b/file", "content");
        assert_int_equal(look(*state, "to/a/b/file").st_mode, S_IFREG | 04751);
        assert_int_equal(look(*state, "to/a/b/file").st_mtim.tv_sec, 1000000009);
        assert_int_equal(look(*state, "to/a/b/file").st_mtim.tv_nsec, 7);
        assert_int_equal(look(*state, "to/a").st_mode, S_IFDIR | 01777);
        assert_int_equal(look(*state, "to/empty").st_mode, S_IFREG | 0400);
        assert_link(*state, "to/link", "/etc/../somewhere");
        assert_link(*state, "to/a/self", "self");
        assert_int_equal(look(*state, "to/fifo").st_mode, S_IFIFO | 0640);
}

static void test_copy_keeps_what_is_there(void **state)
{
        struct err e;

        scratch_write(*state, "from/file", "image", 5, 0600);
        scratch_write(*state, "from/both/new", "image", 5, 0600);
        scratch_write(*state, "from/both/old", "image", 5, 0600);
        scratch_write(*state, "from/directory/x", "image", 5, 0600);
        scratch_link(*state, "from/link", "/image");
        scratch_write(*state, "to/file", "ours", 4, 0640);
        scratch_write(*state, "to/both/old", "ours", 4, 0640);
        scratch_write(*state, "to/directory", "ours", 4, 0640);
        scratch_link(*state, "to/link", "/ours");

        char path[PATH_MAX];
        assert_int_equal(chmod(scratch_path(path, *state, "to/both"), 0700), 0);
        assert_int_equal(copy(*state, &e), 0);
        assert_content(*state, "to/file", "ours");
        assert_int_equal(look(*state, "to/file").st_mode, S_IFREG | 0640);
        assert_content(*state, "to/both/old", "ours");
        assert_content(*state, "to/both/new", "image");
        assert_int_equal(look(*state, "to/both").st_mode, S_IFDIR | 0700);
        assert_content(*state, "to/directory", "ours");
        assert_link(*state, "to/link", "/ours");
}

static void test_copy_leaves_out(void **state)
{
        char path[PATH_MAX];
        struct err e;

        assert_int_equal(mknod(scratch_path(path, *state, "from/sock"), S_IFSOCK | 0600, 0), 0);
        (void)!mknod(scratch_path(path, *state, "from/device"), S_IFCHR | 0600, 0);
        scratch_write(*state, "from/file", "x", 1, 0600);
        assert_int_equal(copy(*state, &e), 0);
        assert_false(is_there(*state, "to/sock"));
        assert_false(is_there(*state, "to/device"));
        assert_true(is_there(*state, "to/file"));
}

static void assert_too_much(const char *directory)
{
        struct err e;

        assert_int_equal(copy(directory, &e), -EINVAL);
        assert_contains(e.text, "/run");
        assert_contains(e.text, "than a tmpfs of the hook's takes");
        assert_contains(e.text, "; empty that directory");
}

/* A file of many gigabytes that takes no room on the disk. */
static void test_copy_of_a_sparse_giant(void **state)
{
        char path[PATH_MAX];

        scratch_write(*state, "from/giant", "", 0, 0600);
        if (truncate(scratch_path(path, *state, "from/giant"), INT64_C(1) << 40) < 0)
                skip();
        assert_too_much(*state);
        assert_false(is_there(*state, "to/giant")); /* nor does what fits of it fill the tmpfs */
}

static void test_copy_of_too_many_bytes(void **state)
{
        char path[PATH_MAX], name[64];

        for (int i = 0; i < 3; i++) {
                snprintf(name, sizeof name, "from/%d", i);
                scratch_write(*state, name, "", 0, 0600);
                assert_int_equal(truncate(scratch_path(path, *state, name), 30 << 20), 0);
        }
        assert_too_much(*state);
}

static void make_deep(const char *directory, unsigned depth)
{
        char name[256] = "from";

        for (unsigned i = 0; i < depth; i++)
                strcat(name, "/d");
        scratch_directory(directory, name);
}

static void test_copy_of_too_many_levels(void **state)
{
        struct err e;

        make_deep(*state, COPY_DEPTH_MOST);
        assert_int_equal(copy(*state, &e), 0);
        make_deep(*state, COPY_DEPTH_MOST + 2);
        assert_too_much(*state);
}

static void test_copy_of_too_many_files(void **state)
{
        char path[PATH_MAX], name[64];

        for (unsigned i = 0; i <= COPY_FILES_MOST; i++) {
                snprintf(name, sizeof name, "from/%u", i);
                /* it is not copied, which saves time, but it counts */
                assert_int_equal(mknod(scratch_path(path, *state, name), S_IFSOCK, 0), 0);
        }
        assert_too_much(*state);
}

/* What an engine mounted there is another's: it is kept as a mount, or not at all. */
static const char *work_over_mounts(const char *directory)
{
        char mounted[PATH_MAX], file[PATH_MAX], secret[PATH_MAX], path[PATH_MAX];
        struct err e;
        int from = open(scratch_path(path, directory, "from"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int to = open(scratch_path(path, directory, "to"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (mount("tmpfs", scratch_path(mounted, directory, "from/mounted"), "tmpfs", 0, NULL) < 0)
                return "skip";
        if (mknod(scratch_path(path, directory, "from/mounted/file"), S_IFREG | 0600, 0) < 0)
                return "a file";
        if (mount(scratch_path(secret, directory, "secret"), scratch_path(file, directory, "from/file"), NULL,
                    MS_BIND, NULL) < 0)
                return "a bind";
        struct copy_size left = {COPY_BYTES_MOST, COPY_FILES_MOST};

        if (copy_in(from, to, "/run", &left, &e) != 0)
                return e.text[0] ? "it fails" : "it fails without a word";
        if (is_there(directory, "to/mounted/file"))
                return "the content of a mount is copied";
        if (is_there(directory, "to/file"))
                return "a file that is mounted is copied";
        return is_there(directory, "to/beside") ? NULL : "what lies beside is left out";
}

static void test_copy_leaves_mounts_out(void **state)
{
        scratch_directory(*state, "from/mounted");
        scratch_write(*state, "from/file", "image", 5, 0600);
        scratch_write(*state, "from/beside", "image", 5, 0600);
        scratch_write(*state, "secret", "secret", 6, 0600);
        with_own_mounts(work_over_mounts, *state);
}

/* In a user's tmpfs are a user's volumes: a-users-own-machine-id-commit. */
static const char *work_beside_a_volume(const char *directory)
{
        char path[PATH_MAX];
        struct err e;

        if (mount("tmpfs", scratch_path(path, directory, "systemd/system"), "tmpfs", 0, NULL) < 0)
                return "skip";
        if (mknod(scratch_path(path, directory, "systemd/system/mask.service"), S_IFREG | 0600, 0) < 0)
                return "a file";
        if (make_tree(directory, false, &e) != 0)
                return "it fails";
        if (!S_ISREG(look(directory, "systemd/system/mask.service").st_mode))
                return "the user's file gave way";
        return is_there(directory, "container-manager") ? NULL : "what comes after it is left out";
}

static void test_nothing_is_made_in_a_volume(void **state)
{
        scratch_directory(*state, "systemd/system");
        with_own_mounts(work_beside_a_volume, *state);
}

/* What the kernel says of a full tmpfs of the user's, and not an error of our own making. */
static const char *work_in_a_full_tmpfs(const char *directory)
{
        static const struct entry entries[] = {
                {ENTRY_FILE, "first", 0444, "1"}, {ENTRY_FILE, "second", 0444, "2"}};
        const struct tmpfs tmpfs = {.entries = entries, .entry_count = 2};
        static struct err e;

        if (mount("tmpfs", directory, "tmpfs", 0, "size=4096") < 0)
                return "skip";

        const int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (entries_make(fd, &tmpfs, false, 0, 0, &e) != -ENOSPC || !strstr(e.text, "No space left"))
                return *e.text ? e.text : "two pages fit into one";
        return NULL;
}

static void test_a_full_tmpfs(void **state)
{
        with_own_mounts(work_in_a_full_tmpfs, *state);
}

static void test_copy_of_too_many_pages(void **state)
{
        char name[64];

        for (unsigned i = 0; i < COPY_FILES_MOST / 2; i++) {
                snprintf(name, sizeof name, "from/%u", i);
                scratch_write(*state, name, "x", 1, 0600);
        }
        scratch_write(*state, "from/large", "", 0, 0600);
        assert_int_equal(truncate(scratch_path((char[PATH_MAX]){0}, *state, "from/large"),
                                 COPY_BYTES_MOST - COPY_FILES_MOST),
                0);
        assert_too_much(*state);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_each_kind, make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_each_kind_in_a_tmpfs_of_ours, make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_what_is_in_the_way, make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_without_mknod, make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_a_directory_does_not_give_way, make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_no_link_is_followed, make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_nothing_is_made_in_a_volume, make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_a_full_tmpfs, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_copy_each_type, make_two, scratch_remove),
                cmocka_unit_test_setup_teardown(test_copy_keeps_what_is_there, make_two, scratch_remove),
                cmocka_unit_test_setup_teardown(test_copy_leaves_out, make_two, scratch_remove),
                cmocka_unit_test_setup_teardown(test_copy_of_a_sparse_giant, make_two, scratch_remove),
                cmocka_unit_test_setup_teardown(test_copy_of_too_many_bytes, make_two, scratch_remove),
                cmocka_unit_test_setup_teardown(test_copy_of_too_many_pages, make_two, scratch_remove),
                cmocka_unit_test_setup_teardown(test_copy_of_too_many_levels, make_two, scratch_remove),
                cmocka_unit_test_setup_teardown(test_copy_of_too_many_files, make_two, scratch_remove),
                cmocka_unit_test_setup_teardown(test_copy_leaves_mounts_out, make_two, scratch_remove),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
