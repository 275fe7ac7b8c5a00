/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feature/machined.h"
#include "support.h"

static void names_are_host_names(void **state)
{
        static const char *const good[] = {"web", "web-1", "a.b.c", "1", "Web",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"};
        static const char *const bad[] = {"", "my_box", ".host", "-a", "a-", "a.", "a..b", "a.-b", "a-.b",
                "a b", "a/b", "a\"b", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"};

        (void)state;
        for (size_t i = 0; i < count_of(good); i++)
                assert_true(machined_is_name(good[i]));
        for (size_t i = 0; i < count_of(bad); i++)
                assert_false(machined_is_name(bad[i]));
}

static void a_scope_of_its_own_has_the_id(void **state)
{
        static const char *const own[] = {"/system.slice/runc-web.scope",
                "/machine.slice/libpod-web.scope/container",
                "/kubepods.slice/kubepods-burstable.slice/cri-containerd-web.scope/payload", "/x-web.scope"};
        static const char *const others[] = {"/", "", "/web", "/system.slice/docker.service", "/system.slice",
                "/system.slice/docker.service/web", "/system.slice/docker.service/runc-web.scope",
                /* of a user: the whole of the user's manager is one unit */
                "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-web.scope",
                "/user.slice/user-0.slice/session-web.scope", "/web.scope", "/-web.scope", "/x-web.scopes",
                "/x-myweb.scope", "/x-web2.scope", "/x-web.service"};

        (void)state;
        for (size_t i = 0; i < count_of(own); i++)
                assert_true(machined_is_own_scope(own[i], "web"));
        for (size_t i = 0; i < count_of(others); i++)
                assert_false(machined_is_own_scope(others[i], "web"));
        assert_false(machined_is_own_scope("/x-.scope", ""));
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_are_host_names), cmocka_unit_test(a_scope_of_its_own_has_the_id)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
