/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mounts that the hook makes, in a namespace of the test's own: what they allow, and what is said when there is no room for one. */
#include "kernel/mount.h"
#include "kernel/croot.h"
#include "support.h"

#include <sys/statfs.h>
#include <sys/statvfs.h>

static unsigned long flags_of(int fd)
{
        struct statvfs fs;

        return fstatvfs(fd, &fs) == 0 ? fs.f_flag : 0;
}

static const char *work_tmpfs(const char *directory)
{
        struct mount_tmpfs t = {.size = {SIZE_BYTES, 8 << 20}, .inodes = 77, .mode = 0751};
        struct statfs fs;
        struct stat st;
        struct err e = {0};
        int fd = mount_tmpfs(&t, 0, &e);

        (void)directory;
        must_say(fd >= 0, "%.900s", e.text);
        must_say(fstatfs(fd, &fs) == 0 && fs.f_type == 0x01021994, "it is no tmpfs");
        must_say((uint64_t)fs.f_blocks * (uint64_t)fs.f_bsize == 8 << 20, "its size");
        must_say(fs.f_files == 77, "its inodes: %lu", (unsigned long)fs.f_files);
        must_say(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0751, "its mode: %o", st.st_mode);
        /* whatever the caller asks for */
        must_say(flags_of(fd) & ST_NOSUID, "it is not nosuid");
        must_say(flags_of(fd) & ST_NODEV, "it is not nodev");
        must_say(!(flags_of(fd) & (ST_NOEXEC | ST_RDONLY)), "it is noexec or read-only");
        close(fd);
        must_say((fd = mount_tmpfs(&t, MOUNT_ATTR_NOEXEC, &e)) >= 0, "%.900s", e.text);
        must_say(flags_of(fd) & ST_NOEXEC, "it is not noexec");
        t.mode = 01777;
        must_say((fd = mount_tmpfs(&t, 0, &e)) >= 0, "%.900s", e.text);
        must_say(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 01777, "its mode: %o", st.st_mode);
        return NULL;
}

static void test_tmpfs(void **state)
{
        with_own_mounts(work_tmpfs, *state);
}

static const char *work_attributes(const char *directory)
{
        struct mount_tmpfs t = {.size = {SIZE_BYTES, 1 << 20}, .inodes = 16, .mode = 0755};
        struct err e = {0};
        int first = mount_tmpfs(&t, 0, &e), at = open(directory, O_PATH | O_CLOEXEC), copy;

        must_say(first >= 0, "%.900s", e.text);
        must_say(mkdirat(first, "below", 0755) == 0, "mkdir");
        must_say(mount_attach(first, at, "it", &e) == 0, "%.900s", e.text);
        must_say((copy = mount_clone(first, "below", false, &e)) >= 0, "%.900s", e.text);
        must_say(mount_attributes(copy, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC, 0, 0, false, &e) == 0,
                "%.900s", e.text);
        must_say((flags_of(copy) & (ST_RDONLY | ST_NOEXEC)) == (ST_RDONLY | ST_NOEXEC), "they are not set");
        must_say(!(flags_of(first) & (ST_RDONLY | ST_NOEXEC)), "the mount that was copied has them, too");
        must_say(mount_attributes(copy, 0, MOUNT_ATTR_RDONLY, 0, false, &e) == 0, "%.900s", e.text);
        must_say((flags_of(copy) & (ST_RDONLY | ST_NOEXEC)) == ST_NOEXEC,
                "read-only is not taken off, or more is");
        return NULL;
}

static void test_attributes(void **state)
{
        with_own_mounts(work_attributes, *state);
}

/* A link where the source of a copy is: the link is not followed. */
static const char *work_link(const char *directory)
{
        struct err e = {0};
        int at = open(directory, O_PATH | O_CLOEXEC), copy;
        struct stat st;

        must_say(symlinkat("/etc", at, "link") == 0, "symlink");
        copy = mount_clone(at, "link", false, &e);
        must_say(copy < 0 || (fstat(copy, &st) == 0 && !S_ISDIR(st.st_mode)), "the link is followed");
        return NULL;
}

static void test_link(void **state)
{
        with_own_mounts(work_link, *state);
}

/* A cgroup mount holds nothing to be run, whoever may write in it. From a cgroup namespace of our own: from the
 * host's the mount would set the hierarchy's flags anew. */
static const char *work_hierarchy(const char *directory)
{
        const unsigned long wanted = ST_NOSUID | ST_NODEV | ST_NOEXEC;
        struct err e = {0};
        int fd;

        (void)directory;
        must_say(unshare(CLONE_NEWCGROUP) == 0, "skip");
        fd = mount_hierarchy(HIERARCHY_UNIFIED, &e);
        must_say(fd >= 0, "skip");
        must_say((flags_of(fd) & wanted) == wanted, "it takes programs or devices: %lx", flags_of(fd));
        return NULL;
}

static void test_hierarchy(void **state)
{
        with_own_mounts(work_hierarchy, *state);
}

/* fs.mount-max: each bind of all that is there doubles it. */
static const char *work_full(const char *directory)
{
        char name[PATH_MAX + 16];
        struct err e = {0};
        int at, copy, r = 0;

        must_say(mount("full", directory, "tmpfs", 0, NULL) == 0, "skip");
        for (int i = 0; i < 24 && r == 0; i++) {
                snprintf(name, sizeof name, "%s/%d", directory, i);
                must_say(mkdir(name, 0755) == 0, "mkdir");
                r = mount(directory, name, NULL, MS_BIND | MS_REC, NULL);
        }
        must_say(r < 0 && errno == ENOSPC, "skip"); /* no such limit here */
        must_say((at = open(name, O_PATH | O_CLOEXEC)) >= 0, "open");

        int all = open(directory, O_PATH | O_CLOEXEC);

        copy = mount_clone(all, "", true, &e);
        must_say(copy >= 0, "%.900s", e.text);
        must_say(mount_attach(copy, at, "the container's /run", &e) == -ENOSPC, "it is attached");
        must_say(strstr(e.text, "the mount namespace is full: raise the sysctl fs.mount-max"),
                "it says: %.900s", e.text);
        return NULL;
}

static void test_namespace_is_full(void **state)
{
        with_own_mounts(work_full, *state);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_tmpfs, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_attributes, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_link, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_hierarchy, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_namespace_is_full, scratch_make, scratch_remove),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
