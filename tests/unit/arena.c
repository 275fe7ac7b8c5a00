/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/arena.h"
#include "support.h"

static int make(void **state)
{
        static struct arena arena;

        arena = (struct arena){0};
        *state = &arena;
        return 0;
}

static int end(void **state)
{
        arena_free(*state);
        return 0;
}

static void test_memory_is_zeroed_and_aligned(void **state)
{
        static const size_t sizes[] = {0, 1, 15, 16, 17, 8191, 8192, 8193, 100000, 3};

        for (int round = 0; round < 20; round++)
                for (size_t i = 0; i < count_of(sizes); i++) {
                        unsigned char *p = arena_alloc(*state, sizes[i]);

                        assert_non_null(p);
                        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
                        for (size_t at = 0; at < sizes[i]; at++)
                                assert_int_equal(p[at], 0);
                        memset(p, 0xff, sizes[i]);
                }
}

static void test_pieces_do_not_overlap(void **state)
{
        enum { PIECES = 500 };
        unsigned char *pieces[PIECES];

        for (size_t i = 0; i < PIECES; i++) {
                pieces[i] = arena_alloc(*state, i + 1);
                assert_non_null(pieces[i]);
                memset(pieces[i], (int)(i & 0xff), i + 1);
        }
        for (size_t i = 0; i < PIECES; i++)
                for (size_t at = 0; at <= i; at++)
                        assert_int_equal(pieces[i][at], i & 0xff);
}

static void test_impossible_size_is_null(void **state)
{
        assert_null(arena_alloc(*state, SIZE_MAX));
        assert_null(arena_alloc(*state, SIZE_MAX / 2 + 1));
        assert_non_null(arena_alloc(*state, 1)); /* and it goes on */
}

static void test_copy_ends_with_nul(void **state)
{
        const char *copy = arena_copy(*state, "container", 4);

        assert_string_equal(copy, "cont");
        assert_string_equal(arena_copy(*state, "", 0), "");
        assert_memory_equal(arena_copy(*state, "a\0b", 3), "a\0b", 4);
}

static void test_print(void **state)
{
        char *text = arena_print(*state, "%s-%d", "oci", 42);

        assert_string_equal(text, "oci-42");

        char *longer = arena_print(*state, "%20000d", 1);
        assert_int_equal(strlen(longer), 20000);
        assert_string_equal(text, "oci-42");
}

static void test_grow_keeps_content(void **state)
{
        enum { MOST = 5000 };
        int *table = NULL;

        for (int i = 0; i < MOST; i++) {
                table = arena_grow(*state, table, (size_t)i, sizeof *table);
                assert_non_null(table);
                table[i] = i * 3;
                (void)!arena_alloc(*state, 5); /* what comes between must not matter */
        }
        for (int i = 0; i < MOST; i++)
                assert_int_equal(table[i], i * 3);
}

static void test_grow_leaves_the_old_table_to_its_readers(void **state)
{
        int *table = arena_grow(*state, NULL, 0, sizeof *table), *old = table;

        for (int i = 0; i < 4; i++)
                table[i] = i;
        table = arena_grow(*state, table, 4, sizeof *table);
        table[4] = 4;
        assert_ptr_not_equal(table, old);
        for (int i = 0; i < 4; i++) {
                assert_int_equal(old[i], i);
                assert_int_equal(table[i], i);
        }
}

static void test_free_may_be_called_again(void **state)
{
        struct arena *a = *state;

        arena_free(a);
        assert_non_null(arena_alloc(a, 1));
        arena_free(a);
        arena_free(a);
        assert_null(a->newest);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_memory_is_zeroed_and_aligned, make, end),
                cmocka_unit_test_setup_teardown(test_pieces_do_not_overlap, make, end),
                cmocka_unit_test_setup_teardown(test_impossible_size_is_null, make, end),
                cmocka_unit_test_setup_teardown(test_copy_ends_with_nul, make, end),
                cmocka_unit_test_setup_teardown(test_print, make, end),
                cmocka_unit_test_setup_teardown(test_grow_keeps_content, make, end),
                cmocka_unit_test_setup_teardown(test_grow_leaves_the_old_table_to_its_readers, make, end),
                cmocka_unit_test_setup_teardown(test_free_may_be_called_again, make, end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
