/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What config.json shows to be missing for systemd, from config.json on. */
#include "plan/lacks.h"
#include "oci_bundle.h"

#define CAPABILITIES                                                                                         \
        "'capabilities':{'bounding':['CAP_CHOWN','CAP_DAC_OVERRIDE','CAP_FOWNER','CAP_FSETID','CAP_KILL',"   \
        "'CAP_SETGID','CAP_SETUID','CAP_SETPCAP','CAP_SYS_CHROOT','CAP_AUDIT_WRITE']}"
#define ROOT ",'root':{'path':'r'}"

/* What is found in a config.json with this process and these further members, a line each. */
static char *found(const char *bundle, unsigned version, const char *process, const char *more)
{
        static char text[4096];
        char json[4096];
        struct arena a = {0};
        struct oci_config c;
        struct lacks lacks = {0};
        struct err e;
        size_t at = 0;

        snprintf(json, sizeof json, "{'process':{%s}" ROOT "%s}", process, more);
        assert_reads(bundle, json, &a, &c);
        assert_int_equal(lacks_find(&c, &(struct payload){.version = version}, &a, &lacks, &e), 0);
        text[0] = '\0';
        for (size_t i = 0; i < lacks.count; i++)
                at += (size_t)snprintf(text + at, sizeof text - at, "%s\n", lacks.list[i]);
        if (lacks.slow)
                snprintf(text + at, sizeof text - at, "slow: %s\n", lacks.slow);
        arena_free(&a);
        return text;
}

#define assert_nothing(...) assert_string_equal(found(__VA_ARGS__), "")

/* One sentence, and no other. */
static void assert_one(const char *text, const char *has)
{
        assert_contains(text, has);
        assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void test_nothing_is_missing(void **state)
{
        assert_nothing(*state, 262, "'args':['/sbin/init']," CAPABILITIES, "");
        assert_nothing(*state, 262, "'user':{'uid':0,'gid':5},'noNewPrivileges':false," CAPABILITIES, "");
        assert_nothing(*state, 262, "'terminal':true,'env':['TERM=dumb']," CAPABILITIES, "");
        assert_nothing(*state, 262, "'terminal':true,'env':['TERM=']," CAPABILITIES, "");
        assert_nothing(*state, 262, "'terminal':true,'env':['XTERM=xterm']," CAPABILITIES, "");
        assert_nothing(*state, 262, "'env':['TERM=xterm']," CAPABILITIES, "");
        assert_nothing(*state, 257, "'terminal':true,'env':['TERM=xterm']," CAPABILITIES, "");
        assert_nothing(*state, 252, CAPABILITIES,
                ",'mounts':[{'destination':'/run','options':['ro']},{'destination':'/run','options':['rw']},"
                "{'destination':'/run/x','options':['ro']},{'destination':'/runner','options':['ro']}]");
}

/* What is found with this stop signal. */
static const char *found_with_signal(const char *bundle, const char *signal)
{
        char more[128];

        snprintf(more, sizeof more, ",'annotations':{'org.opencontainers.image.stopSignal':'%s'}", signal);
        return found(bundle, 252, CAPABILITIES, more);
}

/* systemd(1), SIGNALS. */
static void test_stop_signals(void **state)
{
        static const char *const end[] = {"", "37", "SIGRTMIN+3", "RTMIN+3", "rtmin+3", "sigrtmin+3",
                "SigRtMin+3", "SIGRTMIN+4", "SIGRTMIN+5", "RTMIN+6", "38", "39", "40", "SIGINT", "int", "2",
                "RTMIN+13", "47", "50", "SIGRTMIN+16", "RTMAX-14", "sigrtmax-27", "KILL", "9"};
        static const char *const do_not[] = {"SIGTERM", "15", "TERM", "SIGHUP", "1", "SIGPWR", "30",
                "SIGQUIT", "3", "RTMIN", "RTMIN+0", "34", "RTMIN+2", "36", "RTMIN+7", "41", "RTMIN+12", "46",
                "51", "RTMIN+20", "RTMIN+", "RTMIN+3x", "RTMIN+-3", "37x", "SIG37", "3 7", "RTMAX-13",
                "RTMIN-3", "4294967333", "x"};

        for (size_t i = 0; i < count_of(end); i++)
                assert_string_equal(found_with_signal(*state, end[i]), "");
        for (size_t i = 0; i < count_of(do_not); i++)
                assert_one(found_with_signal(*state, do_not[i]), "--stop-signal=SIGRTMIN+3");
}

static void test_user(void **state)
{
        assert_one(found(*state, 252, "'user':{'uid':1000}," CAPABILITIES, ""), "user 1000");
        /* who is not root has none anyway */
        assert_one(found(*state, 252, "'user':{'uid':1}", ""), "user 1,");
}

static void test_capabilities(void **state)
{
        assert_one(
                found(*state, 252,
                        "'capabilities':{'bounding':['CAP_AUDIT_WRITE','CAP_KILL','CAP_NET_BIND_SERVICE']}",
                        ""),
                "--cap-add=CHOWN,DAC_OVERRIDE,FOWNER,FSETID,SETGID,SETUID,SETPCAP");
        assert_contains(found(*state, 252, "'args':['/sbin/init']", ""), "SETUID");
        /* the other sets do not limit root */
        assert_contains(found(*state, 252, "'capabilities':{'effective':['CAP_SETUID']}", ""), "SETUID");
}

static void test_the_rest(void **state)
{
        assert_one(found(*state, 252, "'noNewPrivileges':true," CAPABILITIES, ""), "noNewPrivileges");
        assert_one(
                found(*state, 262, "'terminal':true,'env':['TERM=xterm']," CAPABILITIES, ""), "slow: TERM");
        assert_one(found(*state, 252, CAPABILITIES,
                           ",'mounts':[{'destination':'/run/','options':['bind','ro']}]"),
                "/run");
        assert_one(
                found(*state, 252, CAPABILITIES, ",'mounts':[{'destination':'/var/run','options':['ro']}]"),
                "/run");
        assert_one(
                found(*state, 252, "'args':['/usr/bin/tini','--','/sbin/init']," CAPABILITIES, ""), "--init");
}

static void test_limits(void **state)
{
        assert_one(found(*state, 252, CAPABILITIES, ",'linux':{'resources':{'memory':{'limit':8388608}}}"),
                "16 MiB");
        assert_one(found(*state, 252, CAPABILITIES, ",'linux':{'resources':{'pids':{'limit':5}}}"),
                "--pids-limit");
        assert_nothing(*state, 252, CAPABILITIES,
                ",'linux':{'resources':{'memory':{'limit':16777216},'pids':{'limit':16}}}");
        assert_nothing(*state, 252, CAPABILITIES,
                ",'linux':{'resources':{'memory':{'limit':-1},'pids':{'limit':-1}}}");
}

static void test_a_shell_that_forks(void **state)
{
        const struct oci_config c = {.capabilities = ~UINT64_C(0)};
        struct arena a = {0};
        struct lacks lacks;
        struct err e;

        (void)state;
        assert_int_equal(lacks_find(&c, &(struct payload){.is_child = true}, &a, &lacks, &e), 0);
        assert_int_equal(lacks.count, 1);
        assert_contains(lacks.list[0], "put exec before it");
        assert_int_equal(lacks_find(&c, &(struct payload){0}, &a, &lacks, &e), 0);
        assert_int_equal(lacks.count, 0);
        arena_free(&a);
}

static void test_small_inits(void **state)
{
        static const char *const are[] = {"/sbin/docker-init", "tini", "/usr/bin/tini-static", "/dev/init",
                "/run/podman-init", "/usr/libexec/podman/catatonit", "dumb-init", "/tini-amd64",
                "tini-static-amd64", "tini-muslc-arm64", "tini-0.19.0", "/usr/bin/dumb-init_1.2.5_x86_64",
                "dumb-init_1.2.5_amd64", "/catatonit.x86_64", "catatonit-x86_64", "tini-v0.19.0-ppc64le"};
        static const char *const are_not[] = {"/sbin/init", "/lib/systemd/systemd", "/tini/init", "", "tin",
                "/dev/init/", "tinily", "tini-", "tini-wrapper", "tini.conf", "catatonit-x86_64-",
                "dumb-init-v", "tini_", NULL};

        (void)state;
        for (size_t i = 0; i < count_of(are); i++)
                assert_true(oci_is_small_init(are[i]));
        for (size_t i = 0; i < count_of(are_not); i++)
                assert_false(oci_is_small_init(are_not[i]));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                with_bundle(test_nothing_is_missing),
                with_bundle(test_stop_signals),
                with_bundle(test_user),
                with_bundle(test_capabilities),
                with_bundle(test_the_rest),
                with_bundle(test_limits),
                cmocka_unit_test(test_small_inits),
                cmocka_unit_test(test_a_shell_that_forks),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
