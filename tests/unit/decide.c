/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/decide.h"
#include "support.h"

static const struct payload systemd = {.is_systemd = true, .version = 252, .reason = "/sbin/init needs it"};
static const struct payload busybox = {.reason = "/sbin/init is not systemd"};

static struct decision ask(enum mode mode, bool disabled, const struct payload *payload)
{
        return decide(&(struct settings){.mode = mode}, &(struct oci_config){.disabled = disabled}, payload);
}

static void test_off(void **state)
{
        static const struct payload *const payloads[] = {NULL, &systemd, &busybox};

        (void)state;
        for (size_t i = 0; i < count_of(payloads); i++)
                for (int disabled = 0; disabled < 2; disabled++) {
                        struct decision d = ask(MODE_OFF, disabled, payloads[i]);

                        assert_false(d.acts);
                        assert_false(d.needs_payload);
                        assert_string_equal(d.reason, "mode=off");
                }
}

/* Contract section 4: it holds against mode=always, too. */
static void test_disabled_by_the_environment(void **state)
{
        (void)state;
        for (int always = 0; always < 2; always++) {
                struct decision d = ask(always ? MODE_ALWAYS : MODE_AUTO, true, &systemd);

                assert_false(d.acts);
                assert_false(d.needs_payload);
                assert_contains(d.reason, "oci-systemd-hook=disabled");
        }
}

static void test_always(void **state)
{
        (void)state;
        assert_true(ask(MODE_ALWAYS, false, NULL).acts);
        assert_false(ask(MODE_ALWAYS, false, NULL).needs_payload);
        assert_true(ask(MODE_ALWAYS, false, &busybox).acts);
        assert_string_equal(ask(MODE_ALWAYS, false, &busybox).reason, "mode=always");
}

static void test_auto_asks_for_the_payload(void **state)
{
        struct decision d = ask(MODE_AUTO, false, NULL);

        (void)state;
        assert_false(d.acts);
        assert_true(d.needs_payload);
        assert_non_null(d.reason);
        d = ask(MODE_AUTO, false, &systemd);
        assert_true(d.acts);
        assert_false(d.needs_payload);
        assert_string_equal(d.reason, systemd.reason);
        d = ask(MODE_AUTO, false, &busybox);
        assert_false(d.acts);
        assert_false(d.needs_payload);
        assert_string_equal(d.reason, busybox.reason);
}

/* A sandbox's container never fails, whatever it asked for. */
static void test_a_sandbox(void **state)
{
        struct payload unseen = {.is_systemd = true, .version = 257};

        (void)state;
        payload_sandboxed(42, &unseen);
        for (int always = 0; always < 2; always++) {
                struct decision d = ask(always ? MODE_ALWAYS : MODE_AUTO, false, &unseen);

                assert_false(d.acts);
                assert_false(d.needs_payload);
                assert_contains(d.reason, "pid 42 does not see the rootfs");
        }
}

static void test_a_manager_that_is_not_told(void **state)
{
        static const struct {
                struct payload payload;
                bool is_refused;
        } cases[] = {
                {{.is_systemd = true, .version = 219}, true},
                {{.is_systemd = true, .version = 246}, true},
                {{.is_systemd = true, .version = 247}, false},
                {{.is_systemd = true, .version = 262}, false},
                {{.is_systemd = true, .version = 219, .has_container = true}, false},
                {{.version = 239}, true}, /* a script's, with mode=always */
                {{.version = 0}, false},
        };

        (void)state;
        for (size_t i = 0; i < count_of(cases); i++) {
                struct err e;

                assert_int_equal(
                        decide_check_payload(&cases[i].payload, &e), cases[i].is_refused ? -EINVAL : 0);
                if (cases[i].is_refused)
                        assert_contains(e.text, "container=oci to the environment");
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_off),
                cmocka_unit_test(test_disabled_by_the_environment),
                cmocka_unit_test(test_always),
                cmocka_unit_test(test_auto_asks_for_the_payload),
                cmocka_unit_test(test_a_sandbox),
                cmocka_unit_test(test_a_manager_that_is_not_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
