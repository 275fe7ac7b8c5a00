/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What reaches for the host or for the container's files, in namespaces of the test's own: what is refused, and what comes of the rest. */
#include "feature/feature.h"
#include "support.h"

static const char machine_id[] = "0123456789abcdef0123456789abcdef";

static bool says(const char *directory, const char *name, const char *wanted)
{
        char path[PATH_MAX], text[128] = "";
        int fd;

        snprintf(path, sizeof path, "%s/%s", directory, name);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd >= 0 && read(fd, text, sizeof text - 1) >= 0 && close(fd) == 0 && strcmp(text, wanted) == 0;
}

static struct plan plan_of(uid_t owner)
{
        struct plan p = {.id = "c1", .owner = owner, .group = owner};

        memcpy(p.machine_id, machine_id, sizeof machine_id);
        return p;
}

/* Credentials of the container's /secrets, or elsewhere, into its /run. */
static int attach_credentials(const char *directory, const char *from, struct err *e)
{
        const struct plan plan = plan_of(0);
        const struct container none = CONTAINER_NONE;
        struct settings settings = SETTINGS_DEFAULT;
        char path[PATH_MAX];
        const struct apply_place place = {.root = {open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC)},
                .run = open(scratch_path(path, directory, "run"), O_PATH | O_DIRECTORY | O_CLOEXEC)};

        if (settings_set(&settings, "credentials", from, e) < 0)
                return -EINVAL;

        struct feature_start s = feature_begin(&plan, &settings, "/bundle", &none, place.root);
        int r = credentials_attach(&s, &place, e);

        close(place.root.fd);
        close(place.run);
        return r;
}

static void make_places(const char *directory)
{
        scratch_directory(directory, "secrets");
        scratch_directory(directory, "run/credentials/@initrd");
        scratch_directory(directory, "run/credstore");
        scratch_directory(directory, "sys");
}

/* As the kubelet lays a volume out: the names are links into a directory that it exchanges. */
static const char *work_volume(const char *directory)
{
        char path[PATH_MAX];
        struct err e = {0};
        struct stat st;

        must(attach_credentials(directory, "/secrets", &e) == 0);
        must(says(directory, "run/credentials/@initrd/token", "secret"));
        must(says(directory, "run/credstore/token", "secret"));
        must(stat(scratch_path(path, directory, "run/credstore/token"), &st) == 0);
        must((st.st_mode & 07777) == 0400);
        must(lstat(scratch_path(path, directory, "run/credstore/..data"), &st) < 0);
        return NULL;
}

static void test_credentials_of_a_volume(void **state)
{
        make_places(*state);
        scratch_write(*state, "secrets/..2026/token", "secret", 6, 0600);
        scratch_link(*state, "secrets/..data", "..2026");
        scratch_link(*state, "secrets/token", "..data/token");
        with_own_mounts(work_volume, *state);
}

/* Refused with this sentence; nothing of it is in /run then. */
static const char *credentials_from, *credentials_sentence;

static const char *work_refused(const char *directory)
{
        char path[PATH_MAX];
        struct err e = {0};

        must(mount("/sys", scratch_path(path, directory, "sys"), NULL, MS_BIND | MS_REC, NULL) == 0);
        must(attach_credentials(directory, credentials_from, &e) < 0);
        return strstr(e.text, credentials_sentence) ? NULL : strdup(e.text);
}

static void assert_refused(const char *directory, const char *from, const char *sentence)
{
        credentials_from = from;
        credentials_sentence = sentence;
        with_own_mounts(work_refused, directory);
}

static void test_credentials_from_outside(void **state)
{
        make_places(*state);
        scratch_write(*state, "outside", "another's", 9, 0644);
        scratch_link(*state, "secrets/token", "../outside");
        assert_refused(*state, "/secrets", "/secrets/token leads out of that directory");
}

static void test_credentials_of_a_bad_name(void **state)
{
        make_places(*state);
        scratch_write(*state, "secrets/a:b", "x", 1, 0600);
        assert_refused(*state, "/secrets", "\"a:b\" in /secrets cannot be the name of a credential");
}

static void test_credentials_that_are_too_long(void **state)
{
        char path[PATH_MAX];

        make_places(*state);
        scratch_write(*state, "secrets/small", "x", 1, 0600);
        scratch_write(*state, "secrets/large", "", 0, 0600);
        assert_int_equal(truncate(scratch_path(path, *state, "secrets/large"), 1 << 20), 0);
        assert_refused(*state, "/secrets", "holds more than 1 MiB");
}

static void test_credentials_in_sys(void **state)
{
        make_places(*state);
        assert_refused(*state, "/sys/kernel", "the container's /sys/kernel leads into /sys");
}

static void test_credentials_of_an_old_systemd(void **state)
{
        const struct payload old = {.is_systemd = true, .version = 251};
        struct settings settings = SETTINGS_DEFAULT;
        struct err e = {0};
        const struct plan_input in = {.id = "c1", .settings = &settings, .payload = &old};
        struct planning p = {.in = &in, .e = &e};

        (void)state;
        assert_int_equal(settings_set(&settings, "credentials", "/secrets", &e), 0);
        assert_int_equal(credentials_plan(&p), -EINVAL);
        assert_contains(e.text, "systemd 251 cannot read them");
}

/* console=log in a container whose process is this one. */
static int prepare_console(const struct container *c, struct croot view, struct err *e)
{
        const struct plan plan = plan_of(0);
        const struct settings settings = SETTINGS_DEFAULT;
        struct feature_start s = feature_begin(&plan, &settings, "/bundle", c, view);
        int r = console_prepare(&s, e);

        console_release(&s);
        return r;
}

/* Where the hook makes a file, it has to be gone with the container. */
static const char *work_dev(const char *directory)
{
        const struct container none = CONTAINER_NONE;
        const struct croot view = {open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC)};
        char path[PATH_MAX];
        struct err e = {0};

        must(prepare_console(&none, view, &e) == -EINVAL);
        must(strstr(e.text, "the container's /dev is not a tmpfs"));
        if (mount("dev", scratch_path(path, directory, "dev"), "tmpfs", 0, NULL) < 0)
                return "skip";
        must(prepare_console(&none, view, &e) == -EINVAL);
        must(strstr(e.text, "the container's /dev is mounted on the host, too"));
        return NULL;
}

/* A container with a /dev of its own, whose standard output can only be read. */
static bool be_deaf(const char *directory)
{
        char path[PATH_MAX];

        return mount("dev", scratch_path(path, directory, "dev"), "tmpfs", 0, NULL) == 0 &&
               dup2(open("/dev/null", O_RDONLY), STDOUT_FILENO) == STDOUT_FILENO;
}

static const char *work_output(const char *directory)
{
        struct container c = CONTAINER_NONE;
        struct croot view = {-1};
        struct err e = {0};
        pid_t pid = start_process(CLONE_NEWNS, be_deaf, directory);

        if (pid < 0)
                return "skip";
        must(container_hold(pid, &c, &e) == 0 && container_rootfs(&c, directory, &view, &e) == 0);
        must(prepare_console(&c, view, &e) == -EINVAL);
        must(strstr(e.text, "the container's standard output cannot be written to"));
        kill(pid, SIGKILL);
        return NULL;
}

static void test_console(void **state)
{
        scratch_directory(*state, "dev");
        with_own_mounts(work_dev, *state);
        with_own_mounts(work_output, *state);
}

/* One file of lxcfs onto /proc/meminfo, and with it the user's own where there is one. */
static const char *attach_lxcfs(const char *directory, bool has_users)
{
        const struct plan plan = plan_of(0);
        const struct settings settings = SETTINGS_DEFAULT;
        const struct container none = CONTAINER_NONE;
        const struct apply_place place = {{open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC)}, -1};
        char proc[PATH_MAX], path[PATH_MAX], file[PATH_MAX];
        struct err e = {0};
        struct feature_start s = feature_begin(&plan, &settings, "/bundle", &none, place.root);

        if (mount("/proc", scratch_path(proc, directory, "proc"), NULL, MS_BIND | MS_REC, NULL) < 0)
                return "skip";
        must(!has_users || mount(scratch_path(file, directory, "users"),
                                   scratch_path(path, directory, "proc/meminfo"), NULL, MS_BIND, NULL) == 0);
        s.lxcfs.mount[3] = mount_clone(AT_FDCWD, scratch_path(file, directory, "lxcfs"), false, &e);
        s.lxcfs.count = 1;
        must(s.lxcfs.mount[3] >= 0);
        must(lxcfs_attach(&s, &place, &e) == 0);
        must(says(directory, "proc/meminfo", has_users ? "of the user" : "of lxcfs"));
        must(s.note_count == has_users);
        must(!has_users || strstr(s.notes[0], "mounts of the user's are on the files"));
        lxcfs_release(&s);
        return NULL;
}

static const char *work_lxcfs(const char *directory)
{
        return attach_lxcfs(directory, false);
}

static const char *work_users_meminfo(const char *directory)
{
        return attach_lxcfs(directory, true);
}

/* A volume of the user's above it: what lies in it is the user's, too. */
static const char *work_users_devices(const char *directory)
{
        const struct plan plan = plan_of(0);
        const struct settings settings = SETTINGS_DEFAULT;
        const struct container none = CONTAINER_NONE;
        const struct apply_place place = {{open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC)}, -1};
        char path[PATH_MAX], file[PATH_MAX];
        struct stat st;
        struct err e = {0};
        struct feature_start s = feature_begin(&plan, &settings, "/bundle", &none, place.root);

        if (mount("/sys", scratch_path(path, directory, "sys"), NULL, MS_BIND | MS_REC, NULL) < 0 ||
                mount(scratch_path(file, directory, "volume"),
                        scratch_path(path, directory, "sys/devices/system"), NULL, MS_BIND, NULL) < 0)
                return "skip";
        s.lxcfs.mount[10] = mount_clone(AT_FDCWD, scratch_path(file, directory, "of-lxcfs"), false, &e);
        s.lxcfs.count = 1;
        must(s.lxcfs.mount[10] >= 0 && lxcfs_attach(&s, &place, &e) == 0);
        must(stat(scratch_path(path, directory, "sys/devices/system/cpu/online"), &st) < 0);
        must(s.note_count == 1);
        lxcfs_release(&s);
        return NULL;
}

static void test_lxcfs(void **state)
{
        scratch_directory(*state, "proc");
        scratch_directory(*state, "sys");
        scratch_directory(*state, "volume/cpu");
        scratch_write(*state, "of-lxcfs/online", "0-1\n", 4, 0644);
        scratch_write(*state, "lxcfs", "of lxcfs", 8, 0644);
        scratch_write(*state, "users", "of the user", 11, 0644);
        with_own_mounts(work_lxcfs, *state);
        with_own_mounts(work_users_meminfo, *state);
        with_own_mounts(work_users_devices, *state);
}

/* machinectl would stop the unit: here whatever this test runs in. */
static void test_machine_of_no_scope(void **state)
{
        const struct plan plan = plan_of(0);
        const struct settings settings = SETTINGS_DEFAULT;
        struct container c = CONTAINER_NONE;
        struct err e = {0};

        (void)state;
        c.pid = getpid();
        c.proc = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

        struct feature_start s = feature_begin(&plan, &settings, "/bundle", &c, (struct croot){-1});

        assert_int_equal(machine_prepare(&s, &e), -EINVAL);
        assert_contains(e.text, "the container has no systemd scope of its own");
        container_release(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_credentials_of_a_volume, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_credentials_from_outside, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_credentials_of_a_bad_name, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(
                        test_credentials_that_are_too_long, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_credentials_in_sys, scratch_make, scratch_remove),
                cmocka_unit_test(test_credentials_of_an_old_systemd),
                cmocka_unit_test_setup_teardown(test_console, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_lxcfs, scratch_make, scratch_remove),
                cmocka_unit_test(test_machine_of_no_scope),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
