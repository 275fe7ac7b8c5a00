/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/path.h"
#include "support.h"

#include <string.h>

static void test_named_after_an_id(void **state)
{
        static const char *const named[] = {"/web", "/a/web/b", "/oci-web", "/oci-web/payload",
                "/x.slice/runc-web.scope", "/x.slice/runc-web.scope/payload", "/web2/web", "/myweb/oci-web"};
        static const char *const others[] = {"", "/", "web", "/myweb", "/web2", "/oci-web2",
                "/oci-webs.scope", "/web-2", "/web.service", "/oci_web", "/we/b"};

        (void)state;
        for (size_t i = 0; i < count_of(named); i++)
                if (!path_is_named_after(named[i], "web"))
                        fail_msg("%s is named after web", named[i]);
        for (size_t i = 0; i < count_of(others); i++)
                if (path_is_named_after(others[i], "web"))
                        fail_msg("%s is not named after web", others[i]);
        assert_false(path_is_named_after("/web", ""));
}

static void test_cleaned(void **state)
{
        static const struct {
                const char *text, *clean, *squeezed;
        } cases[] = {{"/", "/", "/"}, {"//a///b", "/a/b", "/a/b"}, {"/a/./b", "/a/b", "/a/b"},
                {"/a/../b", "/b", "/a/../b"}, {"/../..", "/", "/../.."}, {"/a/..b", "/a/..b", "/a/..b"},
                {"/.a", "/.a", "/.a"}};

        (void)state;
        for (size_t i = 0; i < count_of(cases); i++) {
                char clean[32], squeezed[32];

                strcpy(clean, cases[i].text);
                strcpy(squeezed, cases[i].text);
                path_clean(clean);
                path_squeeze(squeezed);
                assert_string_equal(clean, cases[i].clean);
                assert_string_equal(squeezed, cases[i].squeezed);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_named_after_an_id), cmocka_unit_test(test_cleaned)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
