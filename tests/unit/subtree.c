/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cgroups, on a plain directory tree: there a link can lie where cgroup file systems have none, and files show what was written. */
#include "apply/subtree.h"
#include "support.h"

static int open_tree_of(const char *directory)
{
        int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

        assert_true(fd >= 0);
        return fd;
}

static bool is_there(const char *directory, const char *name)
{
        char path[PATH_MAX];
        struct stat st;

        return lstat(scratch_path(path, directory, name), &st) == 0;
}

static void assert_says(const char *directory, const char *name, const char *content)
{
        char path[PATH_MAX], text[256] = "";
        int fd = open(scratch_path(path, directory, name), O_RDONLY | O_CLOEXEC);

        assert_true(fd >= 0);
        assert_true(read(fd, text, sizeof text - 1) >= 0);
        assert_string_equal(text, content);
        close(fd);
}

static void test_make_and_remove(void **state)
{
        struct err e;
        struct stat st;
        char path[PATH_MAX];
        int fd = open_tree_of(*state);

        umask(0);
        assert_int_equal(subtree_make(fd, "/a", &e), 0);
        assert_int_equal(subtree_make(fd, "/a/payload", &e), 0);
        assert_int_equal(stat(scratch_path(path, *state, "a/payload"), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0755);
        assert_true(subtree_make(fd, "/missing/b", &e) == -ENOENT);
        /* one level: cgroup file systems say EBUSY of a directory that is not empty, others ENOTEMPTY */
        scratch_directory(*state, "a/payload/system.slice");
        scratch_directory(*state, "a/payload/init.scope");
        assert_int_equal(subtree_make(fd, "/a/payload", &e), 0); /* left by a crash: taken over, and empty */
        assert_false(is_there(*state, "a/payload/init.scope"));
        assert_int_equal(subtree_remove(fd, "/a", false, &e), 0);
        assert_false(is_there(*state, "a"));
        assert_int_equal(subtree_remove(fd, "/a", false, &e), 0);
        close(fd);
}

/* Of a living container: nothing of it is removed, wherever the process is. */
static void test_with_processes(void **state)
{
        struct err e;
        int fd = open_tree_of(*state);

        scratch_directory(*state, "a/empty");
        scratch_write(*state, "a/full/cgroup.procs", "7\n", 2, 0644);
        assert_true(subtree_make(fd, "/a", &e) < 0);
        assert_contains(e.text,
                "the cgroup /a exists already and has processes in it; another container has this id");
        assert_true(is_there(*state, "a/empty"));
        assert_true(subtree_remove(fd, "/a", false, &e) == -EBUSY);
        assert_true(is_there(*state, "a/empty"));
        close(fd);
}

static void test_no_link_is_followed(void **state)
{
        struct err e;
        int fd = open_tree_of(*state);

        scratch_directory(*state, "outside/below");
        scratch_link(*state, "link", "outside");
        scratch_write(*state, "outside/cgroup.procs", "", 0, 0644);
        scratch_write(*state, "outside/cgroup.controllers", "memory pids\n", 12, 0644);
        scratch_write(*state, "outside/cgroup.subtree_control", "", 0, 0644);
        assert_true(subtree_open(fd, "/link", &e) < 0);
        assert_true(subtree_join(fd, "/link", 7, &e) < 0);
        assert_says(*state, "outside/cgroup.procs", "");
        assert_true(subtree_enable(fd, "/link", &e) < 0);
        assert_says(*state, "outside/cgroup.subtree_control", "");
        assert_true(subtree_delegate(fd, "/link", "cgroup.procs\n", getuid(), getgid(), &e) < 0);
        assert_true(subtree_remove(fd, "/link", false, &e) < 0);
        assert_true(is_there(*state, "outside/below"));
        /* nor is the tree left upward */
        int below = open_tree_of(scratch_path((char[PATH_MAX]){0}, *state, "outside/below"));

        assert_true(subtree_open(below, "/../..", &e) < 0);
        assert_true(subtree_open(below, "..", &e) < 0);
        close(below);
        close(fd);
}

static void test_join_and_enable(void **state)
{
        struct err e;
        int fd = open_tree_of(*state);

        scratch_write(*state, "a/cgroup.procs", "", 0, 0644);
        scratch_write(*state, "a/cgroup.controllers", "memory pids\n", 12, 0644);
        scratch_write(*state, "a/cgroup.subtree_control", "", 0, 0644);
        assert_int_equal(subtree_join(fd, "/a", 4711, &e), 0);
        assert_says(*state, "a/cgroup.procs", "4711");
        assert_int_equal(subtree_enable(fd, "/a", &e), 0);
        assert_says(*state, "a/cgroup.subtree_control", "+memory +pids ");
        assert_true(subtree_join(fd, "/missing", 4711, &e) < 0);
        assert_contains(e.text, "move pid 4711 into the cgroup /missing");
        /* no controllers, nothing to write */
        scratch_write(*state, "b/cgroup.controllers", "\n", 1, 0644);
        assert_int_equal(subtree_enable(fd, "/b", &e), 0);
        close(fd);
}

/* The directory and the files of the list, and no other: one that is named by a path, least of all. */
/* The hook never ends itself, however long the table of its cgroups is. */
static const char *work_with_the_hook(const char *directory)
{
        static char text[20000];
        char path[PATH_MAX], says[8] = "";
        struct err e;
        const int mount_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        FILE *f;

        snprintf(text, sizeof text, "1:cpu:/%015000d\n0::/own\n", 0);
        if (mount("tmpfs", "/proc", "tmpfs", 0, NULL) < 0 || mkdir("/proc/self", 0755) < 0)
                return "skip";
        f = fopen("/proc/self/cgroup", "w");
        if (!f || fputs(text, f) < 0 || fclose(f) != 0)
                return "skip";
        if (subtree_remove(mount_fd, "/own", true, &e) != -EBUSY)
                return "a cgroup with a process is removed";

        const int fd = open(scratch_path(path, directory, "own/cgroup.kill"), O_RDONLY | O_CLOEXEC);

        return fd >= 0 && read(fd, says, sizeof says - 1) == 0 ? NULL : "the hook's own cgroup is killed";
}

static void test_with_the_hook(void **state)
{
        scratch_write(*state, "own/cgroup.procs", "1\n", 2, 0600);
        scratch_write(*state, "own/cgroup.kill", "", 0, 0600);
        with_own_mounts(work_with_the_hook, *state);
}

static const char *work_delegate(const char *directory)
{
        struct err e = {0};
        struct stat st;
        char path[PATH_MAX];
        int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (getuid() != 0 || chown(scratch_path(path, directory, "a"), 0, 0) < 0)
                return "skip";
        if (subtree_delegate(fd, "/a", "cgroup.procs\n../b\nnot.there\nlink\n", 7, 7, &e) < 0)
                return "it fails";
        if (stat(scratch_path(path, directory, "a"), &st) < 0 || st.st_uid != 7 || st.st_gid != 7)
                return "the directory is not given";
        if (stat(scratch_path(path, directory, "a/cgroup.procs"), &st) < 0 || st.st_uid != 7 ||
                st.st_gid != 7)
                return "the file is not given";
        if (stat(scratch_path(path, directory, "a/memory.max"), &st) < 0 || st.st_uid == 7)
                return "a file that is not on the list is given";
        return stat(scratch_path(path, directory, "b"), &st) < 0 || st.st_uid == 7 ? "a file outside is given"
                                                                                   : NULL;
}

static void test_delegate(void **state)
{
        scratch_write(*state, "a/cgroup.procs", "", 0, 0644);
        scratch_write(*state, "a/memory.max", "", 0, 0644);
        scratch_write(*state, "b", "", 0, 0644);
        scratch_link(*state, "a/link", "../b");
        if (getuid() != 0)
                skip(); /* a user has nobody to give it to */
        with_own_mounts(work_delegate, *state);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_with_the_hook, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_make_and_remove, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_with_processes, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_no_link_is_followed, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_join_and_enable, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_delegate, scratch_make, scratch_remove),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
