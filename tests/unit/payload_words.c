/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command lines that lead to systemd by a wrapper or a script, and those that do not: contract section 4. */
#include "elf_image.h"
#include "host/payload.h"
#include <time.h>

#define WORDS_MOST 200

static const struct elf_wish manager = {.needed = {"libsystemd-core-257.so"}};
static const struct elf_wish old = {.needed = {"libsystemd-shared-239.so"}};
static const struct elf_wish tool = {.needed = {"libsystemd-core-257.so"}};
static const struct elf_wish other = {.needed = {"libc.so.6"}};

static void write_script(const char *root, const char *name, const char *text, mode_t mode)
{
        scratch_write(root, name, text, strlen(text), mode);
}

static int make_tree(void **state)
{
        static const char *const programs[] = {"bin/sh", "bin/bash", "bin/dash", "bin/ash", "bin/busybox",
                "usr/bin/env", "usr/bin/tini", "sbin/docker-init", "dev/init", "usr/bin/dumb-init",
                "usr/bin/catatonit", "usr/bin/python3", "usr/bin/setpriv", "bin/echo", "bin/zsh"};

        if (scratch_make(state) < 0)
                return -1;
        for (size_t i = 0; i < count_of(programs); i++)
                elf_write(*state, programs[i], &other, 0755);
        elf_write(*state, "usr/lib/systemd/systemd", &manager, 0755);
        elf_write(*state, "usr/bin/systemd-analyze", &tool, 0755);
        scratch_link(*state, "sbin/init", "/usr/lib/systemd/systemd");
        write_script(*state, "entrypoint.sh", "#!/bin/sh\nexec \"$@\"\n", 0755);
        write_script(*state, "no-mode.sh", "exec \"$@\"\n", 0644);
        write_script(*state, "entry.py", "#!/usr/bin/env python3\n", 0755);
        write_script(*state, "dumb.sh", "#!/usr/bin/dumb-init /bin/sh\nexec /sbin/init\n", 0755);
        write_script(*state, "tiny.sh", "#!/usr/bin/env -S tini -- sh\nexec /sbin/init\n", 0755);
        write_script(
                *state, "a/init", "#!/bin/bash -e\nmount -a\nexec /usr/lib/systemd/systemd \"$@\"\n", 0755);
        write_script(*state, "b/init", "#!/usr/bin/env bash\nmount -a\nexec /lib/systemd/systemd\n", 0755);
        write_script(*state, "s6/init", "#!/bin/sh -e\nexec /command/s6-overlay-suexec\n", 0755);
        write_script(*state, "openrc/init", "#!/sbin/openrc-run\ndescription=systemd\n", 0755);
        write_script(*state, "execline/init", "#!/command/execlineb -P\n/usr/lib/systemd/systemd\n", 0755);
        return 0;
}

/* words: one command line, its words separated by '|'; \1 is a '|' in one. */
static void inspect_as(const char *root, const char *words, struct oci_config c, struct payload *p)
{
        const char *list[WORDS_MOST];
        char *copy = strdup(words), *rest = copy, *word;
        struct croot croot = {open(root, O_PATH | O_DIRECTORY | O_CLOEXEC)};
        struct err e;

        assert_true(croot.fd >= 0);
        c.args = list;
        while ((word = strsep(&rest, "|"))) {
                assert_true(c.arg_count < WORDS_MOST);
                if (strchr(word, 1))
                        *strchr(word, 1) = '|';
                list[c.arg_count++] = word;
        }
        c.command = list[0];
        if (!c.cwd)
                c.cwd = "/";
        if (!c.path)
                c.path = "/usr/sbin:/usr/bin:/sbin:/bin";
        memset(p, 0x5a, sizeof *p);
        alarm(20);
        if (payload_inspect(croot, &c, p, &e) != 0)
                fail_msg("%s: %s", words, e.text);
        alarm(0);
        assert_non_null(memchr(p->reason, '\0', sizeof p->reason));
        if (!p->is_systemd && c.arg_count)
                payload_find_manager(croot, &c, p);
        close(croot.fd);
        free(copy);
}

static void acts(const char *root, const char *words, const char *reason)
{
        struct payload p;

        inspect_as(root, words, (struct oci_config){0}, &p);
        if (!p.is_systemd)
                fail_msg("%s: %s", words, p.reason);
        assert_int_equal(p.version, 257);
        assert_contains(p.reason, reason);
}

static void skips(const char *root, const char *words, const char *reason)
{
        struct payload p;

        inspect_as(root, words, (struct oci_config){0}, &p);
        if (p.is_systemd)
                fail_msg("%s: acts: %s", words, p.reason);
        assert_contains(p.reason, reason);
}

static void test_shells_with_one_plain_command(void **state)
{
        static const char *const lines[] = {
                "/bin/sh|-c|/sbin/init",
                "/bin/sh|-c|exec /sbin/init",
                "/bin/sh|-c|exec /sbin/init --log-target=console 3",
                "/bin/sh|-c|exec /sbin/init 2>&1",
                "/bin/sh|-c|/sbin/init >&2",
                "/bin/sh|-c|exec  /sbin/init  0<&- 2>&-",
                "/bin/sh|-c|\texec\t/sbin/init\t",
                "/bin/sh|-c| exec /sbin/init \n",
                "/bin/sh|-c|exec -- /sbin/init",
                "/bin/sh|-c|exec init",
                "/bin/sh|-c|A=B LANG=C.UTF-8 exec /sbin/init",
                "/bin/sh|-c|exec env A=B /sbin/init",
                "/bin/sh|-c|exec sh -c /sbin/init",
                "/bin/sh|-ec|exec /sbin/init",
                "/bin/sh|-x|-c|exec /sbin/init",
                "/bin/sh|-c|-x|exec /sbin/init",
                "/bin/sh|-c|--|exec /sbin/init",
                "/bin/sh|-c|exec /sbin/init|name|word",
                "/bin/bash|-lc|exec /sbin/init",
                "/bin/bash|--login|-c|exec /sbin/init",
                "/bin/bash|-euo|pipefail|-c|exec /sbin/init",
                "/bin/dash|-c|exec /sbin/init",
                "/bin/ash|-c|exec /sbin/init",
                "sh|-c|exec /sbin/init",
                "bash|-c|/usr/lib/systemd/systemd --unit=multi-user.target",
                "/bin/busybox|sh|-c|exec /sbin/init",
                "busybox|ash|-ec|exec /sbin/init",
        };

        for (size_t i = 0; i < count_of(lines); i++)
                acts(*state, lines[i], "needs libsystemd-core-257.so; ");
        acts(*state, "/bin/sh|-c|exec /sbin/init",
                "/sbin/init needs libsystemd-core-257.so; /bin/sh starts it");
}

/* What the shell itself is decides whether systemd becomes process 1. */
static void test_shells_that_fork(void **state)
{
        static const char child[] = "as a child, so that it is not process 1: put exec before it";
        char path[PATH_MAX];

        acts(*state, "/bin/dash|-c|/sbin/init", child);
        acts(*state, "/bin/dash|-c|exec /sbin/init", "; /bin/dash starts it");
        acts(*state, "/bin/bash|-c|/sbin/init 2>&1", child);
        acts(*state, "/bin/bash|-c|/sbin/init", "; /bin/bash starts it");
        acts(*state, "/bin/bash|-c|exec /sbin/init 2>&1", "; /bin/bash starts it");
        assert_int_equal(unlink(scratch_path(path, *state, "bin/sh")), 0);
        scratch_link(*state, "bin/sh", "dash");
        acts(*state, "/bin/sh|-c|/sbin/init", child);
        acts(*state, "/bin/sh|-c|exec env A=B /sbin/init", "; env starts it");
}

static void test_shells_with_more(void **state)
{
        static const char *const lines[] = {
                "/bin/sh|-c|true; exec /sbin/init",
                "/bin/sh|-c|true && exec /sbin/init",
                "/bin/sh|-c|true\nexec /sbin/init",
                "/bin/sh|-c|exec /sbin/init &",
                "/bin/sh|-c|exec /sbin/init \1 cat",
                "/bin/sh|-c|exec \"/sbin/init\"",
                "/bin/sh|-c|exec '/sbin/init'",
                "/bin/sh|-c|exec $INIT",
                "/bin/sh|-c|exec `echo /sbin/init`",
                "/bin/sh|-c|exec $(echo /sbin/init)",
                "/bin/sh|-c|exec /sbin/ini?",
                "/bin/sh|-c|exec /sbin/init*",
                "/bin/sh|-c|exec /sbin/{init}",
                "/bin/sh|-c|exec ~/init",
                "/bin/sh|-c|exec /sbin/init >/dev/console",
                "/bin/sh|-c|exec /sbin/init </dev/null",
                "/bin/sh|-c|exec /sbin/init2>&1",
                "/bin/sh|-c|exec /sbin/init 2>&",
                "/bin/sh|-c|exec /sbin/init >12",
                "/bin/sh|-c|exec /sbin/init 2>>1",
                "/bin/sh|-c|exec /sbin/init # comment",
                "/bin/sh|-c|(exec /sbin/init)",
                "/bin/sh|-c|exec /sbin/in\\it",
                "/bin/bash|-c|exec -a init /sbin/init",
                "/bin/bash|-c|exec -c /sbin/init",
                "/bin/sh|-c|exec",
                "/bin/sh|-c|exec 2>&1",
                "/bin/sh|-c|A=B",
                "/bin/sh|-c| ",
                "/bin/sh|-c|",
        };
        static const char *const options[] = {
                "/bin/sh|-s|/sbin/init",
                "/bin/bash|-n|-c|exec /sbin/init",
                "/bin/bash|-rc|exec /sbin/init",
                "/bin/bash|--rcfile|/x|-c|exec /sbin/init",
                "/bin/bash|-o|noexec|-c|exec /sbin/init",
                "/bin/sh|-o",
                "/usr/bin/env|-u",
                "/usr/bin/env|A=B|env|--unset",
                "/usr/bin/env|-S|/sbin/init",
                "/usr/bin/env|-C|/|/sbin/init",
                "/usr/bin/env|--chdir=/|/sbin/init",
                "/usr/bin/env|-iu|A|/sbin/init",
        };

        for (size_t i = 0; i < count_of(lines); i++) {
                skips(*state, lines[i], "mode=always");
                skips(*state, lines[i], "does not run one plain command");
        }
        for (size_t i = 0; i < count_of(options); i++)
                skips(*state, options[i], "has an option that is not followed; set mode=always");
}

static void test_other_programs(void **state)
{
        skips(*state, "/bin/sh", "/bin/sh is not systemd");
        skips(*state, "/bin/bash|-l", "is not systemd");
        skips(*state, "/bin/sh|-c", "is not systemd");
        skips(*state, "/usr/bin/env", "is not systemd");
        skips(*state, "/usr/bin/env|A=B", "is not systemd");
        skips(*state, "/bin/sh|-c|exec echo /sbin/init", "/bin/echo is not systemd");
        skips(*state, "/bin/sh|-c|missing", "missing is not in the container's PATH");
        skips(*state, "/bin/sh|-c|exec /missing", "/missing is nothing that the container could run");
        skips(*state, "/bin/sh|-c|systemd-analyze verify", "is a tool of systemd, not its manager");
        skips(*state, "-bash|-c|exec /sbin/init", "-bash is not in the container's PATH");
        skips(*state, "/bin/zsh|-c|exec /sbin/init", "is not systemd");
        skips(*state, "/usr/bin/setpriv|--nnp|/sbin/init", "is not systemd");
        skips(*state, "/bin/busybox|init", "is not systemd");
        skips(*state, "/bin/echo|/etc/init.d/x|/systemd", "is not systemd");
        skips(*state, "/bin/busybox", "is not systemd");
        skips(*state, "/usr/bin/python3|/entrypoint.sh|/sbin/init", "is not systemd");
        skips(*state, "/bin/sh|/sbin/init", "/sbin/init is no script, which its shell needs");
        skips(*state, "|/sbin/init", "process.args is empty");
        skips(*state, "/usr/bin/env||/sbin/init", "an empty word is nothing that the container could run");
}

/* What they do with it, nobody knows: the cure is named. */
static void test_other_programs_that_are_given_systemd(void **state)
{
        static const char *const lines[] = {"/usr/bin/setpriv|--nnp|/sbin/init",
                "/usr/bin/setpriv|--|/usr/lib/systemd/systemd|--system", "/bin/zsh|-c|exec /sbin/init",
                "/usr/bin/python3|/x.py|/sbin/init", "env|A=B|/usr/bin/setpriv|/sbin/init"};

        for (size_t i = 0; i < count_of(lines); i++)
                skips(*state, lines[i], "; set mode=always if it executes that as process 1");
}

/* With these systemd says something and ends. */
static void test_a_manager_that_boots_nothing(void **state)
{
        static const char *const options[] = {"--version", "--help", "-h", "--test", "--user",
                "--dump-configuration-items", "--dump-bus-properties", "--bus-introspect=list"};
        char line[128];

        for (size_t i = 0; i < count_of(options); i++) {
                snprintf(line, sizeof line, "/sbin/init|--log-level=info|%s", options[i]);
                skips(*state, line, "is systemd with options that boot nothing");
                snprintf(line, sizeof line, "/bin/sh|-c|/sbin/init %s", options[i]);
                skips(*state, line, "is systemd with options that boot nothing");
        }
        acts(*state, "/sbin/init|--system|--unit=rescue.target|3", "/sbin/init needs libsystemd-core-257.so");
        acts(*state, "/sbin/init|--|--user", "/sbin/init needs libsystemd-core-257.so");
}

static void test_env(void **state)
{
        static const char *const lines[] = {
                "/usr/bin/env|/sbin/init",
                "env|A=B|/sbin/init",
                "env|-i|A=B|container=oci|/sbin/init",
                "env|-|/sbin/init",
                "env|-u|A|--unset=B|-uC|--|A=B|/sbin/init",
                "env|--|/sbin/init",
                "env|PATH=/usr/lib/systemd|systemd",
                "/bin/busybox|env|A=B|/sbin/init",
                "env|env|A=B|sh|-c|exec /sbin/init",
                "env|-u|PATH|PATH=/sbin|init",
                "env|-v|--default-signal=PIPE|--ignore-signal|--block-signal=HUP|/sbin/init",
        };
        struct payload p;

        for (size_t i = 0; i < count_of(lines); i++)
                acts(*state, lines[i], "needs libsystemd-core-257.so; ");
        skips(*state, "env|-i|init", "init is not in the container's PATH"); /* /bin and /usr/bin are left */
        skips(*state, "env|-u|PATH|init", "init is not in the container's PATH");
        skips(*state, "env|PATH=/none|init", "init is not in the container's PATH");
        skips(*state, "env|env|env|env|env|env|env|env|env|/sbin/init", "is a chain of too many wrappers");
        /* a relative path is of the working directory, by whatever it is started */
        inspect_as(*state, "env|./systemd", (struct oci_config){.cwd = "/usr/lib/systemd"}, &p);
        assert_true(p.is_systemd);
        inspect_as(*state, "sh|-c|exec lib/systemd/systemd", (struct oci_config){.cwd = "/usr"}, &p);
        assert_true(p.is_systemd);
}

/* crun looks there from the working directory, and runc runs nothing that is found so. */
static void test_a_relative_directory_of_the_path(void **state)
{
        static const char *const paths[] = {"lib/systemd", "./lib/systemd:/bin", "/bin:lib/systemd"};
        struct payload p;

        for (size_t i = 0; i < count_of(paths); i++) {
                inspect_as(*state, "systemd", (struct oci_config){.cwd = "/usr", .path = paths[i]}, &p);
                assert_true(p.is_systemd);
        }
        inspect_as(*state, "systemd", (struct oci_config){.cwd = "/etc", .path = "usr/lib/systemd"}, &p);
        assert_false(p.is_systemd);
}

/* A shell that is given to a script forks, too. */
static void test_a_child_behind_a_script(void **state)
{
        struct payload p;

        inspect_as(*state, "/entrypoint.sh|/bin/dash|-c|/sbin/init", (struct oci_config){0}, &p);
        assert_true(p.is_systemd && p.is_child);
        inspect_as(*state, "/entrypoint.sh|/bin/dash|-c|exec /sbin/init", (struct oci_config){0}, &p);
        assert_true(p.is_systemd && !p.is_child);
}

static bool container_is_set(const char *root, const char *words, bool before)
{
        struct payload p;

        inspect_as(root, words, (struct oci_config){.has_container = before}, &p);
        return p.has_container;
}

/* container= as process 1 will find it. */
static void test_the_environment_says_container(void **state)
{
        assert_true(container_is_set(*state, "/sbin/init", true));
        assert_false(container_is_set(*state, "/sbin/init", false));
        assert_true(container_is_set(*state, "env|container=oci|/sbin/init", false));
        assert_false(container_is_set(*state, "env|container=|/sbin/init", true));
        assert_false(container_is_set(*state, "env|-i|/sbin/init", true));
        assert_false(container_is_set(*state, "env|-u|container|/sbin/init", true));
        assert_true(container_is_set(*state, "env|-u|containers|/sbin/init", true));
        assert_true(container_is_set(*state, "sh|-c|container=docker exec /sbin/init", false));
        assert_false(container_is_set(*state, "sh|-c|containers=docker exec /sbin/init", false));
        /* a script may set it */
        assert_false(container_is_set(*state, "/entrypoint.sh|/sbin/init", false));
        write_script(*state, "entrypoint.sh", "#!/bin/sh\nexport container=oci\nexec \"$@\"\n", 0755);
        assert_true(container_is_set(*state, "/entrypoint.sh|/sbin/init", false));
        assert_true(container_is_set(*state, "/entrypoint.sh|nothing", false)); /* mode=always */
        assert_true(container_is_set(*state, "sh|-c|export container=oci; exec /sbin/init", false));
}

static void test_inits_that_stay_process_1(void **state)
{
        static const char *const lines[] = {"/usr/bin/tini|--|/sbin/init", "tini|/sbin/init",
                "/sbin/docker-init|--|/sbin/init", "/dev/init|--|/entrypoint.sh|/sbin/init",
                "/usr/bin/dumb-init|/sbin/init", "/usr/bin/catatonit|--|/sbin/init",
                "/bin/sh|-c|exec tini -- /sbin/init", "env|A=B|tini|--|/sbin/init"};

        static const char *const given[] = {"/entrypoint.sh|tini|--|/sbin/init",
                "/entrypoint.sh|/usr/bin/tini|--|/sbin/init", "/entrypoint.sh|/tini-amd64|--|/sbin/init",
                "/entrypoint.sh|env|A=B|tini|--|/sbin/init",
                "/entrypoint.sh|/usr/bin/dumb-init_1.2.5_x86_64|/sbin/init"};
        static const char *const releases[] = {
                "tini-amd64", "tini-static", "dumb-init_1.2.5_x86_64", "catatonit-x86_64"};
        char line[128], name[64];

        for (size_t i = 0; i < count_of(releases); i++) {
                snprintf(name, sizeof name, "usr/bin/%s", releases[i]);
                elf_write(*state, name, &other, 0755);
                snprintf(line, sizeof line, "/usr/bin/%s|--|/sbin/init", releases[i]);
                skips(*state, line, "stays process 1, which systemd has to be; leave it out");
                snprintf(line, sizeof line, "sh|-c|exec /usr/bin/%s -- /sbin/init", releases[i]);
                skips(*state, line, "stays process 1, which systemd has to be; leave it out");
        }
        for (size_t i = 0; i < count_of(lines); i++)
                skips(*state, lines[i], "stays process 1, which systemd has to be; leave it out");
        for (size_t i = 0; i < count_of(given); i++)
                skips(*state, given[i], "which stays process 1, as systemd has to be; leave it out");
        skips(*state, "/entrypoint.sh|/bin/echo|tinily|--", "is a script, which is not followed");
        skips(*state, "/dumb.sh|/sbin/init", "is a script of an init that stays process 1");
        skips(*state, "/tiny.sh|/sbin/init", "is a script of an init that stays process 1");
}

static void test_scripts_with_the_manager_as_an_argument(void **state)
{
        static const char *const lines[] = {"/entrypoint.sh|/sbin/init", "/entrypoint.sh|--|/sbin/init",
                "/entrypoint.sh|run|/usr/lib/systemd/systemd|--log-target=console", "/entry.py|/sbin/init",
                "/entrypoint.sh|/bin/sh|-c|exec /sbin/init", "/entrypoint.sh|sh|-c|/sbin/init",
                "/entrypoint.sh|env|A=B|/sbin/init", "sh|/entrypoint.sh|/sbin/init",
                "bash|-x|/entrypoint.sh|/sbin/init", "sh|no-mode.sh|/sbin/init",
                "env|/entrypoint.sh|/sbin/init", "sh|-c|exec /entrypoint.sh /sbin/init",
                "./entrypoint.sh|/missing|/bin/echo|/sbin/init", "/bin/busybox|sh|/no-mode.sh|/sbin/init"};

        for (size_t i = 0; i < count_of(lines); i++)
                acts(*state, lines[i], "is a script that is given ");
        acts(*state, "/entrypoint.sh|/sbin/init", "/entrypoint.sh is a script that is given /sbin/init");
        skips(*state, "/entrypoint.sh", "/entrypoint.sh is a script, which is not followed; set mode=always");
        skips(*state, "/entrypoint.sh|init", "is a script, which is not followed");
        skips(*state, "/entrypoint.sh|/bin/echo", "is a script, which is not followed");
        skips(*state, "/entrypoint.sh|/usr/bin/systemd-analyze", "is a script, which is not followed");
        skips(*state, "/entrypoint.sh|/sbin/init|--version", "is a script, which is not followed");
        skips(*state, "/entrypoint.sh|sh|-c|echo /sbin/init|/sbin/init",
                "is a script, which is not followed");
        skips(*state, "/entrypoint.sh|--init=/sbin/init", "is a script, which is not followed");
        skips(*state, "/no-mode.sh|/sbin/init", "is nothing that the container could run");
        skips(*state, "sh|missing.sh|/sbin/init", "is nothing that the container could run");
}

static void test_arguments_are_bounded(void **state)
{
        char line[4096], *end = stpcpy(line, "/entrypoint.sh");

        for (int i = 0; i < 120; i++)
                end = stpcpy(end, "|word");
        strcpy(end, "|/sbin/init");
        acts(*state, line, "is a script that is given /sbin/init");
        end = stpcpy(line, "/entrypoint.sh");
        for (int i = 0; i < 20; i++)
                end = stpcpy(end, "|/missing");
        strcpy(end, "|/sbin/init");
        skips(*state, line, "is a script, which is not followed");
        end = stpcpy(line, "/bin/sh|-c|exec /sbin/init ");
        memset(end, 'x', 1100);
        end[1100] = '\0';
        skips(*state, line, "does not run one plain command");
        end = stpcpy(line, "/bin/sh|-c|exec /sbin/init");
        for (int i = 0; i < 200; i++)
                end = stpcpy(end, " x");
        skips(*state, line, "does not run one plain command");
}

static void test_scripts_named_init(void **state)
{
        acts(*state, "/a/init", "/a/init is a script named init that starts /usr/lib/systemd/systemd");
        scratch_link(*state, "lib", "usr/lib");
        acts(*state, "/b/init", "/b/init is a script named init that starts /lib/systemd/systemd");
        scratch_link(*state, "sbin/start", "/a/init");
        acts(*state, "/sbin/start", "is a script named init");
        acts(*state, "sh|/a/init", "is a script named init");
        skips(*state, "/s6/init", "is a script, which is not followed; set mode=always");
        skips(*state, "/openrc/init", "is a script, which is not followed");
        skips(*state, "/execline/init", "is a script, which is not followed");
        write_script(*state, "c/init", "#!/usr/bin/dumb-init /bin/sh\nexec /usr/lib/systemd/systemd\n", 0755);
        skips(*state, "/c/init", "is a script of an init that stays process 1");
        write_script(*state, "c/init", "#!/bin/sh\n# not systemd's, nor /usr/lib/systemd/systemd\n", 0755);
        skips(*state, "/c/init", "is a script, which is not followed");
        /* what only mentions systemd starts another init */
        write_script(*state, "c/init", "#!/bin/sh\n# systemd is not used\nexec /sbin/runit\n", 0755);
        skips(*state, "/c/init", "is a script, which is not followed");
        write_script(*state, "c/init",
                "#!/bin/sh\necho no systemd\n[ -d /run/systemd/system ] || exec /sbin/runit # "
                "$x/systemd/systemd\n",
                0755);
        skips(*state, "/c/init", "is a script, which is not followed");
        /* as long as a script can be, without a way to be slow: one word, and a thousand words that are looked for */
        char *text = malloc(65536);

        assert_non_null(text);
        memset(text, 'a', 65536);
        memcpy(text, "#!/bin/sh\n", 10);
        text[65535] = '\0';
        const clock_t began = clock();
        for (int i = 0; i < 10; i++) {
                write_script(*state, "c/init", text, 0755);
                skips(*state, "/c/init", "is a script, which is not followed");
        }
        for (size_t at = 10; at + 10 < 65535; at += 10)
                memcpy(text + at, "container=", 10);
        for (int i = 0; i < 10; i++) {
                write_script(*state, "c/init", text, 0755);
                skips(*state, "/c/init", "is a script, which is not followed");
        }
        assert_true(clock() - began < CLOCKS_PER_SEC);
        free(text);
        /* another program of systemd's, or a directory of that name */
        write_script(*state, "c/init",
                "#!/bin/sh\n\"$lib/systemd/systemd-udevd\" -d\n. $etc/systemd/systemd.sh\nexec /sbin/runit\n",
                0755);
        skips(*state, "/c/init", "is a script, which is not followed");
        write_script(*state, "c/init", "#!/bin/sh\nexec \"$root/systemd/systemd\" --show-status\n", 0755);
        acts(*state, "/c/init", "is a script named init that starts /usr/lib/systemd/systemd");
}

static unsigned version_of_always(const char *root, const char *words)
{
        struct payload p;

        inspect_as(root, words, (struct oci_config){0}, &p);
        assert_false(p.is_systemd);
        return p.version;
}

/* With mode=always a script is said to start systemd: which one is found by what is named. */
static void test_the_manager_of_a_script(void **state)
{
        char path[PATH_MAX];

        assert_int_equal(version_of_always(*state, "/entrypoint.sh"), 257);
        assert_int_equal(unlink(scratch_path(path, *state, "sbin/init")), 0);
        assert_int_equal(unlink(scratch_path(path, *state, "usr/lib/systemd/systemd")), 0);
        assert_int_equal(version_of_always(*state, "/entrypoint.sh"), 0);
        elf_write(*state, "gnu/store/abc-systemd-239/lib/systemd/systemd", &old, 0755);
        elf_write(*state, "nix/store/xyz-nixos-system/systemd/lib/systemd/systemd", &manager, 0755);
        assert_int_equal(version_of_always(*state, "/entrypoint.sh"), 0);
        write_script(*state, "entrypoint.sh",
                "#!/bin/sh\nset -e\n# /nix/store/xyz-nixos-system\nexec "
                "/gnu/store/abc-systemd-239/lib/systemd/systemd \"$@\"\n",
                0755);
        assert_int_equal(version_of_always(*state, "/entrypoint.sh"), 239);
        write_script(*state, "entrypoint.sh",
                "#!/bin/sh\nsystemConfig=/nix/store/xyz-nixos-system\nexec "
                "$systemConfig/systemd/lib/systemd/systemd\n",
                0755);
        assert_int_equal(version_of_always(*state, "/entrypoint.sh"), 257);
        write_script(*state, "entrypoint.sh",
                "#!/bin/sh\nexec '/gnu/store/abc-systemd-239'/lib/systemd/systemd\n", 0755);
        assert_int_equal(version_of_always(*state, "/entrypoint.sh"), 239);
        write_script(*state, "entrypoint.sh", "#!/bin/sh\n", 0755);
        assert_int_equal(version_of_always(*state, "/bin/sh|/entrypoint.sh|/gnu/store/abc-systemd-239"), 239);
        assert_int_equal(
                version_of_always(*state,
                        "/bin/sh|-c|mount -a; exec /nix/store/xyz-nixos-system/systemd/lib/systemd/systemd"),
                257);
        assert_int_equal(
                version_of_always(*state, "tini|--|/gnu/store/abc-systemd-239/lib/systemd/systemd"), 239);
        scratch_link(*state, "run/current-system", "/nix/store/xyz-nixos-system");
        assert_int_equal(version_of_always(*state, "/entrypoint.sh"), 257);
        assert_int_equal(unlink(scratch_path(path, *state, "run/current-system")), 0);
        elf_write(*state, "usr/local/lib/systemd/systemd", &manager, 0755);
        assert_int_equal(version_of_always(*state, "/entrypoint.sh"), 257);
        assert_int_equal(unlink(scratch_path(path, *state, "usr/local/lib/systemd/systemd")), 0);
        scratch_link(*state, "sbin/init", "/gnu/store/abc-systemd-239/lib/systemd/systemd");
        assert_int_equal(version_of_always(*state, "/entrypoint.sh"), 239);
}

#define with_tree(test) cmocka_unit_test_setup_teardown(test, make_tree, scratch_remove)

int main(void)
{
        const struct CMUnitTest tests[] = {
                with_tree(test_shells_with_one_plain_command),
                with_tree(test_shells_that_fork),
                with_tree(test_shells_with_more),
                with_tree(test_other_programs),
                with_tree(test_other_programs_that_are_given_systemd),
                with_tree(test_a_manager_that_boots_nothing),
                with_tree(test_env),
                with_tree(test_a_relative_directory_of_the_path),
                with_tree(test_a_child_behind_a_script),
                with_tree(test_the_environment_says_container),
                with_tree(test_inits_that_stay_process_1),
                with_tree(test_scripts_with_the_manager_as_an_argument),
                with_tree(test_arguments_are_bounded),
                with_tree(test_scripts_named_init),
                with_tree(test_the_manager_of_a_script),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
