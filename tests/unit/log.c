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

/* A line for each field, whatever is in the values: a newline in one would begin a field of its own. */
static void test_an_entry(void **state)
{
        struct log_entry entry = {0};

        (void)state;
        log_escaped(&entry, "MESSAGE", "a\\x0ab");
        log_field(&entry, "CONTAINER_ID", "x\nPRIORITY=0");
        log_field(&entry, "CONTAINER_BUNDLE", NULL);
        log_number(&entry, "ERRNO", 22);
        assert_int_equal(entry.length, strlen("MESSAGE=a\\x0ab\nCONTAINER_ID=x\\x0aPRIORITY=0\nERRNO=22\n"));
        assert_memory_equal(
                entry.text, "MESSAGE=a\\x0ab\nCONTAINER_ID=x\\x0aPRIORITY=0\nERRNO=22\n", entry.length);
}

/* Every field that is there ends in a newline, and nothing is written behind the entry. */
static void test_an_entry_that_is_full(void **state)
{
        struct {
                struct log_entry entry;
                char behind[16];
        } s = {0};
        char value[700];

        (void)state;
        memset(s.behind, '#', sizeof s.behind);
        memset(value, '\n', sizeof value - 1);
        value[sizeof value - 1] = '\0';
        for (int i = 0; i < 400; i++) {
                log_field(&s.entry, "A", i % 2 ? value : "short");
                log_escaped(&s.entry, "B", value + 690);
                assert_true(s.entry.length <= sizeof s.entry.text);
                assert_int_equal(s.entry.text[s.entry.length - 1], '\n');
        }
        for (size_t i = 0; i < sizeof s.behind; i++)
                assert_int_equal(s.behind[i], '#');
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_line),
                cmocka_unit_test(test_what_is_not_printable_is_escaped),
                cmocka_unit_test(test_every_byte),
                cmocka_unit_test(test_a_long_line_is_cut),
                cmocka_unit_test(test_an_entry),
                cmocka_unit_test(test_an_entry_that_is_full),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
