/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mounts of config.json. */
#include "base/path.h"
#include "oci_bundle.h"

/* The one mount of that destination, type and options; NULL when it is none of our concern. */
static const struct oci_mount *mount_of(
        const char *bundle, const char *destination, const char *type, const char *options, struct arena *a)
{
        struct oci_config c;
        char text[PATH_MAX * 2];

        snprintf(text, sizeof text,
                "{'root':{'path':'r'},'mounts':[{'options':[%s],'destination':'%s','type':'%s','source':'/"
                "x'}]}",
                options, destination, type);
        assert_reads(bundle, text, a, &c);
        assert_true(c.mount_count <= 1);
        return c.mount_count ? &c.mounts[0] : NULL;
}

static void test_destinations_are_cleaned(void **state)
{
        static const struct {
                const char *written, *clean;
        } cases[] = {
                {"/run", "/run"},
                {"run", "/run"},
                {"/run/", "/run"},
                {"//run//lock//", "/run/lock"},
                {"/./run/./lock/.", "/run/lock"},
                {"/etc/../run", "/run"},
                {"/run/../tmp", "/tmp"},
                {"/../../run", "/run"},
                {"../run", "/run"},
                {"/run/a/../../tmp/..//tmp", "/tmp"},
                {"/run/...", "/run/..."},
                {"/run/.hidden", "/run/.hidden"},
                {"/run/..data", "/run/..data"},
                {"/run/x..", "/run/x.."},
                {"/var/", "/var"},
                {"/sys/fs/cgroup/../cgroup/systemd", "/sys/fs/cgroup/systemd"},
        };

        for (size_t i = 0; i < count_of(cases); i++) {
                struct arena a = {0};
                const struct oci_mount *m = mount_of(*state, cases[i].written, "bind", "", &a);

                if (!m)
                        fail_msg("%s is left out", cases[i].written);
                assert_string_equal(m->destination, cases[i].clean);
                arena_free(&a);
        }
}

static void test_which_mounts_concern_us(void **state)
{
        static const char *const ours[] = {"/run", "/run/secrets", "/run/a/b", "/tmp", "/tmp/.X11-unix",
                "/var", "/var/log", "/var/log/journal", "/var/log/journal/x", "/var/tmp", "/var/lib",
                "/var/lib/systemd", "/var/run", "/var/run/secrets", "/var/lock", "/etc", "/etc/machine-id",
                "/sys", "/sys/fs", "/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
        static const char *const others[] = {"/", "", "/runner", "/run2", "/running/x", "/tmpfs", "/proc",
                "/dev", "/dev/shm", "/var/log/journals", "/var/logs", "/var/library", "/var/lib/docker",
                "/etc/hosts", "/etc/machine-id2", "/system", "/sys/fs/bpf", "/sys/fs/cgroup2", "/home/run",
                "/va"};

        for (size_t i = 0; i < count_of(ours); i++) {
                struct arena a = {0};

                assert_true(oci_concerns_us(ours[i]));
                assert_non_null(mount_of(*state, ours[i], "bind", "", &a));
                arena_free(&a);
        }
        for (size_t i = 0; i < count_of(others); i++) {
                struct arena a = {0};

                assert_false(oci_concerns_us(*others[i] ? others[i] : "/"));
                assert_null(mount_of(*state, others[i], "bind", "", &a));
                arena_free(&a);
        }
}

static void test_mount_types_and_options(void **state)
{
        static const struct {
                const char *type, *options;
                bool is_tmpfs, is_cgroup, read_only;
        } cases[] = {
                {"tmpfs", "'nosuid','size=64m'", true, false, false},
                {"tmpfs", "\"ro\"", true, false, true},
                {"cgroup", "'nosuid','ro'", false, true, true},
                {"cgroup2", "\"rw\"", false, true, false},
                {"bind", "'rbind','rro'", false, false, true},
                {"bind", "'ro','rw'", false, false, false},
                {"bind", "'rw','ro'", false, false, true},
                {"bind", "'rom','error'", false, false, false},
                {"", "", false, false, false},
                {"tmpfsx", "", false, false, false},
        };

        for (size_t i = 0; i < count_of(cases); i++) {
                struct arena a = {0};
                const struct oci_mount *m = mount_of(*state, "/run", cases[i].type, cases[i].options, &a);

                assert_non_null(m);
                assert_int_equal(m->is_tmpfs, cases[i].is_tmpfs);
                assert_int_equal(m->is_cgroup, cases[i].is_cgroup);
                assert_int_equal(m->read_only, cases[i].read_only);
                arena_free(&a);
        }
}

/* A share of the memory has no number of bytes, and what is no size has none, either. */
static void test_size_of_a_tmpfs(void **state)
{
        static const struct {
                const char *option;
                uint64_t size;
        } cases[] = {{"'size=65536'", 65536}, {"'size=64k'", 65536}, {"'size=64K'", 65536},
                {"'size=2m'", 2 << 20}, {"'size=1g','size=1k'", 1024}, {"'size=50%'", 0}, {"'size=1kk'", 0},
                {"'size=0'", 0}, {"'size=-1'", 0}, {"'size=99999999999t'", 0}, {"'nosuid'", 0}};

        for (size_t i = 0; i < count_of(cases); i++) {
                struct arena a = {0};
                const struct oci_mount *m = mount_of(*state, "/run", "tmpfs", cases[i].option, &a);

                assert_int_equal(m->size, cases[i].size);
                assert_int_equal(m->has_size, strstr(cases[i].option, "size=") != NULL);
                arena_free(&a);
        }
}

/* runc and crun look at the option, whatever the type: it is somebody's directory, not a fresh file system.
 */
static void test_bind_by_option(void **state)
{
        static const char *const types[] = {"tmpfs", "cgroup", "cgroup2"};
        static const char *const options[] = {"\"bind\"", "'rbind','ro'", "'ro','rbind'"};

        for (size_t type = 0; type < count_of(types); type++)
                for (size_t option = 0; option < count_of(options); option++) {
                        struct arena a = {0};
                        const struct oci_mount *m =
                                mount_of(*state, "/run", types[type], options[option], &a);

                        assert_false(m->is_tmpfs);
                        assert_false(m->is_cgroup);
                        arena_free(&a);
                }
}

static void test_each_mount_stands_for_itself(void **state)
{
        struct arena a = {0};
        struct oci_config c;

        assert_reads(*state,
                "{'root':{'path':'r'},'mounts':[{'destination':'/proc','type':'proc'},{'destination':'/"
                "run','type':'tmpfs','options':['ro']},{'type':'tmpfs'},{'destination':'/"
                "tmp'},null,{'destination':null},{'destination':'/run','type':'bind'}]}",
                &a, &c);
        assert_int_equal(c.mount_count, 3);
        assert_string_equal(c.mounts[0].destination, "/run");
        assert_true(c.mounts[0].is_tmpfs && c.mounts[0].read_only);
        assert_string_equal(c.mounts[1].destination, "/tmp");
        assert_false(c.mounts[1].is_tmpfs || c.mounts[1].read_only);
        assert_string_equal(c.mounts[2].destination, "/run");
        assert_false(c.mounts[2].is_tmpfs);
        arena_free(&a);
}

static void test_long_destination(void **state)
{
        char destination[PATH_MAX + 2];
        struct arena a = {0};

        memset(destination, 'x', sizeof destination);
        memcpy(destination, "/run/", 5);
        for (size_t length = PATH_MAX - 2; length <= PATH_MAX + 1; length++) {
                destination[length] = '\0';

                const struct oci_mount *m = mount_of(*state, destination, "bind", "", &a);

                if (length < PATH_MAX)
                        assert_string_equal(m->destination, destination);
                else
                        assert_null(m); /* nothing can be mounted there */
                destination[length] = 'x';
        }
        arena_free(&a);
}

static void test_many_mounts(void **state)
{
        const size_t most = 32768;
        char *text = malloc((most + 1) * 64), *at = text;
        struct arena a = {0};
        struct oci_config c;

        assert_non_null(text);
        at += sprintf(at, "{'root':{'path':'r'},'mounts':[");
        for (size_t i = 0; i < most; i++)
                at += sprintf(at, "{'destination':'/run/%zu'},{'destination':'/opt'},", i);
        strcpy(at, "{'destination':'/opt'}]}");
        assert_reads(*state, text, &a, &c);
        assert_int_equal(c.mount_count, most);
        assert_string_equal(c.mounts[most - 1].destination, "/run/32767");
        strcpy(at, "{'destination':'/run/x'}]}");
        assert_config_refused(*state, text, "more than 32768 mounts");
        free(text);
        arena_free(&a);
}

static void test_below(void **state)
{
        (void)state;
        assert_string_equal(path_below("/run/lock", "/run"), "/lock");
        assert_string_equal(path_below("/run", "/run"), "");
        assert_string_equal(path_below("/run/a/b", "/run/a"), "/b");
        assert_null(path_below("/runner", "/run"));
        assert_null(path_below("/ru", "/run"));
        assert_null(path_below("/", "/run"));
        assert_null(path_below("/run", "/run/lock"));
        assert_null(path_below("", "/run"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                with_bundle(test_destinations_are_cleaned),
                with_bundle(test_which_mounts_concern_us),
                with_bundle(test_mount_types_and_options),
                with_bundle(test_size_of_a_tmpfs),
                with_bundle(test_bind_by_option),
                with_bundle(test_each_mount_stands_for_itself),
                with_bundle(test_long_destination),
                with_bundle(test_many_mounts),
                cmocka_unit_test(test_below),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
