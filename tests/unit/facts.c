/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What facts_expect makes of a configuration, and that the host can be looked at by anybody. */
#include "host/facts.h"
#include "kernel/proc_text.h"
#include "support.h"

/* With the sysfs that every engine mounts before all else. */
static int expect_of(struct oci_config c, struct facts *f, struct arena *a, struct err *e)
{
        struct oci_mount *mounts = arena_alloc(a, (c.mount_count + 1) * sizeof *mounts);

        assert_non_null(mounts);
        mounts[0] = (struct oci_mount){.destination = "/sys", .is_sysfs = true};
        for (size_t i = 0; i < c.mount_count; i++)
                mounts[i + 1] = c.mounts[i];
        c.mounts = mounts;
        c.mount_count++;
        return facts_expect(&c, a, f, e);
}

static struct facts expect(const struct oci_config *c, struct facts host, struct arena *a)
{
        struct err e;

        if (expect_of(*c, &host, a, &e) != 0)
                fail_msg("%s", e.text);
        return host;
}

static const struct facts unified = {
        .host = HOST_UNIFIED, .mounted_at = {[HIERARCHY_UNIFIED] = "/sys/fs/cgroup"}};
static const struct facts hybrid = {.host = HOST_HYBRID,
        .mounted_at = {[HIERARCHY_UNIFIED] = "/sys/fs/cgroup/unified",
                [HIERARCHY_SYSTEMD] = "/sys/fs/cgroup/systemd"}};
static const struct facts bare = {.host = HOST_BARE};

static bool has(const struct facts *f, const char *path)
{
        for (size_t i = 0; i < f->mount_count; i++)
                if (strcmp(f->mounts[i], path) == 0)
                        return true;
        return false;
}

static void test_mounts_are_those_of_the_configuration(void **state)
{
        struct oci_mount mounts[] = {{"/var/run"}, {"/run/secrets"}, {"/tmp"}, {"/var/run/docker.sock"},
                {"/var/lock/x"}, {"/var/runner"}};
        struct oci_config c = {.mounts = mounts, .mount_count = count_of(mounts)};
        struct arena a = {0};
        struct facts f = expect(&c, unified, &a);

        (void)state;
        assert_int_equal(f.mount_count, 6);
        assert_true(has(&f, "/run/secrets"));
        assert_true(has(&f, "/tmp"));
        assert_true(has(&f, "/run/docker.sock")); /* through the link that every such image has */
        assert_true(has(&f, "/run/lock/x"));
        assert_true(has(&f, "/run"));
        arena_free(&a);
}

static void test_places(void **state)
{
        struct oci_config c = {0};
        struct arena a = {0};
        struct facts f = expect(&c, hybrid, &a);

        (void)state;
        for (int h = 0; h < HIERARCHIES; h++) {
                assert_string_equal(f.place[h].path, f.place[h].seen);
                assert_string_not_equal(f.place[h].path, "/");
                assert_false(f.place[h].not_its_own);
        }
        c.cgroup_namespace = true;
        f = expect(&c, hybrid, &a);
        for (int h = 0; h < HIERARCHIES; h++) {
                assert_string_not_equal(f.place[h].path, "/");
                assert_string_equal(f.place[h].seen, "/");
                assert_false(f.place[h].not_its_own);
        }
        /* a runtime moves nobody in a hierarchy that is not mounted */
        f = expect(&c, bare, &a);
        for (int h = 0; h < HIERARCHIES; h++) {
                assert_string_equal(f.place[h].path, "/");
                assert_string_equal(f.place[h].seen, "/");
                assert_true(f.place[h].not_its_own);
        }
        arena_free(&a);
}

static void test_what_is_at_sys_fs_cgroup(void **state)
{
        struct oci_mount given = {.destination = "/sys/fs/cgroup", .is_cgroup = true, .read_only = true};
        struct oci_config c = {0};
        struct arena a = {0};

        (void)state;
        assert_int_equal(expect(&c, unified, &a).cgroup_mount, CGROUP_MOUNT_NONE);
        assert_int_equal(expect(&c, hybrid, &a).cgroup_mount, CGROUP_MOUNT_NONE);
        c = (struct oci_config){.mounts = &given, .mount_count = 1};
        assert_int_equal(expect(&c, unified, &a).cgroup_mount, CGROUP_MOUNT_UNIFIED);
        assert_int_equal(expect(&c, hybrid, &a).cgroup_mount, CGROUP_MOUNT_TMPFS);
        assert_int_equal(expect(&c, bare, &a).cgroup_mount, CGROUP_MOUNT_TMPFS);
        assert_true(expect(&c, hybrid, &a).has_directory[HIERARCHY_SYSTEMD]);
        assert_false(expect(&c, bare, &a).has_directory[HIERARCHY_SYSTEMD]);
        arena_free(&a);
}

/* A volume is no engine's mount, whatever file system it is on; the host's own cgroups are, by whatever bind. */
static void test_volumes_at_sys_fs_cgroup(void **state)
{
        const struct oci_mount tmpfs = {.destination = "/sys/fs/cgroup", .is_tmpfs = true},
                               volume = {.destination = "/sys/fs/cgroup",
                                       .is_bind = true,
                                       .source = "/var/lib/x"},
                               systemd = {.destination = "/sys/fs/cgroup/systemd", .is_cgroup = true},
                               all = {.destination = "/sys/fs/cgroup",
                                       .is_bind = true,
                                       .source = "/sys/fs/cgroup"},
                               sys = {.destination = "/sys", .is_bind = true, .source = "/sys"},
                               fs = {.destination = "/sys/fs", .is_bind = true, .source = "/sys/fs"},
                               else_where = {.destination = "/sys/fs", .is_bind = true, .source = "/nowhere"};
        const struct {
                struct oci_mount mounts[2];
                enum cgroup_mount hybrid, unified;
        } cases[] = {
                {{tmpfs}, CGROUP_MOUNT_NONE, CGROUP_MOUNT_NONE},
                {{volume}, CGROUP_MOUNT_NONE, CGROUP_MOUNT_NONE},
                {{tmpfs, systemd}, CGROUP_MOUNT_TMPFS, CGROUP_MOUNT_UNIFIED},
                {{all}, CGROUP_MOUNT_HOSTS, CGROUP_MOUNT_UNIFIED},
                {{sys}, CGROUP_MOUNT_HOSTS, CGROUP_MOUNT_UNIFIED},
                {{fs}, CGROUP_MOUNT_HOSTS, CGROUP_MOUNT_UNIFIED},
                {{else_where}, CGROUP_MOUNT_NONE, CGROUP_MOUNT_NONE},
        };
        struct arena a = {0};

        (void)state;
        for (size_t i = 0; i < count_of(cases); i++) {
                struct oci_mount mounts[2] = {cases[i].mounts[0], cases[i].mounts[1]};
                const struct oci_config c = {.mounts = mounts, .mount_count = mounts[1].destination ? 2 : 1};
                const struct facts f = expect(&c, hybrid, &a);

                if (f.cgroup_mount != cases[i].hybrid ||
                        expect(&c, unified, &a).cgroup_mount != cases[i].unified)
                        fail_msg("case %zu: %d", i, f.cgroup_mount);
                if (cases[i].hybrid == CGROUP_MOUNT_HOSTS)
                        assert_true(f.has_directory[HIERARCHY_UNIFIED] && f.has_directory[HIERARCHY_SYSTEMD]);
        }
        arena_free(&a);
}

static void test_without_sysfs(void **state)
{
        struct oci_mount tmpfs = {.destination = "/sys", .is_tmpfs = true};
        const struct oci_config none = {0}, hidden = {.mounts = &tmpfs, .mount_count = 1};
        struct arena a = {0};
        struct facts f = hybrid;
        struct err e;

        (void)state;
        assert_int_equal(facts_expect(&none, &a, &f, &e), -EINVAL);
        assert_contains(e.text, "no sysfs on /sys");
        f = hybrid;
        assert_int_equal(expect_of(hidden, &f, &a, &e), -EINVAL);
        assert_contains(e.text, "leave the volume on /sys out");
        arena_free(&a);
}

/* What engines mount on sysfs comes before a user's volume there, and is hidden by it. */
static void test_a_volume_that_hides_the_cgroups(void **state)
{
        struct oci_mount mounts[] = {{.destination = "/sys", .is_sysfs = true},
                {.destination = "/sys/fs/cgroup", .is_cgroup = true},
                {.destination = "/sys/fs", .is_bind = true, .source = "/proc/self/fdinfo"}};
        const struct oci_config hidden = {.mounts = mounts, .mount_count = 3};
        struct arena a = {0};
        struct facts f = hybrid;
        struct err e;

        (void)state;
        assert_int_equal(expect_of(hidden, &f, &a, &e), -EINVAL);
        assert_contains(e.text, "leave the volume on /sys/fs out");
        mounts[2].source = "/sys/fs";
        f = hybrid;
        assert_int_equal(expect_of(hidden, &f, &a, &e), 0);
        arena_free(&a);
}

static void test_user_namespace(void **state)
{
        struct oci_config c = {.user_namespace = true, .root_uid = 100000, .root_gid = 200000};
        struct arena a = {0};
        struct facts f = expect(&c, unified, &a);

        (void)state;
        assert_true(f.user_namespace);
        assert_int_equal(f.root_uid, 100000);
        assert_int_equal(f.root_gid, 200000);
        arena_free(&a);
}

static void test_this_host(void **state)
{
        struct arena a = {0};
        struct facts f;
        struct err e;

        (void)state;
        assert_int_equal(facts_host(&a, &f, &e), 0);
        assert_true(f.host == HOST_UNIFIED || f.host == HOST_HYBRID || f.host == HOST_LEGACY ||
                    f.host == HOST_BARE);
        if (f.host == HOST_UNIFIED)
                assert_string_equal(f.mounted_at[HIERARCHY_UNIFIED], "/sys/fs/cgroup");
        if (f.host == HOST_BARE)
                assert_null(f.mounted_at[HIERARCHY_SYSTEMD]);
        if (f.host == HOST_HYBRID)
                assert_non_null(f.mounted_at[HIERARCHY_UNIFIED]);
        for (int h = 0; h < HIERARCHIES; h++) {
                const char *mounted = facts_search(h, &a);

                if (mounted)
                        assert_int_equal(mounted[0], '/');
                if (f.mounted_at[h] && h == HIERARCHY_UNIFIED)
                        assert_non_null(mounted);
        }
        arena_free(&a);
}

/* Whether the host's root is among those of the namespace, under whatever number: uid_map in
 * user_namespaces(7). */
static void test_a_map_with_the_hosts_root(void **state)
{
        static const char *const with[] = {"         0          0 4294967295\n", "0 0 1\n",
                "0 100000 1000\n1000 0 1\n", "0 1 1\n1 0 1\n2 2 5", "65535 0 1"};
        static const char *const without[] = {"         0     100000      65536\n",
                "0 100000 1000\n1000 1 1\n", "", "\n\n", "0 1000 1\n1 100000 65536\n", "0 x 0\n"};

        (void)state;
        for (size_t i = 0; i < count_of(with); i++)
                if (!proc_text_maps_root(with[i]))
                        fail_msg("%s", with[i]);
        for (size_t i = 0; i < count_of(without); i++)
                if (proc_text_maps_root(without[i]))
                        fail_msg("%s", without[i]);
}

static void test_who_the_containers_root_is(void **state)
{
        static const struct {
                const char *map;
                int r;
                uid_t id;
        } cases[] = {{"         0          0 4294967295\n", 0, 0}, {"0 100000 65536\n", 0, 100000},
                {"1 100000 10\n0 5 1\n", 0, 5}, {"1 100000 10\n", -ENOENT, 0}, {"", -ENOENT, 0},
                {"0 x 1\n", -ENOENT, 0}, {"0 4294967295 1\n", -ENOENT, 0}};

        (void)state;
        for (size_t i = 0; i < count_of(cases); i++) {
                uid_t id = 0;

                if (proc_text_root_id(cases[i].map, &id) != cases[i].r || id != cases[i].id)
                        fail_msg("%s: %u", cases[i].map, id);
        }
}

static void test_whose_cgroups(void **state)
{
        char text[] = "3:name=other:/o\n2:name=systemd:/s\n1:cpu:/c\n0::/u\n",
             behind[] = "3:name=systemd:/s\n2:name=elogind:/e\n1:name=systemd2:/o\n",
             broken[] = "2:name=systemd:/s\nnonsense\n";
        const char *path[HIERARCHIES] = {NULL};
        struct err e;

        (void)state;
        assert_int_equal(proc_text_cgroups(text, path, &e), 0);
        assert_string_equal(path[HIERARCHY_SYSTEMD], "/s");
        assert_string_equal(path[HIERARCHY_UNIFIED], "/u");
        /* whatever is named beside it, before or behind */
        assert_int_equal(proc_text_cgroups(behind, path, &e), 0);
        assert_string_equal(path[HIERARCHY_SYSTEMD], "/s");
        assert_int_equal(proc_text_cgroups(broken, path, &e), -EINVAL);
        assert_contains(e.text, "\"nonsense\" is not ID:CONTROLLERS:PATH");
}

static void test_who_pays_for_memory(void **state)
{
        static const struct {
                const char *text, *path;
                bool is_v1;
        } cases[] = {
                {"0::/a\n", "/a", false},
                {"4:memory:/m\n0::/a\n", "/m", true},
                {"3:cpu,memory,pids:/both\n2:name=systemd:/s\n", "/both", true},
                {"5:memory_x:/no\n0::/a:b\n", "/a:b", false},
                {"2:name=memory:/s\n", NULL, false},
                {"", NULL, false},
                {"nonsense\n", NULL, false},
        };

        (void)state;
        for (size_t i = 0; i < count_of(cases); i++) {
                char *text = strdup(cases[i].text);
                bool is_v1 = !cases[i].is_v1;
                const char *path = proc_text_memory_cgroup(text, &is_v1);

                if (cases[i].path ? !path || strcmp(path, cases[i].path) != 0 : path != NULL)
                        fail_msg("%s: %s", cases[i].text, path ? path : "none");
                assert_int_equal(is_v1, cases[i].is_v1);
                free(text);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_mounts_are_those_of_the_configuration),
                cmocka_unit_test(test_who_the_containers_root_is),
                cmocka_unit_test(test_whose_cgroups),
                cmocka_unit_test(test_places),
                cmocka_unit_test(test_what_is_at_sys_fs_cgroup),
                cmocka_unit_test(test_volumes_at_sys_fs_cgroup),
                cmocka_unit_test(test_without_sysfs),
                cmocka_unit_test(test_a_volume_that_hides_the_cgroups),
                cmocka_unit_test(test_user_namespace),
                cmocka_unit_test(test_a_map_with_the_hosts_root),
                cmocka_unit_test(test_who_pays_for_memory),
                cmocka_unit_test(test_this_host),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
