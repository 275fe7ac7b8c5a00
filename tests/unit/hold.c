/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A hierarchy of the host's as the container gets it, made in a cgroup namespace of the test's own: from the host's a mount would set the flags of the
 * whole host's anew. */
#include "apply/hold.h"
#include "support.h"

#include <sys/statvfs.h>

static unsigned long flags_of(int fd)
{
        struct statvfs fs;

        return fstatvfs(fd, &fs) == 0 ? fs.f_flag : 0;
}

/* However careless the host's mount is, and read-only besides. */
static const char *work_flags(const char *directory)
{
        const unsigned long wanted = ST_NOSUID | ST_NODEV | ST_NOEXEC;
        struct err e = {0};
        int fd;

        if (unshare(CLONE_NEWCGROUP) < 0 || mount("cgroup2", directory, "cgroup2", 0, NULL) < 0 ||
                mount(NULL, directory, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
                return "skip";
        fd = hold_for_host(HIERARCHY_UNIFIED, directory, &e);
        if (fd < 0)
                return strdup(e.text);
        if ((flags_of(fd) & wanted) != wanted)
                return "it takes set-user-id programs, devices or programs";
        return flags_of(fd) & ST_RDONLY ? "no cgroup can be made in it" : NULL;
}

static void test_flags(void **state)
{
        with_own_mounts(work_flags, *state);
}

/* Another mount has covered the hierarchy since the host was looked at. */
static const char *work_covered(const char *directory)
{
        struct err e = {0};

        if (mount("covered", directory, "tmpfs", 0, NULL) < 0)
                return "skip";
        if (hold_for_host(HIERARCHY_UNIFIED, directory, &e) != -EINVAL ||
                !strstr(e.text, "is not a cgroup2 mount"))
                return "a tmpfs is held for cgroup2";
        if (hold_for_host(HIERARCHY_SYSTEMD, directory, &e) != -EINVAL ||
                !strstr(e.text, "is not a name=systemd mount"))
                return "a tmpfs is held for name=systemd";
        return NULL;
}

static void test_covered(void **state)
{
        with_own_mounts(work_covered, *state);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_flags, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_covered, scratch_make, scratch_remove),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
