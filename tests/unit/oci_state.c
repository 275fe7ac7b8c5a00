/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci/oci.h"
#include "support.h"

static int read_state(const char *text, struct arena *a, struct oci_state *s, struct err *e)
{
        char *json = json_of(text);
        int fd = file_of(json, strlen(json));
        int r;

        free(json);

        *e = (struct err){0};
        r = oci_read_state(fd, a, s, e);
        close(fd);
        return r;
}

static void assert_state_refused(const char *text, const char *why)
{
        struct arena a = {0};
        struct oci_state s = {.pid = 4711};
        struct err e;

        if (read_state(text, &a, &s, &e) == 0)
                fail_msg("accepted: %s", text);
        assert_contains(e.text, "the container's state on standard input");
        assert_contains(e.text, why);
        assert_int_equal(s.pid, 4711); /* untouched */
        arena_free(&a);
}

static void test_state(void **state)
{
        struct arena a = {0};
        struct oci_state s;
        struct err e;

        (void)state;
        assert_int_equal(
                read_state("{'ociVersion':'1.0.2','id':'web','pid':123,'status':'creating','bundle':'/"
                           "b','root':'/r','annotations':{'a.b':'c','org.oci-systemd-hook.mode':'off'}}",
                        &a, &s, &e),
                0);
        assert_string_equal(s.id, "web");
        assert_int_equal(s.pid, 123);
        assert_false(s.stopped);
        assert_string_equal(s.bundle, "/b");
        assert_int_equal(s.annotations.count, 1);
        assert_string_equal(s.annotations.list[0].key, "mode");
        assert_string_equal(s.annotations.list[0].value, "off");
        arena_free(&a);
}

static void test_state_of_a_stopped_container(void **state)
{
        static const char *const texts[] = {"{'id':'web','status':'stopped'}",
                "{'id':'web','status':'stopped','pid':0}",
                "{'id':'web','status':'stopped','pid':null,'bundle':null,'annotations':null}"};
        struct oci_state s;
        struct err e;

        (void)state;
        for (size_t i = 0; i < count_of(texts); i++) {
                struct arena a = {0};

                assert_int_equal(read_state(texts[i], &a, &s, &e), 0);
                assert_int_equal(s.pid, 0);
                assert_true(s.stopped);
                assert_null(s.bundle);
                assert_int_equal(s.annotations.count, 0);
                arena_free(&a);
        }
}

static void test_bundle_by_either_name(void **state)
{
        static const char *const texts[] = {"{'id':'web','bundlePath':'/old'}",
                "{'id':'web','bundlePath':'/old','bundle':null}", "{'id':'web','bundle':'/old'}"};
        struct arena a = {0};
        struct oci_state s;
        struct err e;

        (void)state;
        for (size_t i = 0; i < count_of(texts); i++) {
                assert_int_equal(read_state(texts[i], &a, &s, &e), 0);
                assert_string_equal(s.bundle, "/old");
        }
        /* whichever comes first, it is the current name that counts */
        assert_int_equal(read_state("{'id':'web','bundle':'/new','bundlePath':'/old'}", &a, &s, &e), 0);
        assert_string_equal(s.bundle, "/new");
        assert_int_equal(read_state("{'id':'web','bundlePath':'/old','bundle':'/new'}", &a, &s, &e), 0);
        assert_string_equal(s.bundle, "/new");
        arena_free(&a);
        assert_state_refused("{'id':'web','bundle':'relative'}", "bundle: \"relative\" is not an absolute");
        assert_state_refused("{'id':'web','bundle':''}", "is not an absolute");
}

static void test_pid(void **state)
{
        (void)state;
        assert_state_refused("{'id':'web','pid':-1}", "pid: -1 is not a process id");
        assert_state_refused("{'id':'web','pid':2147483648}", "pid: 2147483648 is not a process id");
        assert_state_refused("{'id':'web','pid':4294967297}", "pid: 4294967297 is not a process id");
        assert_state_refused("{'id':'web','pid':9223372036854775808}", "pid: expected a whole number");
        assert_state_refused("{'id':'web','pid':'123'}", "pid: expected a whole number, found a string");
        assert_state_refused("{'id':'web','pid':12.5}", "pid: expected a whole number");
        assert_state_refused("{'id':'web','pid':true}", "pid: expected a whole number");
}

static void test_id_rules(void **state)
{
        char text[512], id[256];
        struct arena a = {0};
        struct oci_state s;
        struct err e;

        (void)state;
        assert_state_refused("{'pid':7}", "no id in it");
        assert_state_refused("{}", "no id in it");
        assert_state_refused("{'id':null}", "no id in it");
        assert_state_refused("{'id':''}", "id: an id has 1 to 251 bytes");
        assert_state_refused("{'id':'.'}", "id: \".\" cannot be the id");
        assert_state_refused("{'id':'..'}", "id: \"..\" cannot be the id");
        assert_state_refused("{'id':'a/b'}", "cannot be the id");
        assert_state_refused("{'id':'/'}", "cannot be the id");
        assert_state_refused("{'id':'a\\nb'}", "a control byte");
        assert_state_refused("{'id':'a\\u007fb'}", "a control byte");
        assert_state_refused("{'id':'a\\u0000b'}", "NUL");
        assert_state_refused("{'id':7}", "id: expected a string, found a number");

        memset(id, 'x', OCI_ID_MOST + 1);
        id[OCI_ID_MOST + 1] = '\0';
        snprintf(text, sizeof text, "{'id':'%s'}", id);
        assert_state_refused(text, "an id has 1 to 251 bytes");
        snprintf(text, sizeof text, "{'id':'%s'}", id + 1);
        assert_int_equal(read_state(text, &a, &s, &e), 0);
        assert_int_equal(strlen(s.id), OCI_ID_MOST);
        assert_int_equal(read_state("{'id':'...'}", &a, &s, &e), 0);
        assert_int_equal(read_state("{'id':'Web_1.2-3+4 5'}", &a, &s, &e), 0);
        assert_string_equal(s.id, "Web_1.2-3+4 5");
        arena_free(&a);
}

static void test_state_is_not_there(void **state)
{
        struct arena a = {0};
        struct oci_state s;
        struct err e;

        (void)state;
        assert_state_refused("", "it is empty; a runtime calls this program");
        assert_state_refused("{'id':'web'", "not valid JSON");
        assert_state_refused("[]", "expected an object");
        assert_true(oci_read_state(-1, &a, &s, &e) < 0);
        assert_contains(e.text, "a runtime calls this program");
        arena_free(&a);
}

static void test_annotations_of_the_state(void **state)
{
        char text[8192] = "{'id':'web','annotations':{";

        (void)state;
        assert_state_refused("{'id':'web','annotations':[]}", "annotations: expected an object");
        assert_state_refused("{'id':'web','annotations':{'org.oci-systemd-hook.mode':true}}",
                "annotations.org.oci-systemd-hook.mode: expected a string");
        assert_state_refused("{'id':'web','annotations':{'org.oci-systemd-hook.mode':'off','org.oci-systemd-"
                             "hook.mode':'auto'}}",
                "annotations.org.oci-systemd-hook.mode: the key comes twice");
        for (int i = 0; i < 65; i++)
                sprintf(text + strlen(text), "'org.oci-systemd-hook.%d':'x',", i);
        sprintf(text + strlen(text), "'b':'c'}}");
        assert_state_refused(text, "more than 64 keys");
}

/* A container that asks for nothing was failed by an annotation of somebody else's, by a deep one, and by a long id. */
static void test_what_others_say_fails_no_container(void **state)
{
        struct arena a = {0};
        struct oci_state s;
        struct err e;
        char text[2048] = "{'id':'web','more':";

        (void)state;
        assert_int_equal(read_state("{'id':'web','annotations':{'a':'\\u0000','b\\u0000':'c',"
                                    "'org.opencontainers.image.stopSignal':'\\u0000'}}",
                                 &a, &s, &e),
                0);
        assert_state_refused("{'id':'web','annotations':{'org.oci-systemd-hook.mode':'off\\u0000'}}",
                "annotations.org.oci-systemd-hook.mode: a string has a NUL byte in it");
        assert_state_refused("{'id':'web','annotations':{'org.oci-systemd-hook.mode\\u0000x':'off'}}",
                "a NUL byte in a key");
        memset(text + strlen(text), '[', 500);
        memset(text + strlen(text), ']', 500);
        strcat(text, "}");
        assert_int_equal(read_state(text, &a, &s, &e), 0);
        arena_free(&a);
}

static void test_annotate(void **state)
{
        struct annotation list[] = {{"mode", "always"}, {"cgroup", "legacy"}};
        struct annotations annotations = {list, 2};
        struct settings s = SETTINGS_DEFAULT;
        struct err e;

        (void)state;
        assert_int_equal(oci_annotate(&annotations, &s, &e), 0);
        assert_int_equal(s.mode, MODE_ALWAYS);
        assert_int_equal(s.cgroup, CGROUP_LEGACY);
        list[1].value = "cgroup3";
        assert_int_equal(oci_annotate(&annotations, &s, &e), -EINVAL);
        assert_contains(e.text, "annotation: invalid value cgroup3 for org.oci-systemd-hook.cgroup");
}

/* Podman's kube generate and CRI write KEY/CONTAINER for one container of a pod. */
static void test_a_key_for_one_container_of_a_pod(void **state)
{
        static const struct {
                const char *annotations;
                enum mode mode;
        } cases[] = {
                {"'org.oci-systemd-hook.mode/web':'always'", MODE_ALWAYS},
                {"'org.oci-systemd-hook.mode/web':'always','io.kubernetes.cri.container-name':'web'",
                        MODE_ALWAYS},
                {"'io.kubernetes.container.name':'web','org.oci-systemd-hook.mode/web':'always'",
                        MODE_ALWAYS},
                {"'io.kubernetes.container.name':'db','org.oci-systemd-hook.mode/web':'always'", MODE_AUTO},
                {"'io.kubernetes.container.name':'db','org.oci-systemd-hook.mode/web':'always',"
                 "'org.oci-systemd-hook.mode/db':'off'",
                        MODE_OFF},
                {"'org.oci-systemd-hook.mode/web':'off','org.oci-systemd-hook.mode':'always'", MODE_OFF},
                {"'org.oci-systemd-hook.mode':'always','org.oci-systemd-hook.mode/web':'off'", MODE_OFF},
        };

        (void)state;
        for (size_t i = 0; i < count_of(cases); i++) {
                struct arena a = {0};
                struct oci_state s;
                struct settings settings = SETTINGS_DEFAULT;
                struct err e;
                char text[512];

                snprintf(text, sizeof text, "{'id':'c','annotations':{%s}}", cases[i].annotations);
                assert_int_equal(read_state(text, &a, &s, &e), 0);
                assert_int_equal(oci_annotate(&s.annotations, &settings, &e), 0);
                assert_int_equal(settings.mode, cases[i].mode);
                arena_free(&a);
        }
        assert_state_refused("{'id':'c','annotations':{'org.oci-systemd-hook.mode/a':'off',"
                             "'org.oci-systemd-hook.mode/a':'auto'}}",
                "the key comes twice");
}

static void test_annotate_says_what_was_set(void **state)
{
        struct annotation list[] = {{"tmpfs.tmp", "1m"}};
        struct annotations annotations = {list, 1};
        struct settings s = SETTINGS_DEFAULT;
        struct err e;

        (void)state;
        assert_int_equal(settings_option(&s, "mode", "auto", &e), 0);
        assert_int_equal(oci_annotate(&annotations, &s, &e), 0);
        assert_int_equal(s.annotated, 1u << SETTING_TMP);
        assert_int_equal(s.given, 1u << SETTING_TMP | 1u << SETTING_MODE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_state),
                cmocka_unit_test(test_state_of_a_stopped_container),
                cmocka_unit_test(test_bundle_by_either_name),
                cmocka_unit_test(test_pid),
                cmocka_unit_test(test_id_rules),
                cmocka_unit_test(test_state_is_not_there),
                cmocka_unit_test(test_annotations_of_the_state),
                cmocka_unit_test(test_what_others_say_fails_no_container),
                cmocka_unit_test(test_annotate),
                cmocka_unit_test(test_a_key_for_one_container_of_a_pod),
                cmocka_unit_test(test_annotate_says_what_was_set),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
