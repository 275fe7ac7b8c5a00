/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/croot.h"
#include "support.h"

#include <sys/resource.h>

/*
 * The scratch directory holds the rootfs, "root", and beside it "outside" with the canary that no path of the
 * container may reach.
 */
struct place {
        char *directory;
        char rootfs[PATH_MAX], outside[PATH_MAX];
        struct croot root;
};

static struct croot_making ours; /* filled by make */
static const struct croot_making roots;

static int make(void **state)
{
        void *directory = NULL;
        struct place *p = calloc(1, sizeof *p);

        if (!p || scratch_make(&directory) != 0)
                return -1;
        umask(0); /* as croot_make wants it, and the hook has it by then */
        p->directory = directory;
        scratch_path(p->rootfs, p->directory, "root");
        scratch_path(p->outside, p->directory, "outside");
        scratch_directory(p->directory, "root/etc");
        scratch_directory(p->directory, "outside/dir");
        scratch_write(p->outside, "canary", "c", 1, 0644);
        scratch_write(p->outside, "dir/canary", "c", 1, 0644);
        ours = (struct croot_making){.owner = getuid(), .group = getgid()};
        p->root.fd = open(p->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
        *state = p;
        return p->root.fd < 0 ? -1 : 0;
}

static int end(void **state)
{
        struct place *p = *state;
        void *directory = p->directory;

        close(p->root.fd);
        free(p);
        return scratch_remove(&directory);
}

static bool is_same(int fd, const char *directory, const char *name)
{
        struct stat x, y;
        char path[PATH_MAX];

        assert_int_equal(fstat(fd, &x), 0);
        return stat(scratch_path(path, directory, name), &y) == 0 && x.st_dev == y.st_dev &&
               x.st_ino == y.st_ino;
}

/* path leads to the file or directory of that name in the rootfs. */
static void assert_opens(const struct place *p, const char *path, enum croot_want want, const char *name)
{
        struct err e;
        int fd = croot_open(p->root, path, want, &e);

        if (fd < 0)
                fail_msg("%s: %s", path, e.text);
        assert_true(is_same(fd, p->rootfs, name));
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        close(fd);
}

static void assert_fails(
        const struct place *p, const char *path, enum croot_want want, int code, const char *why)
{
        struct err e;
        int fd = croot_open(p->root, path, want, &e);

        if (fd >= 0)
                fail_msg("opened: %s", path);
        if (fd != -code)
                fail_msg("%s: %d and not %d: %s", path, fd, -code, e.text);
        assert_contains(e.text, path);
        assert_contains(e.text, why);
}

static void test_plain_paths(void **state)
{
        struct place *p = *state;

        scratch_write(p->rootfs, "etc/machine-id", "x", 1, 0444);
        assert_opens(p, "/etc/machine-id", CROOT_FILE, "etc/machine-id");
        assert_opens(p, "/etc/machine-id", CROOT_ANY, "etc/machine-id");
        assert_opens(p, "/etc", CROOT_DIRECTORY, "etc");
        assert_opens(p, "/", CROOT_DIRECTORY, ".");
        assert_opens(p, "etc//./machine-id", CROOT_FILE, "etc/machine-id");
        assert_opens(p, "/etc/../etc/machine-id", CROOT_FILE, "etc/machine-id");
        assert_fails(p, "/etc/none", CROOT_ANY, ENOENT, "No such file");
        assert_fails(p, "/none/at/all", CROOT_DIRECTORY, ENOENT, "No such file");
        assert_fails(p, "/etc/machine-id/below", CROOT_FILE, ENOTDIR, "");
}

static void test_upward_ends_at_the_root(void **state)
{
        struct place *p = *state;

        scratch_write(p->rootfs, "canary", "ours", 4, 0644);
        assert_opens(p, "/../canary", CROOT_FILE, "canary");
        assert_opens(p, "../../../../canary", CROOT_FILE, "canary");
        assert_opens(p, "/etc/../../../canary", CROOT_FILE, "canary");
        assert_opens(p, "/..", CROOT_DIRECTORY, ".");
        assert_fails(p, "/../outside/canary", CROOT_ANY, ENOENT, "");
        assert_fails(p, "/../../../../../../../../etc/passwd", CROOT_ANY, ENOENT, "");
}

static void test_links_are_those_of_the_container(void **state)
{
        struct place *p = *state;

        scratch_write(p->rootfs, "usr/lib/file", "x", 1, 0644);
        scratch_link(p->rootfs, "lib", "usr/lib");
        scratch_link(p->rootfs, "absolute", "/usr/lib");
        scratch_link(p->rootfs, "upward", "../../../../usr/lib/file");
        scratch_link(p->rootfs, "usr/back", "../lib");
        scratch_link(p->rootfs, "first", "second");
        scratch_link(p->rootfs, "second", "/third");
        scratch_link(p->rootfs, "third", "usr/back/file");
        assert_opens(p, "/lib/file", CROOT_FILE, "usr/lib/file");
        assert_opens(p, "/absolute/file", CROOT_FILE, "usr/lib/file");
        assert_opens(p, "/absolute", CROOT_DIRECTORY, "usr/lib");
        assert_opens(p, "/upward", CROOT_FILE, "usr/lib/file");
        assert_opens(p, "/first", CROOT_FILE, "usr/lib/file");
        assert_opens(p, "/usr/back/../lib/file", CROOT_FILE, "usr/lib/file");
        /* the kernel's table of mounts names no link */
        assert_opens(p, "/usr/lib/file", CROOT_LISTED, "usr/lib/file");
        assert_fails(p, "/lib/file", CROOT_LISTED, ELOOP, "");
        assert_fails(p, "/first", CROOT_LISTED, ELOOP, "");
}

static void test_loops_and_dangling_links(void **state)
{
        struct place *p = *state;

        scratch_link(p->rootfs, "self", "self");
        scratch_link(p->rootfs, "here", "/there");
        scratch_link(p->rootfs, "there", "here/x");
        scratch_link(p->rootfs, "dangling", "/no/such/thing");
        assert_fails(p, "/self", CROOT_ANY, ELOOP, "");
        assert_fails(p, "/self/below", CROOT_DIRECTORY, ELOOP, "");
        assert_fails(p, "/here", CROOT_ANY, ELOOP, "");
        assert_fails(p, "/dangling", CROOT_ANY, ENOENT, "");
        assert_fails(p, "/dangling", CROOT_DIRECTORY, ENOENT, "");
}

/* The contents of links that would leave the rootfs, had the host followed them. %s is the directory outside.
 */
static const char *const ways_out[] = {"%s/canary", "%s/dir/canary", "../outside/canary",
        "../../outside/canary", "/../outside/canary", "etc/../../outside/canary", "/proc/self/root%s/canary",
        "/proc/self/cwd/canary", "//..//..//%s/canary", "./../outside/./canary"};

static void lead_out(const struct place *p, size_t way)
{
        char target[PATH_MAX * 2], path[PATH_MAX];

        (void)!unlink(scratch_path(path, p->rootfs, "etc/out"));
        snprintf(target, sizeof target, "%.*s%s%s", (int)strcspn(ways_out[way], "%"), ways_out[way],
                strchr(ways_out[way], '%') ? p->outside : "",
                strchr(ways_out[way], '%') ? strchr(ways_out[way], '%') + 2 : "");
        scratch_link(p->rootfs, "etc/out", target);
}

static void test_no_link_leads_out(void **state)
{
        struct place *p = *state;
        static const enum croot_want wants[] = {CROOT_ANY, CROOT_FILE, CROOT_DIRECTORY};
        struct err e;

        for (size_t i = 0; i < count_of(ways_out); i++) {
                lead_out(p, i);
                for (size_t w = 0; w < count_of(wants); w++) /* nothing of that name is in the rootfs */
                        assert_true(croot_open(p->root, "/etc/out", wants[w], &e) < 0);
        }
}

/* What such a link leads to is made in the rootfs, or nowhere. */
static void test_nothing_is_made_outside(void **state)
{
        struct place *p = *state;
        struct stat st, canary;
        char path[PATH_MAX];
        struct err e;
        int made = 0;

        assert_int_equal(stat(scratch_path(path, p->outside, "canary"), &canary), 0);
        for (size_t i = 0; i < count_of(ways_out); i++) {
                lead_out(p, i);
                int fd = croot_make(p->root, "/etc/out", CROOT_FILE, &ours, &e);
                if (fd >= 0) {
                        assert_int_equal(fstat(fd, &st), 0);
                        assert_true(st.st_ino != canary.st_ino && st.st_size == 0);
                        close(fd);
                        made++;
                }
                fd = croot_make(p->root, "/etc/out/made", CROOT_DIRECTORY, &ours, &e);
                assert_true(fd < 0);
                assert_int_equal(access(scratch_path(path, p->outside, "made"), F_OK), -1);
        }
        assert_true(made > 5);
}

static void test_types(void **state)
{
        struct place *p = *state;
        char path[PATH_MAX];

        scratch_write(p->rootfs, "file", "x", 1, 0644);
        assert_int_equal(mkfifo(scratch_path(path, p->rootfs, "fifo"), 0644), 0);
        scratch_link(p->rootfs, "link", "file");
        assert_fails(p, "/file", CROOT_DIRECTORY, ENOTDIR, "irectory");
        assert_fails(p, "/fifo", CROOT_DIRECTORY, ENOTDIR, "irectory");
        assert_fails(p, "/etc", CROOT_FILE, EINVAL, "is a directory, not a regular file");
        assert_fails(p, "/fifo", CROOT_FILE, EINVAL, "is a FIFO, not a regular file");
        assert_opens(p, "/fifo", CROOT_ANY, "fifo");
        assert_opens(p, "/link", CROOT_FILE, "file");
}

/* Over the host's own root: nothing in /proc is ever a target, and no link of it is followed. */
static void test_proc(void **state)
{
        struct place host = *(struct place *)*state;

        host.root.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(host.root.fd >= 0);
        assert_fails(&host, "/proc/self/root", CROOT_ANY, ELOOP, "");
        assert_fails(&host, "/proc/self/root/etc", CROOT_DIRECTORY, ELOOP, "");
        assert_fails(&host, "/proc/self/cwd", CROOT_DIRECTORY, ELOOP, "");
        assert_fails(&host, "/proc/self/exe", CROOT_FILE, ELOOP, "");
        assert_fails(&host, "/proc/self/fd/0", CROOT_ANY, ELOOP, "");
        assert_fails(&host, "/proc", CROOT_DIRECTORY, EXDEV, "leads into /proc");
        assert_fails(&host, "/proc/self", CROOT_DIRECTORY, EXDEV, "leads into /proc");
        assert_fails(&host, "/proc/self/status", CROOT_FILE, EXDEV, "leads into /proc");

        struct err e;
        assert_true(croot_make(host.root, "/proc/made", CROOT_DIRECTORY, &roots, &e) < 0);
        assert_contains(e.text, "leads into /proc");
        close(host.root.fd);
}

static void test_reopen(void **state)
{
        struct place *p = *state;
        char text[8] = "", path[PATH_MAX];
        struct err e;

        scratch_write(p->rootfs, "file", "text", 4, 0644);
        int found = croot_open(p->root, "/file", CROOT_FILE, &e);
        assert_true(found >= 0);
        assert_int_equal(rename(scratch_path(path, p->rootfs, "file"), "/dev/null/x"), -1);
        assert_int_equal(unlink(path), 0); /* the fd is what counts, no longer the path */
        scratch_write(p->rootfs, "file", "other", 5, 0644);
        int fd = croot_reopen(found, "/file", &e);
        assert_true(fd >= 0);
        assert_int_equal(read(fd, text, sizeof text), 4);
        assert_string_equal(text, "text");
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        close(fd);
        close(found);
}

static void test_listing(void **state)
{
        struct place *p = *state;
        struct err e;
        int fd = croot_open(p->root, "/etc", CROOT_READABLE, &e);

        assert_true(fd >= 0);
        assert_true(is_same(fd, p->rootfs, "etc"));
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        assert_int_equal(fcntl(fd, F_GETFL) & (O_PATH | O_ACCMODE), O_RDONLY);
        close(fd);
        scratch_write(p->rootfs, "file", "text", 4, 0644);
        assert_int_equal(croot_open(p->root, "/file", CROOT_READABLE, &e), -ENOTDIR);
}

static void test_reopen_of_what_could_block(void **state)
{
        struct place *p = *state;
        char path[PATH_MAX];
        struct err e;

        assert_int_equal(mkfifo(scratch_path(path, p->rootfs, "fifo"), 0644), 0);
        int found = croot_open(p->root, "/fifo", CROOT_ANY, &e);
        assert_true(found >= 0);
        alarm(20);
        assert_int_equal(croot_reopen(found, "/fifo", &e), -EINVAL);
        assert_contains(e.text, "the container's /fifo is a FIFO");
        assert_int_equal(croot_open(p->root, "/fifo", CROOT_READABLE, &e), -ENOTDIR);
        alarm(0);
        close(found);
}

/* "sh /proc/kmsg" as an image's command took records out of the host's kernel log. */
static void test_nothing_is_read_that_the_kernel_makes_up(void **state)
{
        static const char *const paths[] = {"/proc/meminfo", "/sys/kernel/uevent_seqnum"};
        const struct croot top = {open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
        struct err e;

        (void)state;
        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
                const int found = croot_open(top, paths[i], CROOT_ANY, &e);

                if (found < 0) /* not mounted here */
                        continue;
                assert_int_equal(croot_reopen(found, paths[i], &e), -EXDEV);
                assert_contains(e.text, "the kernel makes it up as it is read");
                close(found);
        }
        close(top.fd);
}

/* A volume may have what a sysfs of the container's own has not. */
static const char *work_volumes(const char *directory)
{
        static const char *const files[][2] = {
                {"tracefs", "trace"}, {"debugfs", "sched/debug"}, {"securityfs", "lsm"}};
        unsigned tried = 0;
        struct err e;

        for (size_t i = 0; i < count_of(files); i++) {
                if (mount(files[i][0], directory, files[i][0], 0, NULL) < 0)
                        continue;

                const struct croot volume = {open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC)};
                const int found = croot_open(volume, files[i][1], CROOT_ANY, &e);

                if (found >= 0) {
                        must_say(croot_reopen(found, files[i][1], &e) == -EXDEV, "%s is read", files[i][0]);
                        tried++;
                        close(found);
                }
                close(volume.fd);
                must(umount2(directory, MNT_DETACH) == 0);
        }
        return tried ? NULL : "skip";
}

static void test_nothing_is_read_of_a_volume_that_the_kernel_makes_up(void **state)
{
        with_own_mounts(work_volumes, *state);
}

static int make_in(const struct place *p, const char *path, enum croot_want want, struct err *e)
{
        return croot_make(p->root, path, want, &ours, e);
}

static void assert_made_at(
        const struct place *p, const char *path, enum croot_want want, mode_t mode, const char *place)
{
        struct stat st;
        struct err e;
        int fd = make_in(p, path, want, &e);

        if (fd < 0)
                fail_msg("%s: %s", path, e.text);
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_mode, mode);
        assert_int_equal(st.st_uid, getuid());
        assert_int_equal(st.st_gid, getgid());
        if (want == CROOT_FILE)
                assert_int_equal(st.st_size, 0);
        close(fd);
        assert_opens(p, path, want, place);
}

static void assert_made(const struct place *p, const char *path, enum croot_want want, mode_t mode)
{
        assert_made_at(p, path, want, mode, path);
}

static void test_make(void **state)
{
        struct place *p = *state;

        assert_made(p, "/run", CROOT_DIRECTORY, S_IFDIR | 0755);
        assert_made(p, "/var/log/journal", CROOT_DIRECTORY, S_IFDIR | 0755);
        assert_made(p, "/var/log", CROOT_DIRECTORY, S_IFDIR | 0755);
        assert_made(p, "/var/lib/dbus/machine-id", CROOT_FILE, S_IFREG | 0444);
        assert_made(p, "/var/lib/dbus", CROOT_DIRECTORY, S_IFDIR | 0755);
        assert_made(p, "/file", CROOT_FILE, S_IFREG | 0444);
}

/* A second call finds what the first made, and what was there before keeps all it has. */
static void test_make_of_what_is_there(void **state)
{
        struct place *p = *state;
        struct stat st;
        struct err e;

        scratch_write(p->rootfs, "etc/machine-id", "text", 4, 0640);
        int fd = make_in(p, "/etc/machine-id", CROOT_FILE, &e);
        assert_true(fd >= 0);
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_size, 4);
        assert_int_equal(st.st_mode & 07777, 0640);
        close(fd);
        assert_made(p, "/run", CROOT_DIRECTORY, S_IFDIR | 0755);
        assert_made(p, "/run", CROOT_DIRECTORY, S_IFDIR | 0755);
        assert_true(make_in(p, "/run", CROOT_FILE, &e) < 0);
        assert_contains(e.text, "is a directory, not a regular file");
        assert_true(make_in(p, "/etc/machine-id", CROOT_DIRECTORY, &e) < 0);
}

static void test_make_through_links(void **state)
{
        struct place *p = *state;
        struct err e;

        scratch_link(p->rootfs, "var/run", "/run");
        scratch_directory(p->rootfs, "run");
        int fd = make_in(p, "/var/run/lock", CROOT_DIRECTORY, &e);
        assert_true(fd >= 0);
        assert_true(is_same(fd, p->rootfs, "run/lock"));
        close(fd);
        scratch_link(p->rootfs, "up", "../../../etc");
        fd = make_in(p, "/up/made", CROOT_FILE, &e);
        assert_true(fd >= 0);
        assert_true(is_same(fd, p->rootfs, "etc/made"));
        close(fd);
}

static void test_make_refuses(void **state)
{
        struct place *p = *state;
        char path[PATH_MAX];
        struct err e;

        scratch_link(p->rootfs, "loop", "loop");
        scratch_write(p->rootfs, "file", "x", 1, 0644);
        assert_int_equal(make_in(p, "/loop", CROOT_DIRECTORY, &e), -ELOOP);
        assert_int_equal(make_in(p, "/loop/below", CROOT_FILE, &e), -ELOOP);
        assert_int_equal(make_in(p, "/file/below", CROOT_DIRECTORY, &e), -ENOTDIR);
        assert_int_equal(make_in(p, "/file/below/that", CROOT_FILE, &e), -ENOTDIR);
        /* links that lead nowhere one behind the other, but not without end */
        for (char name[2] = "a"; name[0] < 'l'; name[0]++)
                scratch_link(p->rootfs, name, (char[]){'/', (char)(name[0] + 1), '\0'});
        assert_int_equal(make_in(p, "/a", CROOT_DIRECTORY, &e), -ELOOP);
        assert_int_equal(access(scratch_path(path, p->rootfs, "l"), F_OK), -1);
        assert_made_at(p, "/f", CROOT_DIRECTORY, S_IFDIR | 0755, "/l");
}

/* What a link that leads nowhere leads to is made: relative to its directory, absolute, upward and below. */
static void test_make_behind_links(void **state)
{
        struct place *p = *state;

        scratch_link(p->rootfs, "etc/machine-id", "../run/id/machine-id");
        scratch_link(p->rootfs, "absolute", "/data/absolute");
        scratch_link(p->rootfs, "up", "../../../upward/too");
        scratch_link(p->rootfs, "etc/chained", "../absolute");
        scratch_link(p->rootfs, "directory", "data/directory");
        scratch_directory(p->rootfs, "data/real");
        scratch_link(p->rootfs, "moved", "data/real");
        scratch_link(p->rootfs, "data/real/file", "../file");
        assert_made_at(p, "/etc/machine-id", CROOT_FILE, S_IFREG | 0444, "/run/id/machine-id");
        assert_made_at(p, "/up", CROOT_DIRECTORY, S_IFDIR | 0755, "/upward/too");
        assert_made_at(p, "/etc/chained", CROOT_FILE, S_IFREG | 0444, "/data/absolute");
        assert_made_at(
                p, "/directory/below/that", CROOT_DIRECTORY, S_IFDIR | 0755, "/data/directory/below/that");
        /* ".." is that of the directory that the link is in, not of its name */
        assert_made_at(p, "/moved/file", CROOT_FILE, S_IFREG | 0444, "/data/file");
}

/* A mount point that the kernel knows may have some thousand components: an error or a directory, no crash.
 */
static void test_make_a_deep_path(void **state)
{
        struct place *p = *state;
        const size_t room = PATH_MAX - strlen(p->rootfs) - 16;
        const struct rlimit small = {2 << 20, 2 << 20};
        char path[PATH_MAX] = "";
        struct err e;
        int status;

        for (size_t at = 0; at + 2 < room; at += 2)
                memcpy(path + at, "/a", 2);

        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0)
                _exit(setrlimit(RLIMIT_STACK, &small) < 0 ||
                        make_in(p, path, CROOT_DIRECTORY, &e) == INT_MAX);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
}

static const char *work_on_a_volume(const char *directory)
{
        static const struct {
                const char *path;
                enum croot_want want;
        } cases[] = {{"/volume/made", CROOT_DIRECTORY}, {"/volume/made", CROOT_FILE},
                {"/volume/made/deeper", CROOT_DIRECTORY}, {"/link/made", CROOT_DIRECTORY}};
        char path[PATH_MAX];
        struct err e;
        struct croot root = {open(scratch_path(path, directory, "root"), O_PATH | O_DIRECTORY | O_CLOEXEC)};

        if (mkdir(scratch_path(path, directory, "root/volume"), 0755) < 0 ||
                mount("tmpfs", path, "tmpfs", 0, NULL) < 0)
                return "skip";
        if (symlink("volume", scratch_path(path, directory, "root/link")) < 0)
                return "a link";
        for (size_t i = 0; i < count_of(cases); i++) {
                if (croot_make(root, cases[i].path, cases[i].want, &roots, &e) != -EXDEV)
                        return "made on a volume";
                if (!strstr(e.text, "would have to be made on a volume"))
                        return "the error does not say so";
        }
        if (rmdir(scratch_path(path, directory, "root/volume/made")) == 0 || unlink(path) == 0)
                return "something was made on the volume";

        int fd = croot_open(root, "/volume", CROOT_DIRECTORY, &e);
        if (fd < 0 || croot_is_mount(fd) != 1)
                return "a mount is not taken for one";
        fd = croot_open(root, "/etc", CROOT_DIRECTORY, &e);
        return fd < 0 || croot_is_mount(fd) != 0 ? "a directory is taken for a mount" : NULL;
}

static void test_nothing_is_made_on_a_volume(void **state)
{
        with_own_mounts(work_on_a_volume, ((struct place *)*state)->directory);
}

#define with_place(test) cmocka_unit_test_setup_teardown(test, make, end)

int main(void)
{
        const struct CMUnitTest tests[] = {
                with_place(test_plain_paths),
                with_place(test_upward_ends_at_the_root),
                with_place(test_links_are_those_of_the_container),
                with_place(test_loops_and_dangling_links),
                with_place(test_no_link_leads_out),
                with_place(test_nothing_is_made_outside),
                with_place(test_types),
                with_place(test_proc),
                with_place(test_reopen),
                with_place(test_listing),
                with_place(test_reopen_of_what_could_block),
                with_place(test_nothing_is_read_that_the_kernel_makes_up),
                cmocka_unit_test_setup_teardown(test_nothing_is_read_of_a_volume_that_the_kernel_makes_up,
                        scratch_make, scratch_remove),
                with_place(test_make),
                with_place(test_make_of_what_is_there),
                with_place(test_make_through_links),
                with_place(test_make_refuses),
                with_place(test_make_behind_links),
                with_place(test_make_a_deep_path),
                with_place(test_nothing_is_made_on_a_volume),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
