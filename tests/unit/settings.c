/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci/settings.h"
#include "support.h"

#include <errno.h>

static struct settings set(const char *key, const char *value)
{
        struct settings s = SETTINGS_DEFAULT;
        struct err e;

        if (settings_set(&s, key, value, &e) != 0)
                fail_msg("%s=%s: %s", key, value, e.text);
        return s;
}

/* Refused in words that name the key, and nothing is set. */
static void assert_refused(const char *key, const char *value, const char *why)
{
        struct settings s = SETTINGS_DEFAULT, before = SETTINGS_DEFAULT;
        struct err e;
        char name[128];

        if (settings_set(&s, key, value, &e) == 0)
                fail_msg("accepted: %s=%s", key, value);
        snprintf(name, sizeof name, "org.oci-systemd-hook.%.80s", key);
        assert_contains(e.text, name);
        assert_contains(e.text, why);
        assert_int_equal(s.mode, before.mode);
        assert_int_equal(s.cgroup, before.cgroup);
        assert_int_equal(s.machine_id, before.machine_id);
        assert_int_equal(s.journal, before.journal);
        assert_int_equal(s.run.value, before.run.value);
        assert_int_equal(s.tmp.value, before.tmp.value);
        assert_int_equal(s.journal_size.value, before.journal_size.value);
}

static void test_defaults(void **state)
{
        const struct settings s = SETTINGS_DEFAULT;

        (void)state;
        assert_int_equal(s.mode, MODE_AUTO);
        assert_int_equal(s.cgroup, CGROUP_AUTO);
        assert_int_equal(s.machine_id, MACHINE_ID_AUTO);
        assert_int_equal(s.journal, JOURNAL_VOLATILE);
        assert_int_equal(s.run.unit, SIZE_PERCENT);
        assert_int_equal(s.run.value, 20);
        assert_int_equal(s.tmp.value, 50);
        assert_int_equal(s.journal_size.value, 10);
}

static void test_words(void **state)
{
        (void)state;
        assert_int_equal(set("mode", "auto").mode, MODE_AUTO);
        assert_int_equal(set("mode", "always").mode, MODE_ALWAYS);
        assert_int_equal(set("mode", "off").mode, MODE_OFF);
        assert_int_equal(set("cgroup", "auto").cgroup, CGROUP_AUTO);
        assert_int_equal(set("cgroup", "unified").cgroup, CGROUP_UNIFIED);
        assert_int_equal(set("cgroup", "hybrid").cgroup, CGROUP_HYBRID);
        assert_int_equal(set("cgroup", "legacy").cgroup, CGROUP_LEGACY);
        assert_int_equal(set("journal", "volatile").journal, JOURNAL_VOLATILE);
        assert_int_equal(set("journal", "image").journal, JOURNAL_IMAGE);
        assert_int_equal(set("machine-id", "auto").machine_id, MACHINE_ID_AUTO);
        assert_int_equal(set("machine-id", "image").machine_id, MACHINE_ID_IMAGE);
}

static void test_the_last_word_counts(void **state)
{
        struct settings s = SETTINGS_DEFAULT;
        struct err e;

        (void)state;
        assert_int_equal(settings_set(&s, "mode", "off", &e), 0);
        assert_int_equal(settings_set(&s, "mode", "auto", &e), 0);
        assert_int_equal(s.mode, MODE_AUTO);
        assert_int_equal(settings_set(&s, "machine-id", "0123456789abcdef0123456789abcdef", &e), 0);
        assert_int_equal(settings_set(&s, "machine-id", "image", &e), 0);
        assert_int_equal(s.machine_id, MACHINE_ID_IMAGE);
        assert_int_equal(settings_set(&s, "tmpfs.run", "off", &e), 0);
        assert_int_equal(settings_set(&s, "tmpfs.run", "1m", &e), 0);
        assert_int_equal(s.run.unit, SIZE_BYTES);
}

static void test_unknown_values_name_those_it_takes(void **state)
{
        static const char *const values[] = {
                "", "Auto", "AUTO", "auto ", " auto", "on", "true", "1", "autox"};

        (void)state;
        for (size_t i = 0; i < count_of(values); i++) {
                assert_refused("mode", values[i], "expected auto, always, off");
                assert_refused("cgroup", values[i], "expected auto, unified, hybrid, legacy");
                assert_refused("machine-id", values[i], "expected auto, image, 32 hex digits");
                assert_refused("journal", values[i], "expected volatile, host, image");
        }
        assert_refused(
                "mode", "sometimes", "invalid value sometimes for org.oci-systemd-hook.mode; expected");
        assert_refused("journal", "auto", "expected volatile, host, image");
}

static void test_unknown_keys_name_those_it_knows(void **state)
{
        static const char *const known[] = {
                "mode", "cgroup", "machine-id", "tmpfs.run", "tmpfs.tmp", "tmpfs.journal", "journal"};
        static const char *const unknown[] = {
                "", "Mode", "mode ", "tmpfs", "tmpfs.", "tmpfs.var", "run", "modes"};

        (void)state;
        for (size_t i = 0; i < count_of(unknown); i++)
                for (size_t k = 0; k < count_of(known); k++)
                        assert_refused(unknown[i], "auto", known[k]);
        assert_refused("tmpfs.var", "1m", "unknown key org.oci-systemd-hook.tmpfs.var; known keys: mode, ");
}

/* However long the value is, the sentence goes on to what the user can do. */
static void test_a_long_value_does_not_hide_the_answer(void **state)
{
        char value[3000];

        (void)state;
        memset(value, 'x', sizeof value);
        value[sizeof value - 1] = '\0';
        assert_refused("mode", value, "expected auto, always, off");
        assert_refused("tmpfs.run", value, "; expected ");
        assert_refused("lxcfs", value, "expected off, on");
        value[255] = '\0'; /* of a key more does not come */
        assert_refused(value, "x", "known keys: mode, ");
}

static void test_what_reaches_the_host_needs_allow(void **state)
{
        static const struct {
                const char *key, *value, *feature;
        } asked[] = {{"console", "log", "console"}, {"journal", "host", "journal"}, {"lxcfs", "on", "lxcfs"},
                {"machine", "on", "machine"}};

        (void)state;
        for (size_t i = 0; i < count_of(asked); i++) {
                struct settings s = set(asked[i].key, asked[i].value);
                struct err e;
                char said[128];

                assert_int_equal(settings_check_allowed(&s, &e), -EINVAL);
                snprintf(said, sizeof said, "org.oci-systemd-hook.%s=%s reaches the host", asked[i].key,
                        asked[i].value);
                assert_contains(e.text, said);
                snprintf(said, sizeof said, "add --allow=%s to the args", asked[i].feature);
                assert_contains(e.text, said);
                for (size_t k = 0; k < count_of(asked); k++) {
                        struct settings other = s;

                        assert_int_equal(settings_option(&other, "allow", asked[k].feature, &e), 0);
                        assert_int_equal(settings_check_allowed(&other, &e), k == i ? 0 : -EINVAL);
                }
                assert_int_equal(settings_option(&s, "allow", "machine,lxcfs,journal,console", &e), 0);
                assert_int_equal(settings_check_allowed(&s, &e), 0);
        }
}

static void test_what_stays_inside_needs_nothing(void **state)
{
        static const char *const inside[][2] = {{"console", "engine"}, {"console", "journal"},
                {"journal", "volatile"}, {"journal", "image"}, {"lxcfs", "off"}, {"machine", "off"},
                {"boot", "lean"}, {"units", "keep"}, {"credentials", "/run/secrets"}};
        struct err e;

        (void)state;
        for (size_t i = 0; i < count_of(inside); i++) {
                struct settings s = set(inside[i][0], inside[i][1]);

                assert_int_equal(settings_check_allowed(&s, &e), 0);
        }
}

static void test_allow_and_bounds_are_the_administrators(void **state)
{
        static const char *const bad_lists[] = {
                "", ",", "host", "journal,", ",journal", "journal lxcfs", "Journal"};
        static const char *const bad_numbers[] = {
                "", "0", "15", "-1", "4096x", "1000001", "99999999999", " 64"};
        struct settings s = SETTINGS_DEFAULT;
        struct err e;

        (void)state;
        assert_refused("allow", "journal", "unknown key org.oci-systemd-hook.allow");
        assert_refused("cgroups-max", "64", "unknown key org.oci-systemd-hook.cgroups-max");
        for (size_t i = 0; i < count_of(bad_lists); i++) {
                assert_int_equal(settings_option(&s, "allow", bad_lists[i], &e), -EINVAL);
                assert_contains(
                        e.text, "expected some of console, journal, lxcfs, machine, separated by commas");
        }
        for (size_t i = 0; i < count_of(bad_numbers); i++) {
                assert_int_equal(settings_option(&s, "cgroups-max", bad_numbers[i], &e), -EINVAL);
                assert_int_equal(s.cgroups_max, 4096);
        }
        assert_int_equal(settings_option(&s, "cgroups-max", "64", &e), 0);
        assert_int_equal(s.cgroups_max, 64);
        assert_int_equal(settings_option(&s, "mode", "always", &e), 0);
        assert_int_equal(s.mode, MODE_ALWAYS);
}

static void test_credentials_are_an_absolute_path(void **state)
{
        static const char *const refused[] = {"", "run/secrets", ".", "off"};
        char longest[400];

        (void)state;
        memset(longest, 'x', sizeof longest);
        longest[0] = '/';
        longest[sizeof longest - 1] = '\0';
        assert_refused("credentials", longest, "expected a directory in the container");
        for (size_t i = 0; i < count_of(refused); i++)
                assert_refused("credentials", refused[i], "expected a directory in the container");
        assert_string_equal(set("credentials", "/run/secrets/x").credentials, "/run/secrets/x");
        assert_string_equal(set("credentials", "/run//secrets/../y/").credentials, "/run/y");
}

static void assert_size(const char *value, int unit, uint64_t number)
{
        static const char *const keys[] = {"tmpfs.run", "tmpfs.tmp", "tmpfs.journal"};

        for (size_t i = 0; i < count_of(keys); i++) {
                const struct settings s = set(keys[i], value);
                const struct size sizes[] = {s.run, s.tmp, s.journal_size};
                const struct settings d = SETTINGS_DEFAULT;
                const struct size defaults[] = {d.run, d.tmp, d.journal_size};

                for (size_t k = 0; k < count_of(keys); k++) {
                        assert_int_equal(sizes[k].unit, k == i ? (int)unit : (int)defaults[k].unit);
                        assert_int_equal(sizes[k].value, k == i ? number : defaults[k].value);
                }
        }
}

static void test_sizes(void **state)
{
        (void)state;
        assert_size("off", SIZE_OFF, 0);
        assert_size("1", SIZE_BYTES, 1);
        assert_size("4096", SIZE_BYTES, 4096);
        assert_size("64k", SIZE_BYTES, 64 << 10);
        assert_size("64m", SIZE_BYTES, 64 << 20);
        assert_size("64M", SIZE_BYTES, 64 << 20);
        assert_size("2g", SIZE_BYTES, UINT64_C(2) << 30);
        assert_size("1T", SIZE_BYTES, UINT64_C(1) << 40);
        assert_size("1024t", SIZE_BYTES, UINT64_C(1) << 50);
        assert_size("007m", SIZE_BYTES, 7 << 20);
        assert_size("1%", SIZE_PERCENT, 1);
        assert_size("10%", SIZE_PERCENT, 10);
        assert_size("100%", SIZE_PERCENT, 100);
        assert_size("999999999999999", SIZE_BYTES, 999999999999999);
}

static void test_bad_sizes(void **state)
{
        static const char *const values[] = {"", "0", "00", "0m", "0%", "101%", "1000%", "-1", "-1m", "+1",
                "10 %", " 10%", "10% ", "10%%", "%", "m", "64mb", "64mm", "64 m", "64p", "64b", "1.5g", "1e3",
                "0x10", "1024g1", "1025t", "99999999999m", "9999999999999999", "18446744073709551617", "Off",
                "64m,mode=777", "1_000", "\xc2\xb2", "64\n"};

        (void)state;
        for (size_t i = 0; i < count_of(values); i++) {
                assert_refused("tmpfs.run", values[i], "expected off, a size such as 64m, 1 to 100%");
                assert_refused("tmpfs.tmp", values[i], "a size such as");
                assert_refused("tmpfs.journal", values[i], "a size such as");
        }
}

static void test_machine_ids(void **state)
{
        static const char *const refused[] = {"00000000000000000000000000000000",
                "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0",
                "01234567-89ab-cdef-0123-456789abcdef", "0123456789abcdef0123456789abcdeg",
                "0123456789abcdef0123456789abcde ", "uninitialized"};
        struct settings s = set("machine-id", "0123456789ABCDEF0123456789abcdef");

        (void)state;
        assert_int_equal(s.machine_id, MACHINE_ID_GIVEN);
        assert_string_equal(s.given_machine_id, "0123456789abcdef0123456789abcdef");
        assert_string_equal(set("machine-id", "00000000000000000000000000000001").given_machine_id,
                "00000000000000000000000000000001");
        for (size_t i = 0; i < count_of(refused); i++)
                assert_refused("machine-id", refused[i], "32 hex digits");
}

static void test_usage_lists_what_works(void **state)
{
        char *text = NULL;
        size_t length;
        FILE *f = open_memstream(&text, &length);

        (void)state;
        assert_non_null(f);
        settings_usage(f);
        fclose(f);
        assert_contains(text, "--mode=");
        assert_contains(text, "--cgroup=");
        assert_contains(text, "--machine-id=");
        assert_contains(text, "--tmpfs.run=");
        assert_contains(text, "--tmpfs.tmp=");
        assert_contains(text, "--tmpfs.journal=");
        assert_contains(text, "--journal=");
        assert_contains(text, "--lxcfs=");
        assert_contains(text, "--credentials=");
        assert_contains(text, "--allow=");
        assert_contains(text, "--cgroups-max=");
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_defaults),
                cmocka_unit_test(test_words),
                cmocka_unit_test(test_the_last_word_counts),
                cmocka_unit_test(test_unknown_values_name_those_it_takes),
                cmocka_unit_test(test_unknown_keys_name_those_it_knows),
                cmocka_unit_test(test_a_long_value_does_not_hide_the_answer),
                cmocka_unit_test(test_what_reaches_the_host_needs_allow),
                cmocka_unit_test(test_what_stays_inside_needs_nothing),
                cmocka_unit_test(test_allow_and_bounds_are_the_administrators),
                cmocka_unit_test(test_credentials_are_an_absolute_path),
                cmocka_unit_test(test_sizes),
                cmocka_unit_test(test_bad_sizes),
                cmocka_unit_test(test_machine_ids),
                cmocka_unit_test(test_usage_lists_what_works),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
