/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/err.h"
#include "support.h"

#include <limits.h>

/* A struct err between two guards: whoever writes past it changes one. */
struct guarded {
        char before[64];
        struct err e;
        char behind[64];
};

static void guard(struct guarded *g)
{
        memset(g, 0x5a, sizeof *g);
}

static void assert_guarded(const struct guarded *g)
{
        for (size_t i = 0; i < sizeof g->before; i++) {
                assert_int_equal(g->before[i], 0x5a);
                assert_int_equal(g->behind[i], 0x5a);
        }
        assert_non_null(memchr(g->e.text, '\0', sizeof g->e.text));
}

static char *long_text(size_t length)
{
        char *text = malloc(length + 1);

        assert_non_null(text);
        memset(text, 'x', length);
        text[length] = '\0';
        return text;
}

static void test_set_says_what_and_why(void **state)
{
        struct err e;

        (void)state;
        assert_int_equal(err_set(&e, ENOENT, "open %s", "/run"), -ENOENT);
        assert_int_equal(e.code, ENOENT);
        assert_string_equal(e.text, "cannot open /run: No such file or directory");
}

static void test_missing_call_names_the_kernel(void **state)
{
        struct err e;

        (void)state;
        assert_int_equal(err_set(&e, ENOSYS, "look up %s (openat2)", "/run"), -ENOSYS);
        assert_contains(e.text, "cannot look up /run (openat2): the kernel lacks this call");
        assert_contains(e.text, "Linux 5.12");
}

static void test_refusal_has_our_words_only(void **state)
{
        struct err e;

        (void)state;
        assert_int_equal(err_refuse(&e, "no %d", 7), -EINVAL);
        assert_int_equal(e.code, EINVAL);
        assert_string_equal(e.text, "no 7");
}

static void test_refusal_with_a_code(void **state)
{
        struct err e;

        (void)state;
        assert_int_equal(err_refuse_as(&e, EXDEV, "%s is on a volume", "/run"), -EXDEV);
        assert_int_equal(e.code, EXDEV);
        assert_string_equal(e.text, "/run is on a volume");
}

/* "return err_set(e, errno, ...)" is the idiom of the tree: an errno that nobody set must not make it a success. */
static void test_a_failure_is_never_a_success(void **state)
{
        static const int codes[] = {0, -1, -ENOENT, INT_MIN};
        struct err e;

        (void)state;
        for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
                assert_int_equal(err_set(&e, codes[i], "open %s", "/run"), -EIO);
                assert_int_equal(e.code, EIO);
                assert_string_equal(e.text, "cannot open /run: Input/output error");
                assert_int_equal(err_within(&e, "c1"), -EIO);
                assert_int_equal(err_hint(&e, "look"), -EIO);
                assert_int_equal(err_refuse_as(&e, codes[i], "no"), -EIO);
        }
}

static void test_context_comes_before(void **state)
{
        struct err e;

        (void)state;
        assert_int_equal(err_set(&e, EPERM, "mount"), -EPERM);
        assert_int_equal(err_within(&e, "%s", "/run"), -EPERM);
        assert_int_equal(err_within(&e, "the container"), -EPERM);
        assert_string_equal(e.text, "the container: /run: cannot mount: Operation not permitted");
        assert_int_equal(e.code, EPERM);
}

static void test_hint_comes_behind(void **state)
{
        struct err e;

        (void)state;
        assert_int_equal(err_refuse(&e, "full"), -EINVAL);
        assert_int_equal(err_hint(&e, "empty %s", "it"), -EINVAL);
        assert_string_equal(e.text, "full; empty it");
}

static void test_what_an_err_says_may_be_said_again(void **state)
{
        struct err e;

        (void)state;
        (void)!err_refuse(&e, "a");
        (void)!err_within(&e, "%s", e.text);
        assert_string_equal(e.text, "a: a");
}

/* Each length of text near the size of the buffer. */
static void test_long_texts_are_cut(void **state)
{
        struct guarded g;

        (void)state;
        for (size_t length = 0; length < 1100; length += length < 200 || length > 720 ? 1 : 40) {
                char *text = long_text(length);

                guard(&g);
                assert_int_equal(err_set(&g.e, EIO, "%s", text), -EIO);
                assert_guarded(&g);
                assert_int_equal(err_within(&g.e, "%s", text), -EIO);
                assert_guarded(&g);
                assert_int_equal(err_hint(&g.e, "%s", text), -EIO);
                assert_guarded(&g);
                guard(&g);
                assert_int_equal(err_refuse(&g.e, "%s", text), -EINVAL);
                assert_guarded(&g);
                assert_int_equal(strlen(g.e.text), length < sizeof g.e.text ? length : sizeof g.e.text - 1);
                free(text);
        }
}

/* Context upon context: what came first is pushed out at the end, what the caller knows stays. */
static void test_many_contexts_stay_within(void **state)
{
        struct guarded g;

        (void)state;
        guard(&g);
        (void)!err_refuse(&g.e, "the first");
        for (int i = 0; i < 400; i++) {
                assert_int_equal(err_within(&g.e, "context %d", i), -EINVAL);
                assert_guarded(&g);
        }
        assert_int_equal(strncmp(g.e.text, "context 399: context 398: ", 26), 0);
        for (int i = 0; i < 400; i++) {
                assert_int_equal(err_hint(&g.e, "hint %d", i), -EINVAL);
                assert_guarded(&g);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_set_says_what_and_why),
                cmocka_unit_test(test_missing_call_names_the_kernel),
                cmocka_unit_test(test_refusal_has_our_words_only),
                cmocka_unit_test(test_refusal_with_a_code),
                cmocka_unit_test(test_a_failure_is_never_a_success),
                cmocka_unit_test(test_context_comes_before),
                cmocka_unit_test(test_hint_comes_behind),
                cmocka_unit_test(test_what_an_err_says_may_be_said_again),
                cmocka_unit_test(test_long_texts_are_cut),
                cmocka_unit_test(test_many_contexts_stay_within),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
