/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* host/image: what an image has set up for its boot, on trees made by hand. */
#include "host/image.h"
#include "support.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

static const unsigned caches = IMAGE_OLD_LINKER | IMAGE_OLD_CATALOG | IMAGE_OLD_USERS;

static struct image look(const char *root, struct arena *a)
{
        struct image image;
        struct croot view = {scratch_open(root, ".")};

        alarm(20);
        image_look(view, a, &image);
        alarm(0);
        close(view.fd);
        return image;
}

static unsigned work_of(const char *root)
{
        struct arena a = {0};
        const unsigned work = look(root, &a).work;

        arena_free(&a);
        return work;
}

/* A file whose age, in seconds, is what the test is about. */
static void write_aged(const char *root, const char *name, const char *text, time_t age)
{
        char path[PATH_MAX];
        const struct timespec times[] = {{.tv_sec = 2000000000 - age}, {.tv_sec = 2000000000 - age}};

        scratch_write(root, name, text, strlen(text), 0644);
        assert_int_equal(utimensat(AT_FDCWD, scratch_path(path, root, name), times, 0), 0);
}

static void age_directory(const char *root, const char *name, time_t age)
{
        char path[PATH_MAX];
        const struct timespec times[] = {{.tv_sec = 2000000000 - age}, {.tv_sec = 2000000000 - age}};

        scratch_directory(root, name);
        assert_int_equal(utimensat(AT_FDCWD, scratch_path(path, root, name), times, 0), 0);
}

static void write_one(const char *root, const char *name, const char *text, mode_t mode)
{
        scratch_write(root, name, text, strlen(text), mode);
}

static void test_an_empty_image_has_no_work_but_caches(void **state)
{
        struct arena a = {0};
        struct image image = look(*state, &a);

        assert_int_equal(image.work, caches);
        assert_int_equal(image.changed_count, 0);
        assert_false(image.is_unreadable);
        assert_false(image_has_changed(&image, "ldconfig.service"));
        arena_free(&a);
}

static void test_fstab(void **state)
{
        static const struct {
                const char *text;
                bool has;
        } cases[] = {{"", false}, {"# UNCONFIGURED FSTAB FOR BASE SYSTEM\n", false}, {"\n  \n\t# x\n", false},
                {"/dev/sda1 / ext4\n", true}, {"# x\n  tmpfs /t tmpfs", true}};

        for (size_t i = 0; i < count_of(cases); i++) {
                write_one(*state, "etc/fstab", cases[i].text, 0644);
                assert_int_equal((work_of(*state) & IMAGE_FSTAB) != 0, cases[i].has);
        }
}

/* More than is read may have a line at its end; a FIFO or a device is never opened. */
static void test_what_cannot_be_read_counts_as_work(void **state)
{
        char text[70000], path[PATH_MAX];

        memset(text, '\n', sizeof text);
        scratch_write(*state, "etc/fstab", text, sizeof text, 0644);
        assert_true(work_of(*state) & IMAGE_FSTAB);
        assert_int_equal(remove(scratch_path(path, *state, "etc/fstab")), 0);
        assert_int_equal(mkfifo(path, 0644), 0);
        assert_true(work_of(*state) & IMAGE_FSTAB);
        write_one(*state, "etc/init.d", "a file and no directory", 0644);
        assert_true(work_of(*state) & IMAGE_SYSV);
}

static void test_sysv(void **state)
{
        write_one(*state, "etc/init.d/README", "", 0644);
        assert_false(work_of(*state) & IMAGE_SYSV);
        write_one(*state, "etc/init.d/procps", "", 0755);
        assert_true(work_of(*state) & IMAGE_SYSV);
        scratch_link(*state, "usr/lib/systemd/system/procps.service", "systemd-sysctl.service");
        write_one(*state, "usr/lib/systemd/system/systemd-sysctl.service", "", 0644);
        assert_false(work_of(*state) & IMAGE_SYSV);
        write_one(*state, "etc/init.d/hwclock.sh", "", 0755);
        assert_true(work_of(*state) & IMAGE_SYSV);
        write_one(*state, "etc/systemd/system/hwclock.service", "", 0644);
        assert_false(work_of(*state) & IMAGE_SYSV);
}

/* Links of init.d were followed on the host: whether a program is there could be seen in the container. */
static void test_links_of_init_d_stay_inside(void **state)
{
        scratch_directory(*state, "etc/init.d");
        scratch_link(*state, "etc/init.d/hosts", "/bin/sh");
        scratch_link(*state, "etc/init.d/upward", "../../../../../../../../../../bin/sh");
        assert_false(work_of(*state) & IMAGE_SYSV);
        write_one(*state, "bin/sh", "", 0755);
        assert_true(work_of(*state) & IMAGE_SYSV);
}

static void test_rc_local_sshd_and_update(void **state)
{
        assert_false(work_of(*state) & (IMAGE_RC_LOCAL | IMAGE_SSHD | IMAGE_UPDATE));
        write_one(*state, "etc/rc.d/rc.local", "", 0755);
        assert_true(work_of(*state) & IMAGE_RC_LOCAL);
        write_one(*state, "usr/sbin/sshd", "", 0755);
        assert_true(work_of(*state) & IMAGE_SSHD);
        write_one(*state, "updates/x", "", 0755);
        scratch_link(*state, "system-update", "/updates");
        assert_true(work_of(*state) & IMAGE_UPDATE);
}

static void test_rules_for_dev(void **state)
{
        write_one(*state, "usr/lib/tmpfiles.d/static-nodes-permissions.conf",
                "z /dev/snd/seq 0660 - audio -\n", 0644);
        write_one(*state, "usr/lib/tmpfiles.d/own.conf",
                "# x /dev/x\nL /run/shm - - - - /dev/shm\nd /devices\n", 0644);
        assert_false(work_of(*state) & IMAGE_DEV_RULES);
        write_one(*state, "usr/lib/tmpfiles.d/own.conf", "L /run/shm\nc  /dev/mine 0666 - - - 1:3\n", 0644);
        assert_true(work_of(*state) & IMAGE_DEV_RULES);
        write_one(*state, "usr/lib/tmpfiles.d/own.conf", "", 0644);
        assert_false(work_of(*state) & IMAGE_DEV_RULES);
        write_one(*state, "etc/tmpfiles.d/systemd.conf", "d \"/dev/mine\"\n", 0644);
        assert_true(work_of(*state) & IMAGE_DEV_RULES);
}

static void test_caches(void **state)
{
        write_aged(*state, "etc/ld.so.cache", "", 10);
        age_directory(*state, "usr/lib", 20);
        assert_false(work_of(*state) & IMAGE_OLD_LINKER);
        age_directory(*state, "usr/lib", 5);
        assert_true(work_of(*state) & IMAGE_OLD_LINKER);

        write_aged(*state, "var/lib/systemd/catalog/database", "", 10);
        assert_false(work_of(*state) & IMAGE_OLD_CATALOG);
        age_directory(*state, "usr/lib/systemd/catalog", 5);
        assert_true(work_of(*state) & IMAGE_OLD_CATALOG);

        write_aged(*state, "etc/passwd", "", 10);
        assert_false(work_of(*state) & IMAGE_OLD_USERS);
        age_directory(*state, "etc/sysusers.d", 5);
        assert_true(work_of(*state) & IMAGE_OLD_USERS);
        write_aged(*state, "etc/group", "", 4);
        assert_false(work_of(*state) & IMAGE_OLD_USERS);
}

static void test_hardware_database(void **state)
{
        age_directory(*state, "usr/lib/udev/hwdb.d", 20);
        assert_true(work_of(*state) & IMAGE_OLD_HARDWARE);
        write_aged(*state, "etc/udev/hwdb.bin", "", 30);
        assert_true(work_of(*state) & IMAGE_OLD_HARDWARE);
        write_aged(*state, "etc/udev/hwdb.bin", "", 10);
        assert_false(work_of(*state) & IMAGE_OLD_HARDWARE);
}

static void test_what_somebody_has_changed(void **state)
{
        struct arena a = {0};
        struct image image;

        scratch_link(*state, "etc/systemd/system/multi-user.target.wants/a.service",
                "/usr/lib/systemd/system/a.service");
        scratch_link(*state, "etc/systemd/system/x.service.requires/b.service", "/nowhere");
        write_one(*state, "etc/systemd/system/c.service.d/override.conf", "", 0644);
        write_one(*state, "etc/systemd/system/d.service", "", 0644);
        image = look(*state, &a);
        for (char name[] = "a.service"; name[0] <= 'd'; name[0]++)
                assert_true(image_has_changed(&image, name));
        assert_false(image_has_changed(&image, "e.service"));
        assert_false(image_has_changed(&image, "override.conf"));
        arena_free(&a);
}

/* An image with more names than are read keeps all its units. */
static void test_too_many_names(void **state)
{
        struct arena a = {0};
        struct image image;
        char name[64];

        for (int i = 0; i < 1100; i++) {
                snprintf(name, sizeof name, "etc/systemd/system/%d.service", i);
                write_one(*state, name, "", 0644);
        }
        image = look(*state, &a);
        assert_true(image.is_unreadable);
        assert_true(image_has_changed(&image, "ldconfig.service"));
        arena_free(&a);
}

/* A link leads nowhere but into the image. */
static void test_links_stay_inside(void **state)
{
        scratch_link(*state, "etc/fstab", "/../../../../../../etc/hostname");
        scratch_link(*state, "etc/systemd/system", "/../../../../../etc");
        assert_false(work_of(*state) & IMAGE_FSTAB);
}

/* A file system that gives an error in place of names: what it has counts as work. */
static const char *work_unreadable(const char *root)
{
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getdents64, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EIO),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        const struct sock_fprog program = {count_of(filter), filter};
        struct arena a = {0};
        struct image image = look(root, &a);

        if (image.work & (IMAGE_SYSV | IMAGE_DEV_RULES) || image.is_unreadable)
                return "empty directories have work";
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
                prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
                return "skip";
        image = look(root, &a);
        if (!(image.work & IMAGE_SYSV))
                return "/etc/init.d";
        if (!(image.work & IMAGE_DEV_RULES))
                return "/etc/tmpfiles.d";
        return image.is_unreadable ? NULL : "/etc/systemd/system";
}

static void test_what_cannot_be_read_has_work(void **state)
{
        scratch_directory(*state, "etc/init.d");
        scratch_directory(*state, "etc/tmpfiles.d");
        scratch_directory(*state, "etc/systemd/system");
        with_own_mounts(work_unreadable, *state);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                        test_what_cannot_be_read_has_work, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(
                        test_an_empty_image_has_no_work_but_caches, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_fstab, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(
                        test_what_cannot_be_read_counts_as_work, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_sysv, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(
                        test_links_of_init_d_stay_inside, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_rc_local_sshd_and_update, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_rules_for_dev, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_caches, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_hardware_database, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_what_somebody_has_changed, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_too_many_names, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_links_stay_inside, scratch_make, scratch_remove),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
