/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/shell.h"
#include "support.h"

static void test_words(void **state)
{
        static const struct {
                const char *text, *word;
        } cases[] = {{"web1", "web1"}, {"/etc/x-y_z.json", "/etc/x-y_z.json"}, {"", "''"}, {"a b", "'a b'"},
                {"$(reboot)", "'$(reboot)'"}, {"a;b", "'a;b'"}, {"~", "'~'"}, {"a\nb", "'a\nb'"},
                {"é", "'é'"}, {"it's", "'it'\"'\"'s'"}, {"'", "''\"'\"''"}, {"\\", "'\\'"}};
        struct arena a = {0};

        (void)state;
        for (size_t i = 0; i < count_of(cases); i++)
                assert_string_equal(shell_word(&a, cases[i].text), cases[i].word);
        arena_free(&a);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {cmocka_unit_test(test_words)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
