/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci_bundle.h"

static void test_config_defaults(void **state)
{
        struct arena a = {0};
        struct oci_config c;

        assert_reads(*state, "{'ociVersion':'1.0.2','root':{'path':'rootfs'}}", &a, &c);
        assert_null(c.command);
        assert_string_equal(c.cwd, "/");
        assert_string_equal(c.path, "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        assert_false(c.disabled);
        assert_string_equal(c.root, "rootfs");
        assert_false(c.root_read_only);
        assert_int_equal(c.mount_count, 0);
        assert_null(c.process_label);
        assert_null(c.mount_label);
        assert_false(c.pid_namespace || c.cgroup_namespace || c.user_namespace);
        assert_int_equal(c.root_uid, 0);
        assert_int_equal(c.memory_limit, 0);
        arena_free(&a);
}

static void test_process(void **state)
{
        struct arena a = {0};
        struct oci_config c;

        assert_reads(*state,
                "{'process':{'terminal':true,'user':{'uid':0},'args':['/sbin/init','--x','3'],'cwd':'/"
                "srv','env':['A=b','PATH=/first','XPATH=/no','PATH=/x:/"
                "y','TERM=xterm'],'capabilities':{'bounding':['CAP_KILL']}},'root':{'path':'/"
                "r','readonly':true}}",
                &a, &c);
        assert_string_equal(c.command, "/sbin/init");
        assert_string_equal(c.cwd, "/srv");
        assert_string_equal(c.path, "/x:/y"); /* the runtimes set them in turn */
        assert_false(c.disabled);
        assert_true(c.root_read_only);
        assert_reads(*state,
                "{'process':{'args':[],'selinuxLabel':'system_u:system_r:container_t:s0:c1,c2'},'root':{'"
                "path':'r'}}",
                &a, &c);
        assert_null(c.command);
        assert_string_equal(c.process_label, "system_u:system_r:container_t:s0:c1,c2");
        assert_reads(*state, "{'process':{'selinuxLabel':''},'root':{'path':'r'}}", &a, &c);
        assert_null(c.process_label);
        assert_reads(*state, "{'process':{'args':['','x']},'root':{'path':'r'}}", &a, &c);
        assert_string_equal(c.command, "");
        assert_reads(*state, "{'process':{'env':['oci-systemd-hook=disabled']},'root':{'path':'r'}}", &a, &c);
        assert_true(c.disabled);
        assert_reads(*state,
                "{'process':{'env':['oci-systemd-hook=disabled2','xoci-systemd-hook=disabled']},'root':{'"
                "path':'r'}}",
                &a, &c);
        assert_false(c.disabled);
        arena_free(&a);
}

/* The bounding set alone says what a program inside can ever have. */
static void test_capabilities(void **state)
{
        struct arena a = {0};
        struct oci_config c;

        assert_reads(*state, "{'root':{'path':'r'}}", &a, &c);
        assert_int_equal(c.capabilities, 0);
        assert_reads(*state,
                "{'process':{'capabilities':{'effective':['CAP_SYS_ADMIN'],'bounding':['CAP_CHOWN','CAP_"
                "SETPCAP',"
                "'CAP_CHECKPOINT_RESTORE','CAP_NEWER_THAN_THIS','SYS_ADMIN','cap_mknod'],'permitted':[]}},"
                "'root':{'path':'r'}}",
                &a, &c);
        assert_int_equal(c.capabilities, UINT64_C(1) << 0 | UINT64_C(1) << 8 | UINT64_C(1) << 40);
        assert_reads(*state,
                "{'process':{'capabilities':{'bounding':['CAP_SYS_ADMIN']}},'root':{'path':'r'}}", &a, &c);
        assert_int_equal(c.capabilities, UINT64_C(1) << 21);
        assert_config_refused(*state, "{'process':{'capabilities':{'bounding':[7]}},'root':{'path':'r'}}",
                "process.capabilities.bounding: expected a string");
        arena_free(&a);
}

static void test_config_of_the_wrong_shape(void **state)
{
        static const struct {
                const char *text, *why;
        } cases[] = {
                {"{}", "no root.path in it"},
                {"{'root':{}}", "no root.path in it"},
                {"{'root':{'path':''}}", "root.path: an empty path"},
                {"{'root':{'path':7}}", "root.path: expected a string, found a number"},
                {"{'root':{'path':'r','readonly':'yes'}}", "root.readonly: expected true or false"},
                {"{'root':'r'}", "root: expected an object, found a string"},
                {"{'process':{'args':'init'}}", "process.args: expected an array, found a string"},
                {"{'process':{'cwd':[]}}", "process.cwd: expected a string"},
                {"{'process':{'env':{}}}", "process.env: expected an array"},
                {"{'mounts':{}}", "mounts: expected an array"},
                {"{'mounts':[{'destination':1}]}", "mounts.destination: expected a string"},
                {"{'mounts':[{'options':'ro'}]}", "mounts.options: expected an array"},
                {"{'linux':{'namespaces':[{'type':1}]}}", "linux.namespaces.type: expected a string"},
                {"{'linux':{'resources':{'memory':{'limit':'1g'}}}}",
                        "linux.resources.memory.limit: expected a whole number"},
                {"{'linux':{'uidMappings':[{'hostID':-5}]}}", "linux.uidMappings.hostID: -5 is not an id"},
                {"{'linux':{'gidMappings':[{'hostID':4294967296}]}}", "hostID: 4294967296 is not an id"},
                {"{'linux':{'mountLabel':{}}}", "linux.mountLabel: expected a string, found an object"},
                {"{'annotations':{'a':1}}", "annotations.a: expected a string, found a number"},
                {"{'root':{'path':'r'}", "not valid JSON"},
                {"", "it is empty"},
        };

        for (size_t i = 0; i < count_of(cases); i++)
                assert_config_refused(*state, cases[i].text, cases[i].why);
}

static void test_root_is_relative_to_the_bundle(void **state)
{
        struct arena a = {0};

        (void)state;
        assert_string_equal(oci_root(&(struct oci_config){.root = "rootfs"}, "/b", &a), "/b/rootfs");
        assert_string_equal(oci_root(&(struct oci_config){.root = "/else"}, "/b", &a), "/else");
        arena_free(&a);
}

static void test_linux(void **state)
{
        struct arena a = {0};
        struct oci_config c;

        assert_reads(*state,
                "{'root':{'path':'r'},'linux':{'mountLabel':'system_u:object_r:container_file_t:s0','"
                "namespaces':[{'type':'mount'},{'type':'pid'},{'path':'/"
                "p','type':'cgroup'}],'uidMappings':[{'containerID':1,'hostID':5,'size':9},{'size':1,'hostID'"
                ":100000,'containerID':0}],'gidMappings':[{'containerID':0,'hostID':4294967294,'size':1},{'"
                "containerID':3,'hostID':4}],'resources':{'memory':{'limit':104857600,'swap':-1},'pids':{'"
                "limit':5}}}}",
                &a, &c);
        assert_string_equal(c.mount_label, "system_u:object_r:container_file_t:s0");
        assert_true(c.pid_namespace);
        assert_true(c.cgroup_namespace);
        assert_false(c.user_namespace);
        assert_int_equal(c.root_uid, 100000);
        assert_int_equal(c.root_gid, 4294967294);
        assert_int_equal(c.memory_limit, 104857600);
        assert_reads(*state,
                "{'root':{'path':'r'},'linux':{'mountLabel':'','namespaces':[{'type':'user'},{},{'type':'"
                "pidx'},{'type':'a-type-longer-than-any-there-is'}],'uidMappings':[{'hostID':7},{'"
                "containerID':0}],'resources':{'memory':{'limit':-1}}}}",
                &a, &c);
        assert_null(c.mount_label);
        assert_true(c.user_namespace);
        assert_false(c.pid_namespace || c.cgroup_namespace);
        assert_int_equal(c.root_uid, 0);
        assert_int_equal(c.memory_limit, 0);
        arena_free(&a);
}

/* cgroup2's own file says it, too (--cgroup-conf); the smaller one holds. */
static void test_memory_limits(void **state)
{
        static const struct {
                const char *resources;
                uint64_t limit;
        } cases[] = {
                {"'unified':{'memory.max':'33554432'}", 33554432},
                {"'unified':{'memory.max':'max','memory.high':'7'}", 0},
                {"'unified':{'memory.max':'1k'}", 0},
                {"'memory':{'limit':9},'unified':{'memory.max':'8'}", 8},
                {"'unified':{'memory.max':'9'},'memory':{'limit':8}", 8},
        };

        for (size_t i = 0; i < count_of(cases); i++) {
                struct arena a = {0};
                struct oci_config c;
                char text[256];

                snprintf(text, sizeof text, "{'root':{'path':'r'},'linux':{'resources':{%s}}}",
                        cases[i].resources);
                assert_reads(*state, text, &a, &c);
                if (c.memory_limit != cases[i].limit)
                        fail_msg("%s", text);
                arena_free(&a);
        }
}

/* With a path it is another container's. */
static void test_a_joined_pid_namespace(void **state)
{
        struct arena a = {0};
        struct oci_config c;

        assert_reads(*state,
                "{'root':{'path':'r'},'linux':{'namespaces':[{'type':'pid','path':'/proc/7/ns/"
                "pid'},{'type':'cgroup'}]}}",
                &a, &c);
        assert_false(c.pid_namespace);
        assert_true(c.cgroup_namespace);
        assert_reads(*state,
                "{'root':{'path':'r'},'linux':{'namespaces':[{'path':'/"
                "p','type':'ipc'},{'type':'pid','path':''}]}}",
                &a, &c);
        assert_true(c.pid_namespace);
        arena_free(&a);
}

/* A text of length bytes with filling in place of the '@' of format. */
static char *filled(const char *format, size_t length)
{
        const char *at = strchr(format, '@');
        char *text = malloc(strlen(format) + length), *end = text;

        assert_non_null(text);
        end = (char *)memcpy(text, format, (size_t)(at - format)) + (at - format);
        memset(end, 'x', length);
        strcpy(end + length, at + 1);
        return text;
}

/* What the runtimes take must not keep a container from its start: a script as an argument of 128 KiB, the
 * kernel's limit, and what cluster software writes in annotations that are not ours. */
static void test_long_strings_of_no_concern(void **state)
{
        static const char *const formats[] = {
                "{'root':{'path':'r'},'process':{'args':['/bin/sh','-c','@']}}",
                "{'root':{'path':'r'},'process':{'env':['SCRIPT=@']}}",
                "{'root':{'path':'r'},'annotations':{'example.org/applied':'@'}}",
        };
        static const size_t lengths[] = {60000, 131000, 262144};

        for (size_t format = 0; format < count_of(formats); format++)
                for (size_t length = 0; length < count_of(lengths); length++) {
                        struct arena a = {0};
                        struct oci_config c;
                        char *text = filled(formats[format], lengths[length]);

                        struct err e;
                        int r = read_config(*state, text, &a, &c, &e);

                        free(text);
                        arena_free(&a);
                        if (r < 0)
                                fail_msg("%s", e.text);
                }
}

/* known: what it saw, and what it answers. */
struct knowing {
        int calls, answer;
        char command[64], root[64];
};

static int on_known(void *with, const struct oci_config *c, struct err *e)
{
        struct knowing *k = with;

        k->calls++;
        snprintf(k->command, sizeof k->command, "%s", c->command ? c->command : "none");
        snprintf(k->root, sizeof k->root, "%s%s", c->root, c->root_read_only ? " ro" : "");
        return k->answer < 0 ? err_set(e, -k->answer, "know this") : k->answer;
}

static int read_knowing(
        const char *bundle, const char *text, struct knowing *k, struct oci_config *c, struct err *e)
{
        static struct arena a;

        arena_free(&a); /* of the call before */
        *e = (struct err){0};
        write_config(bundle, text);
        return oci_read_config(bundle, on_known, k, &a, c, e);
}

/* As soon as both are read, in whatever order they come; what follows is not even looked at. */
static void test_known_ends_the_reading(void **state)
{
        static const char *const texts[] = {
                "{'process':{'args':['/init']},'root':{'path':'r','readonly':true},'mounts':7 and",
                "{'root':{'path':'r','readonly':true},'mounts':[],'process':{'args':['/init']} no more",
        };
        struct oci_config c;
        struct err e;

        for (size_t i = 0; i < count_of(texts); i++) {
                struct knowing k = {.answer = OCI_NEEDS_NOTHING};

                assert_int_equal(read_knowing(*state, texts[i], &k, &c, &e), 0);
                assert_int_equal(k.calls, 1);
                assert_string_equal(k.command, "/init");
                assert_string_equal(k.root, "r ro");
                k = (struct knowing){.answer = OCI_NEEDS_ALL};
                assert_int_equal(read_knowing(*state, texts[i], &k, &c, &e), -EINVAL);
                assert_int_equal(k.calls, 1);
                k = (struct knowing){.answer = -EPERM};
                assert_int_equal(read_knowing(*state, texts[i], &k, &c, &e), -EPERM);
                assert_string_equal(e.text, "cannot know this: Operation not permitted");
        }
}

/* In whatever order; without one of them all is read. */
static void test_no_more_than_the_mounts(void **state)
{
        static const char *const enough[] = {
                "{'process':{},'root':{'path':'r'},'mounts':[{'destination':'/run'}],"
                "'linux':{'resources':{'memory':{'limit':7}},'uidMappings':7 and",
                "{'linux':{'resources':{'memory':{'limit':7}}},'mounts':[{'destination':'/"
                "run'}],'process':{},"
                "'root':{'path':'r'} no more",
                "{'root':{'path':'r'},'process':{},'linux':{'resources':{'memory':{'limit':7}}},"
                "'mounts':[{'destination':'/run'}] no more",
        };
        static const char *const cut[] = {
                "{'process':{},'root':{'path':'r'},'mounts':[{'destination':'/run'}],'linux':{} and",
                "{'process':{},'root':{'path':'r'},'mounts':null,'linux':{'resources':{}} and",
                "{'process':{},'root':{'path':'r'},'linux':{'resources':{}} and",
        };
        struct oci_config c;
        struct err e;

        for (size_t i = 0; i < count_of(enough); i++) {
                struct knowing k = {.answer = OCI_NEEDS_MOUNTS};

                assert_int_equal(read_knowing(*state, enough[i], &k, &c, &e), 1);
                assert_int_equal(k.calls, 1);
                assert_int_equal(c.mount_count, 1);
                assert_int_equal(c.memory_limit, 7);
                k = (struct knowing){.answer = OCI_NEEDS_MOUNTS};
                assert_int_equal(read_knowing(*state, cut[i], &k, &c, &e), -EINVAL);
                assert_int_equal(k.calls, 1);
        }
}

static void test_known_is_asked_once(void **state)
{
        static const char whole[] =
                "{'annotations':{},'root':{'path':'r'},'process':{},'mounts':[{'destination':'/run'}]}";
        struct knowing k = {.answer = OCI_NEEDS_ALL};
        struct oci_config c;
        struct err e;

        assert_int_equal(read_knowing(*state, whole, &k, &c, &e), 1);
        assert_int_equal(k.calls, 1);
        assert_string_equal(k.command, "none");
        assert_int_equal(c.mount_count, 1);
        k = (struct knowing){.answer = OCI_NEEDS_ALL};
        assert_int_equal(read_knowing(*state, "{'process':{},'root':{}}", &k, &c, &e), -EINVAL);
        assert_int_equal(k.calls, 0);
        assert_contains(e.text, "no root.path in it");
        assert_int_equal(read_knowing(*state, "{'process':{'args':7}}", &k, &c, &e), -EINVAL);
        assert_int_equal(k.calls, 0);
        assert_int_equal(read_knowing(*state, "{}", &k, &c, &e), -EINVAL);
        assert_int_equal(k.calls, 0);
}

static void test_config_is_a_regular_file(void **state)
{
        char *minimal = json_of("{'root':{'path':'r'}}");
        struct arena a = {0};
        struct oci_config c;
        struct err e;
        char path[PATH_MAX];

        scratch_path(path, *state, "config.json");
        assert_int_equal(read_bundle(*state, &a, &c, &e), -ENOENT);
        assert_contains(e.text, "config.json");
        assert_int_equal(mkfifo(path, 0600), 0);
        alarm(20); /* a FIFO without a writer must not hold it up */
        assert_int_equal(read_bundle(*state, &a, &c, &e), -EINVAL);
        alarm(0);
        assert_contains(e.text, "not a regular file");
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_int_equal(read_bundle(*state, &a, &c, &e), -EINVAL);
        assert_contains(e.text, "not a regular file");
        assert_int_equal(rmdir(path), 0);
        scratch_link(*state, "config.json", "/dev/zero");
        assert_int_equal(read_bundle(*state, &a, &c, &e), -EINVAL);
        assert_contains(e.text, "not a regular file");
        assert_int_equal(unlink(path), 0);
        scratch_link(*state, "config.json", "gone.json");
        assert_int_equal(read_bundle(*state, &a, &c, &e), -ENOENT);
        scratch_write(*state, "gone.json", minimal, strlen(minimal) - 1, 0600);
        assert_int_equal(read_bundle(*state, &a, &c, &e), -EINVAL); /* cut */
        scratch_write(*state, "gone.json", minimal, strlen(minimal), 0600);
        assert_int_equal(read_bundle(*state, &a, &c, &e), 0); /* the bundle is the engine's */
        assert_string_equal(c.root, "r");
        free(minimal);
        arena_free(&a);
}

static void test_bundle_is_a_directory(void **state)
{
        struct arena a = {0};
        struct oci_config c;
        struct err e;
        char path[PATH_MAX];

        assert_int_equal(read_bundle(scratch_path(path, *state, "missing"), &a, &c, &e), -ENOENT);
        assert_contains(e.text, "open the bundle");
        assert_contains(e.text, path);
        scratch_write(*state, "file", "", 0, 0600);
        assert_int_equal(read_bundle(scratch_path(path, *state, "file"), &a, &c, &e), -ENOTDIR);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                with_bundle(test_config_defaults),
                with_bundle(test_process),
                with_bundle(test_capabilities),
                with_bundle(test_config_of_the_wrong_shape),
                cmocka_unit_test(test_root_is_relative_to_the_bundle),
                with_bundle(test_linux),
                with_bundle(test_memory_limits),
                with_bundle(test_a_joined_pid_namespace),
                with_bundle(test_long_strings_of_no_concern),
                with_bundle(test_known_ends_the_reading),
                with_bundle(test_no_more_than_the_mounts),
                with_bundle(test_known_is_asked_once),
                with_bundle(test_config_is_a_regular_file),
                with_bundle(test_bundle_is_a_directory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
