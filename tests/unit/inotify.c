/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/inotify.h"
#include "support.h"

/* A host whose limit has been raised before is not told to lower it. */
static void test_the_cure_raises_the_limit(void **state)
{
        (void)state;
        assert_int_equal(inotify_more(128), 1024);
        assert_int_equal(inotify_more(1024), 2048);
        assert_int_equal(inotify_more(8192), 16384);
}

static void test_the_limit_is_the_kernels(void **state)
{
        (void)state;
        assert_true(inotify_limit() > 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_cure_raises_the_limit),
                cmocka_unit_test(test_the_limit_is_the_kernels),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
