/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feature/terminal.h"
#include "support.h"

struct sample {
        const char *in, *out;
        unsigned questions;
};

static const struct sample samples[] = {
        {"", "", 0},
        {"one\r\ntwo\r\n", "one\ntwo\n", 0},
        {"one\r\r\ntwo\n", "one\ntwo\n", 0},
        {"50%\r100%\r\n", "50%\r100%\n", 0},
        {"\rx", "\rx", 0},
        {"\033[0;32mok\033[0m", "\033[0;32mok\033[0m", 0},
        {"a\033[18tb", "ab", TERMINAL_SIZE},
        {"a\033[6nb", "ab", TERMINAL_CURSOR},
        {"\033[18t\033[6n\033[18t", "", TERMINAL_SIZE | TERMINAL_CURSOR},
        {"\033[32766;32766H\033[6n", "\033[32766;32766H", TERMINAL_CURSOR},
        /* nearly one of them */
        {"\033[18n\033[6t\033[?6n\033[06n", "\033[18n\033[6t\033[?6n\033[06n", 0},
        {"\033\033[6n", "\033", TERMINAL_CURSOR},
        {"\033[6\033[6n", "\033[6", TERMINAL_CURSOR},
        {"\033[6\r\n", "\033[6\n", 0},
        {"\033[6\nn", "\033[6\nn", 0},
        {"\033]0;title\007\033P+q6E\033\\", "\033]0;title\007\033P+q6E\033\\", 0},
        {"\033[;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;m",
                "\033[;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;m", 0},
        {"\x80\xff\xc3\xa9\177", "\x80\xff\xc3\xa9\177", 0},
};

/* Whole, and in pieces of every size: what a sequence is must not depend on how it arrives. */
static void test_text(void **state)
{
        (void)state;
        for (size_t i = 0; i < count_of(samples); i++) {
                const struct sample *s = &samples[i];
                const size_t length = strlen(s->in);

                for (size_t piece = 1; piece <= length + 1; piece++) {
                        struct terminal t = {0};
                        char out[256] = "";
                        unsigned questions = 0;
                        size_t n = 0;

                        for (size_t at = 0; at < length; at += piece) {
                                const size_t part = length - at < piece ? length - at : piece;
                                const size_t more = terminal_text(&t, s->in + at, part, out + n, &questions);

                                assert_true(more <= part + TERMINAL_HELD);
                                n += more;
                        }
                        assert_string_equal(out, s->out);
                        assert_int_equal(questions, s->questions);
                }
        }
}

/* What has not ended is kept back, and never more than is promised. */
static void test_bounded(void **state)
{
        struct terminal t = {0};
        char in[4096], out[sizeof in + TERMINAL_HELD];
        unsigned questions = 0;

        (void)state;
        for (unsigned seed = 1; seed < 2000; seed++) {
                for (size_t i = 0; i < sizeof in; i++)
                        in[i] = "\033[6n18t\r\n;a"[(seed * 2654435761u + (unsigned)i * 40503u) >> 7 & 10];
                const size_t length = seed % sizeof in;
                assert_true(terminal_text(&t, in, length, out, &questions) <= length + TERMINAL_HELD);
                assert_true(t.held < TERMINAL_HELD);
        }
}

static void test_answers(void **state)
{
        (void)state;
        assert_string_equal(terminal_answer(TERMINAL_SIZE), "\033[8;24;160t");
        assert_string_equal(terminal_answer(TERMINAL_CURSOR), "\033[24;160R");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_text),
                cmocka_unit_test(test_bounded),
                cmocka_unit_test(test_answers),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
