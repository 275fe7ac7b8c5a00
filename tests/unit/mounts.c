/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/mountinfo on written tables, lib/mounts_below on real mounts. */
#include "kernel/mountinfo.h"
#include "kernel/mounts_below.h"
#include "support.h"

static const char table[] =
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        "23 22 0:21 / /proc rw,nosuid - proc proc rw\n"
        "24 22 0:22 /a\\040b /mnt/c\\040d rw master:1 propagate_from:2 - tmpfs tmpfs rw,size=1k\n"
        "25 22 0:23 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n"
        "26 24 0:24 / /mnt/c\\040d/back\\134slash\\012line rw - tmpfs none rw\n";

struct lines {
        char log[4096];
        int count, answer_at, answer;
};

static int on_line(void *to, const struct mountinfo_line *line, struct err *e)
{
        struct lines *l = to;
        size_t at = strlen(l->log);

        snprintf(l->log + at, sizeof l->log - at, "%s %s %s|", line->root, line->target, line->type);
        if (++l->count == l->answer_at)
                return l->answer < 0 ? err_set(e, -l->answer, "take this one") : l->answer;
        return 0;
}

static int read_table(const char *directory, struct lines *l, struct err *e)
{
        char path[PATH_MAX];

        scratch_write(directory, "mountinfo", table, sizeof table - 1, 0600);
        return mountinfo_read(scratch_path(path, directory, "mountinfo"), on_line, l, e);
}

static void test_every_line(void **state)
{
        struct lines l = {0};
        struct err e;

        assert_int_equal(read_table(*state, &l, &e), 0);
        assert_int_equal(l.count, 5);
        assert_string_equal(l.log,
                "/ / ext4|/ /proc proc|/a b /mnt/c d tmpfs|/ /sys/fs/cgroup/unified cgroup2|"
                "/ /mnt/c d/back\\slash\nline tmpfs|");
}

static void test_the_callback_ends_it(void **state)
{
        struct lines l = {.answer_at = 2, .answer = 7};
        struct err e;

        assert_int_equal(read_table(*state, &l, &e), 7);
        assert_int_equal(l.count, 2);
        l = (struct lines){.answer_at = 3, .answer = -EPERM};
        assert_int_equal(read_table(*state, &l, &e), -EPERM);
        assert_int_equal(l.count, 3);
        assert_contains(e.text, "take this one");
}

static void test_no_table(void **state)
{
        struct lines l = {0};
        struct err e;
        char path[PATH_MAX];

        assert_true(mountinfo_read(scratch_path(path, *state, "missing"), on_line, &l, &e) < 0);
        assert_contains(e.text, path);
        assert_int_equal(l.count, 0);
        scratch_write(*state, "empty", "", 0, 0600);
        assert_int_equal(mountinfo_read(scratch_path(path, *state, "empty"), on_line, &l, &e), 0);
        assert_int_equal(l.count, 0);
}

struct found {
        char paths[16][64];
        struct mount_found mounts[16]; /* their paths are those above */
        int count, fail_at;
        uint64_t rootfs;
};

static int on_mount(void *to, const struct mount_found *m, struct err *e)
{
        struct found *f = to;

        if (f->count == f->fail_at)
                return err_refuse(e, "enough");
        if (f->count < 16) {
                snprintf(f->paths[f->count], sizeof f->paths[0], "%s", m->path);
                f->mounts[f->count] = (struct mount_found){f->paths[f->count], m->id, m->parent};
        }
        f->count++;
        return 0;
}

static bool has(const struct found *f, const char *path)
{
        int times = 0;

        for (int i = 0; i < f->count && i < 16; i++)
                times += strcmp(f->paths[i], path) == 0;
        return times == 1;
}

/* The mounts of the rootfs "root" in this very process, which plays the container's. */
static int list(const char *directory, const char *rootfs, struct found *f, struct err *e)
{
        char path[PATH_MAX];
        struct container c = {.pid = getpid(),
                .proc = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC),
                .mount_namespace = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC)};
        struct croot view = {open(scratch_path(path, directory, rootfs), O_PATH | O_DIRECTORY | O_CLOEXEC)};
        struct mount_search search = {.found = on_mount, .to = f};
        int r = mounts_below(&c, view, path, &search, e);

        f->rootfs = search.rootfs;
        close(c.proc);
        close(c.mount_namespace);
        close(view.fd);
        return r;
}

static bool mount_at(const char *directory, const char *name)
{
        char path[PATH_MAX];

        scratch_path(path, directory, name);
        return (mkdir(path, 0755) == 0 || errno == EEXIST) && mount("tmpfs", path, "tmpfs", 0, NULL) == 0;
}

static const char *list_and_compare(const char *directory, const char *rootfs)
{
        static const char *const expected[] = {"/run", "/run/secrets", "/tmp with space", "/run/lock"};
        struct found f = {.fail_at = -1};
        struct err e;

        if (list(directory, rootfs, &f, &e) != 0)
                return "it fails";
        for (size_t i = 0; i < count_of(expected); i++)
                if (!has(&f, expected[i]))
                        return expected[i];
        if (f.count != (int)count_of(expected))
                return "it finds more than there is";
        f = (struct found){.fail_at = 1};
        if (list(directory, rootfs, &f, &e) != -EINVAL || f.count != 1 || strcmp(e.text, "enough") != 0)
                return "the callback does not end it";
        return NULL;
}

/* "rootfs" beside "root", and a directory where a mount is elsewhere: neither concerns it. */
static const char *work_below_a_mount(const char *directory)
{
        if (!mount_at(directory, "root"))
                return "skip";
        if (!mount_at(directory, "root/run") || !mount_at(directory, "root/run/secrets") ||
                !mount_at(directory, "root/tmp with space") || !mount_at(directory, "root/run/lock") ||
                !mount_at(directory, "rootfs") || !mount_at(directory, "rootfs/run") ||
                !mount_at(directory, "else"))
                return "a mount";
        return list_and_compare(directory, "root");
}

/* A rootfs that is no mount point: the kernel is not asked, /proc/PID/mountinfo is read. */
static const char *work_below_a_directory(const char *directory)
{
        char path[PATH_MAX];

        if (mkdir(scratch_path(path, directory, "plain"), 0755) < 0)
                return "a directory";
        if (!mount_at(directory, "plain/run"))
                return "skip";
        if (!mount_at(directory, "plain/run/secrets") || !mount_at(directory, "plain/tmp with space") ||
                !mount_at(directory, "plain/run/lock") || !mount_at(directory, "plainer"))
                return "a mount";
        return list_and_compare(directory, "plain");
}

/* What a walker meets, of the mounts that list has found: their paths in order. */
static const char *visible(struct found *f, char *text, size_t most)
{
        struct arena a = {0};
        struct err e;
        size_t count = (size_t)f->count;

        text[0] = '\0';
        if (mounts_visible(f->mounts, &count, f->rootfs, &a, &e) != 0)
                return "out of memory";
        for (size_t i = 0; i < count; i++)
                snprintf(text + strlen(text), most - strlen(text), "%s ", f->mounts[i].path);
        arena_free(&a);
        return text;
}

/* Each mounts what it names in this order, and what is not hidden then. */
static const struct {
        const char *mounts, *visible;
} hidings[] = {
        {"/run /run/lock /tmp", "/run /run/lock /tmp "},
        {"/run/lock /run", "/run "},
        {"/run/lock /run /run/lock", "/run /run/lock "},
        {"/run/a/b /run/a /run/a/c /run", "/run "},
        {"/run/a/b /run/a /run/a/c", "/run/a /run/a/c "},
        {"/run /run", "/run /run "},
        {"/run /run/lock /run", "/run /run "},
        {"/run /run/lock /run /run/lock /run/lock", "/run /run /run/lock /run/lock "},
        {"/runner /run", "/run /runner "},
        {"/run.d/x /run/x /run", "/run /run.d/x "},
};

static const char *hide(const char *directory, bool is_mount)
{
        static char why[512];
        char text[256], names[128], path[PATH_MAX * 2];
        struct err e;

        for (size_t i = 0; i < count_of(hidings); i++) {
                struct found f = {.fail_at = -1};
                char *rest = NULL;

                snprintf(text, sizeof text, "root%zu", i);
                if (is_mount ? !mount_at(directory, text)
                             : mkdir(scratch_path(path, directory, text), 0755) < 0)
                        return "skip";
                snprintf(names, sizeof names, "%s", hidings[i].mounts);
                for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
                        snprintf(path, sizeof path, "mkdir -p %s/root%zu%s", directory, i, name);
                        if (system(path) != 0)
                                return "a directory";
                        snprintf(path, sizeof path, "root%zu%s", i, name);
                        if (!mount_at(directory, path))
                                return "a mount";
                }
                if (list(directory, text, &f, &e) != 0)
                        return "it fails";
                visible(&f, text, sizeof text);
                if (strcmp(text, hidings[i].visible) != 0) {
                        snprintf(why, sizeof why, "%s: %s", hidings[i].mounts, text);
                        return why;
                }
        }
        return NULL;
}

static const char *work_hidden_below_a_mount(const char *directory)
{
        return hide(directory, true);
}

static const char *work_hidden_below_a_directory(const char *directory)
{
        return hide(directory, false);
}

static const char *work_on_many(const char *directory)
{
        enum { MANY = 600 }; /* more than it asks the kernel for at once */
        char name[64];
        struct found f = {.fail_at = -1};
        struct err e;

        if (!mount_at(directory, "root"))
                return "skip";
        for (int i = 0; i < MANY; i++) {
                snprintf(name, sizeof name, "root/%d", i);
                if (!mount_at(directory, name))
                        return i ? "a mount" : "skip";
        }
        if (list(directory, "root", &f, &e) != 0)
                return "it fails";
        return f.count == MANY ? NULL : "it does not find each of many";
}

static void test_below_a_mount(void **state)
{
        with_own_mounts(work_below_a_mount, *state);
}

static void test_below_a_directory(void **state)
{
        with_own_mounts(work_below_a_directory, *state);
}

static void test_hidden(void **state)
{
        with_own_mounts(work_hidden_below_a_mount, *state);
}

static void test_hidden_below_a_directory(void **state)
{
        with_own_mounts(work_hidden_below_a_directory, *state);
}

static void test_many(void **state)
{
        with_own_mounts(work_on_many, *state);
}

#define with_directory(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void)
{
        const struct CMUnitTest tests[] = {
                with_directory(test_every_line),
                with_directory(test_the_callback_ends_it),
                with_directory(test_no_table),
                with_directory(test_below_a_mount),
                with_directory(test_below_a_directory),
                with_directory(test_hidden),
                with_directory(test_hidden_below_a_directory),
                with_directory(test_many),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
