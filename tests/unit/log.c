/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/log.h"
#include "support.h"

static void say(char *line, size_t size, const char *id, const char *text)
{
        struct err e;

        (void)!err_refuse(&e, "%s", text);
        log_line(line, size, id, &e);
}

static void test_line(void **state)
{
        char line[256];

        (void)state;
        say(line, sizeof line, "web-1", "open /run: No such file");
        assert_string_equal(line, "oci-systemd-hook: web-1: open /run: No such file");
        say(line, sizeof line, NULL, "no id");
        assert_string_equal(line, "oci-systemd-hook: no id");
}

/* A second line, an escape sequence and a right-to-left mark are all bytes that must not come through. */
static void test_what_is_not_printable_is_escaped(void **state)
{
        char line[256];

        (void)state;
        say(line, sizeof line, "a\nb", "\x1b[2J\r\x7f\t \xe2\x80\xae \\x41");
        assert_string_equal(
                line, "oci-systemd-hook: a\\x0ab: \\x1b[2J\\x0d\\x7f\\x09 \\xe2\\x80\\xae \\x5cx41");
        say(line, sizeof line, "\xff", "~");
        assert_string_equal(line, "oci-systemd-hook: \\xff: ~");
}

static void test_every_byte(void **state)
{
        char line[64], text[2] = "";

        (void)state;
        for (int byte = 1; byte < 256; byte++) {
                text[0] = (char)byte;
                say(line, sizeof line, NULL, text);
                for (const char *c = line; *c; c++)
                        assert_true(*c >= ' ' && *c < 0x7f);
                assert_int_equal(strlen(line),
                        strlen("oci-systemd-hook: ") + (byte >= ' ' && byte < 0x7f && byte != '\\' ? 1 : 4));
        }
}

/* Whatever the size, it ends in the line and no escape is cut in two. */
static void test_a_long_line_is_cut(void **state)
{
        char text[600], line[128 + 16];

        (void)state;
        for (size_t i = 0; i < sizeof text - 1; i++)
                text[i] = i % 3 ? '\n' : 'x';
        text[sizeof text - 1] = '\0';
        for (size_t size = 1; size <= 128; size++) {
                memset(line, '#', sizeof line);
                say(line, size, "id", text);
                assert_true(strnlen(line, size) < size);
                for (size_t at = size; at < sizeof line; at++)
                        assert_int_equal(line[at], '#');
                for (const char *c = line; (c = strchr(c, '\\')); c++)
                        assert_int_equal(strncmp(c, "\\x0a", 4), 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_line),
                cmocka_unit_test(test_what_is_not_printable_is_escaped),
                cmocka_unit_test(test_every_byte),
                cmocka_unit_test(test_a_long_line_is_cut),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
