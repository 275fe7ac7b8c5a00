/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/machine_id.h"
#include "support.h"

static void assert_derives(const char *container_id, const char *machine_id)
{
        char id[33];

        memset(id, '#', sizeof id);
        machine_id_derive(container_id, id);
        assert_string_equal(id, machine_id);
}

static void test_an_id_of_an_engine(void **state)
{
        (void)state;
        assert_derives("8c1b2a3d4e5f60718293a4b5c6d7e8f90123456789abcdef0123456789abcdef",
                "8c1b2a3d4e5f60718293a4b5c6d7e8f9");
        assert_derives("8C1B2A3D4E5F60718293A4B5C6D7E8F9", "8c1b2a3d4e5f60718293a4b5c6d7e8f9");
        assert_derives("00000000000000000000000000000001", "00000000000000000000000000000001");
        assert_derives("0123456789abcdef0123456789abcdef-web", "0123456789abcdef0123456789abcdef");
}

/* Known values: a change would give every container of that name a new identity at its next start. */
static void test_any_other_id(void **state)
{
        (void)state;
        assert_derives("web-1", "d85d3b654583494fb0816db149e68d3f");
        assert_derives("c1", "0880954a16ab4be99aa0733055ba2a29");
        assert_derives("", "6c62272e07bb4142a2b821756295c58d");
        assert_derives("0123456789abcdef0123456789abcde", "2e22db5c14374efd936b1185892cf511");
        assert_derives("0000000000000000000000000000000000000000000000000000000000000000",
                "bc34f4d194ee4defaafe6b124305588d");
}

/* machine-id(5): 32 lower case digits, not all zero. Hashed, it has the form of a random UUID. */
static void test_form(void **state)
{
        char name[32], id[33], before[33] = "";

        (void)state;
        for (int i = 0; i < 20000; i++) {
                snprintf(name, sizeof name, "container-%d", i);
                machine_id_derive(name, id);
                assert_int_equal(strlen(id), 32);
                assert_int_equal(strspn(id, "0123456789abcdef"), 32);
                assert_true(strspn(id, "0") < 32);
                assert_int_equal(id[12], '4');
                assert_non_null(strchr("89ab", id[16]));
                assert_string_not_equal(id, before);
                strcpy(before, id);
        }
}

static void test_zeros_are_never_given(void **state)
{
        char name[80], id[33];

        (void)state;
        for (size_t length = 0; length < sizeof name - 1; length++) {
                memset(name, '0', length);
                name[length] = '\0';
                machine_id_derive(name, id);
                assert_true(strspn(id, "0") < 32);
        }
}

static void test_as_uuid(void **state)
{
        char uuid[38];

        (void)state;
        memset(uuid, '#', sizeof uuid);
        machine_id_as_uuid("4c6162564d0040008000000000000001", uuid);
        assert_string_equal(uuid, "4c616256-4d00-4000-8000-000000000001");
        assert_int_equal(uuid[37], '#');
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_an_id_of_an_engine),
                cmocka_unit_test(test_any_other_id),
                cmocka_unit_test(test_form),
                cmocka_unit_test(test_zeros_are_never_given),
                cmocka_unit_test(test_as_uuid),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
