/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/layout.h"
#include "support.h"

static const enum host_mode hosts[] = {HOST_UNIFIED, HOST_HYBRID, HOST_LEGACY, HOST_BARE};
static const unsigned versions[] = {1, 215, 229, 230, 247, 257, 258, 262, 9999, 0};

/* What contract section 5 says: a letter for each of the versions above. 0 is not known, and taken for a new one. */
static const char *const expected[] = {
        [HOST_UNIFIED] = "LLLUUUUUUU",
        [HOST_HYBRID] = "LLLHHHUUUU",
        [HOST_LEGACY] = "LLLLLLUUUU",
        [HOST_BARE] = "LLLLLLUUUU",
};

static enum layout layout_of(char letter)
{
        return letter == 'U' ? LAYOUT_UNIFIED : letter == 'H' ? LAYOUT_HYBRID : LAYOUT_LEGACY;
}

static void test_what_suits_both(void **state)
{
        (void)state;
        for (size_t host = 0; host < count_of(hosts); host++)
                for (size_t v = 0; v < count_of(versions); v++) {
                        enum layout layout = -1;
                        const char *reason = NULL;
                        struct err e;

                        assert_int_equal(
                                layout_choose(hosts[host], versions[v], CGROUP_AUTO, &layout, &reason, &e),
                                0);
                        if (layout != layout_of(expected[hosts[host]][v]))
                                fail_msg("%s, %u: %s", host_mode_names[hosts[host]], versions[v],
                                        layout_names[layout]);
                        assert_non_null(reason);
                        assert_true(*reason);
                }
}

static void test_the_reason(void **state)
{
        static const struct {
                enum host_mode host;
                unsigned version;
                const char *reason;
        } cases[] = {
                {HOST_UNIFIED, 252, "as on the host"},
                {HOST_HYBRID, 252, "as on the host"},
                {HOST_LEGACY, 252, "as on the host"},
                {HOST_UNIFIED, 229, "does not know cgroup2"},
                {HOST_HYBRID, 229, "does not know cgroup2"},
                {HOST_HYBRID, 258, "refuses v1"},
                {HOST_LEGACY, 258, "refuses v1"},
                {HOST_BARE, 258, "refuses v1"},
                {HOST_BARE, 257, "no name=systemd"},
                {HOST_HYBRID, 0, "not known"},
        };

        (void)state;
        for (size_t i = 0; i < count_of(cases); i++) {
                enum layout layout;
                const char *reason;
                struct err e;

                assert_int_equal(
                        layout_choose(cases[i].host, cases[i].version, CGROUP_AUTO, &layout, &reason, &e), 0);
                assert_contains(reason, cases[i].reason);
        }
}

static void test_a_choice_that_the_payload_understands(void **state)
{
        static const struct {
                enum cgroup_choice choice;
                enum layout layout;
                unsigned versions[5];
        } cases[] = {
                {CGROUP_UNIFIED, LAYOUT_UNIFIED, {230, 257, 258, 262, 0}},
                {CGROUP_HYBRID, LAYOUT_HYBRID, {230, 247, 252, 257, 0}},
                {CGROUP_LEGACY, LAYOUT_LEGACY, {1, 229, 230, 257, 0}},
        };

        (void)state;
        for (size_t host = 0; host < count_of(hosts); host++)
                for (size_t i = 0; i < count_of(cases); i++)
                        for (size_t v = 0; v < count_of(cases[i].versions); v++) {
                                enum layout layout = -1;
                                const char *reason = NULL;
                                struct err e;

                                assert_int_equal(layout_choose(hosts[host], cases[i].versions[v],
                                                         cases[i].choice, &layout, &reason, &e),
                                        0);
                                assert_int_equal(layout, cases[i].layout);
                                assert_string_equal(reason, "asked for");
                        }
}

static void test_a_choice_that_it_does_not(void **state)
{
        static const struct {
                enum cgroup_choice choice;
                unsigned version;
                const char *text;
        } cases[] = {
                {CGROUP_UNIFIED, 229,
                        "cgroup=unified: the payload is systemd 229, which does not know cgroup2; leave it "
                        "at auto"},
                {CGROUP_HYBRID, 229,
                        "cgroup=hybrid: the payload is systemd 229, which does not know cgroup2; leave it at "
                        "auto"},
                {CGROUP_HYBRID, 258,
                        "cgroup=hybrid: the payload is systemd 258, which refuses cgroup v1; leave it at "
                        "auto"},
                {CGROUP_HYBRID, 262,
                        "cgroup=hybrid: the payload is systemd 262, which refuses cgroup v1; leave it at "
                        "auto"},
                {CGROUP_LEGACY, 258,
                        "cgroup=legacy: the payload is systemd 258, which refuses cgroup v1; leave it at "
                        "auto"},
                {CGROUP_LEGACY, 262,
                        "cgroup=legacy: the payload is systemd 262, which refuses cgroup v1; leave it at "
                        "auto"},
        };

        (void)state;
        for (size_t host = 0; host < count_of(hosts); host++)
                for (size_t i = 0; i < count_of(cases); i++) {
                        enum layout layout = 77;
                        const char *reason = "untouched";
                        struct err e;

                        assert_int_equal(layout_choose(hosts[host], cases[i].version, cases[i].choice,
                                                 &layout, &reason, &e),
                                -EINVAL);
                        assert_string_equal(e.text, cases[i].text);
                        assert_int_equal(layout, 77);
                        assert_string_equal(reason, "untouched");
                }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_suits_both),
                cmocka_unit_test(test_the_reason),
                cmocka_unit_test(test_a_choice_that_the_payload_understands),
                cmocka_unit_test(test_a_choice_that_it_does_not),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
