/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/payload.h"
#include "elf_image.h"

static const struct elf_wish core_252 = {
        .needed = {"libsystemd-core-252.so", "libsystemd-shared-252.so", "libc.so.6"}};
static const struct elf_wish core_narrow = {
        .narrow = true, .needed = {"libseccomp.so.2", "libsystemd-shared-262.so", "libsystemd-core-262.so"}};
static const struct elf_wish shared_247 = {.needed = {"libc.so.6", "libsystemd-shared-247.so"}};
static const struct elf_wish shared_fedora = {.needed = {"libsystemd-shared-255.4-1.fc40.so"}};
#define MANAGERS_LINE "systemd 252.39-1~deb12u2 running in %ssystem mode"
static const struct elf_wish core_renamed = {.needed = {"libsystemd-core-252.so"}, .text = MANAGERS_LINE};
static const struct elf_wish busybox = {.is_static = true, .text = "BusyBox v1.36", .padding = 5000};
static const struct elf_wish other = {.needed = {"libc.so.6"}};

static void inspect_as(const char *root, struct oci_config c, struct payload *p)
{
        struct err e;
        struct croot croot = {open(root, O_PATH | O_DIRECTORY | O_CLOEXEC)};

        assert_true(croot.fd >= 0);
        if (!c.cwd)
                c.cwd = "/";
        if (!c.path)
                c.path = "/usr/sbin:/usr/bin:/sbin:/bin";
        memset(p, 0x5a, sizeof *p);
        alarm(20);
        if (payload_inspect(croot, &c, p, &e) != 0)
                fail_msg("%s: %s", c.command, e.text);
        alarm(0);
        assert_non_null(memchr(p->reason, '\0', sizeof p->reason));
        close(croot.fd);
}

static void inspect(const char *root, const char *command, struct payload *p)
{
        inspect_as(root, (struct oci_config){.command = command}, p);
}

static void assert_systemd(const char *root, const char *command, unsigned version)
{
        struct payload p;

        inspect(root, command, &p);
        if (!p.is_systemd)
                fail_msg("%s: %s", command, p.reason);
        assert_int_equal(p.version, version);
        assert_contains(p.reason, command);
}

static void assert_other(const char *root, const char *command, const char *reason)
{
        struct payload p;

        inspect(root, command, &p);
        if (p.is_systemd)
                fail_msg("%s: %s", command, p.reason);
        assert_int_equal(p.version, 0);
        assert_contains(p.reason, reason);
}

static void test_versions(void **state)
{
        struct payload p;

        elf_write(*state, "usr/lib/systemd/systemd", &core_252, 0755);
        assert_systemd(*state, "/usr/lib/systemd/systemd", 252);
        inspect(*state, "/usr/lib/systemd/systemd", &p);
        assert_string_equal(p.reason, "/usr/lib/systemd/systemd needs libsystemd-core-252.so");
        elf_write(*state, "usr/lib/systemd/systemd", &shared_247, 0755);
        assert_systemd(*state, "/usr/lib/systemd/systemd", 247);
        inspect(*state, "/usr/lib/systemd/systemd", &p);
        assert_string_equal(p.reason, "/usr/lib/systemd/systemd needs libsystemd-shared-247.so");
        elf_write(*state, "usr/lib/systemd/systemd", &shared_fedora, 0755);
        assert_systemd(*state, "/usr/lib/systemd/systemd", 255);
        elf_write(*state, "usr/lib/systemd/systemd", &core_narrow, 0755);
        assert_systemd(*state, "/usr/lib/systemd/systemd", 262);
}

static void test_names_that_only_look_like_it(void **state)
{
        static const char *const names[] = {"libsystemd.so.0", "libsystemd-shared.so", "libsystemd-core-.so",
                "libsystemd-core-x252.so", "xlibsystemd-core-252.so", "libsystemd-core--252.so",
                "libsystemd-core-0.so", "libsystemd-core-99999999999999999999.so", "libsystemd-core- 252.so",
                "libsystemd-core-+252.so", "libsystemd-coredump-252.so"};

        for (size_t i = 0; i < count_of(names); i++) {
                const struct elf_wish wish = {.needed = {names[i]}};

                elf_write(*state, "sbin/init", &wish, 0755);
                assert_other(*state, "/sbin/init", "is not systemd");
        }
}

/* The libraries serve the tools, too: systemd-analyze and systemd-executor need the core library. */
static void test_tools_of_systemd(void **state)
{
        static const char *const tools[] = {"usr/bin/systemd-analyze", "usr/lib/systemd/systemd-executor",
                "usr/bin/systemd-run", "opt/manager", "usr/lib/systemd/systemd-shutdown"};
        char command[64];

        elf_write(*state, "usr/bin/journalctl", &shared_247, 0755);
        assert_other(*state, "/usr/bin/journalctl", "is a tool of systemd, not its manager");
        assert_other(*state, "journalctl", "is a tool of systemd");
        scratch_link(*state, "sbin/init", "../usr/bin/journalctl");
        assert_other(*state, "/sbin/init", "is a tool of systemd");
        for (size_t i = 0; i < count_of(tools); i++) {
                elf_write(*state, tools[i], &core_252, 0755);
                snprintf(command, sizeof command, "/%s", tools[i]);
                assert_other(*state, command, "is a tool of systemd, not its manager");
        }
}

/* A manager by what it says at its start, whatever its name is. */
static void test_a_renamed_manager(void **state)
{
        static const struct elf_wish shared = {.needed = {"libsystemd-shared-247.so"}, .text = MANAGERS_LINE};

        elf_write(*state, "opt/manager", &core_renamed, 0755);
        assert_systemd(*state, "/opt/manager", 252);
        elf_write(*state, "sbin/init.real", &shared, 0755);
        assert_systemd(*state, "/sbin/init.real", 247);
}

static void test_other_programs(void **state)
{
        static const char broken[] = "\x7f"
                                     "ELF and then nothing";

        elf_write(*state, "bin/busybox", &busybox, 0755);
        scratch_link(*state, "sbin/init", "/bin/busybox");
        assert_other(*state, "/sbin/init", "/sbin/init is not systemd");
        elf_write(*state, "bin/sh", &other, 0755);
        assert_other(*state, "/bin/sh", "is not systemd");
        scratch_write(*state, "dev/init", broken, sizeof broken - 1, 0755);
        assert_other(*state, "/dev/init", "is not an ELF program");
        scratch_write(*state, "bin/empty", "", 0, 0755);
        assert_other(*state, "/bin/empty", "is not an ELF program");
}

/* One rule for every machine and byte order: binfmt_misc may run it, and where nothing does, the runtime says so. */
static void test_another_machine(void **state)
{
        const struct elf_wish foreign = {.other_order = true, .needed = {"libsystemd-core-252.so"}};
        const struct elf_wish narrow = {
                .other_order = true, .narrow = true, .needed = {"libsystemd-shared-247.so"}};
        struct payload p;

        elf_write(*state, "usr/lib/systemd/systemd", &foreign, 0755);
        assert_systemd(*state, "/usr/lib/systemd/systemd", 252);
        inspect(*state, "/usr/lib/systemd/systemd", &p);
        assert_contains(p.reason, "is for another machine, which takes binfmt_misc");
        elf_write(*state, "usr/lib/systemd/systemd", &narrow, 0755);
        assert_systemd(*state, "/usr/lib/systemd/systemd", 247);
        elf_write(*state, "usr/lib/systemd/systemd",
                &(struct elf_wish){.other_order = true, .needed = {"libc.so"}}, 0755);
        assert_other(*state, "/usr/lib/systemd/systemd", "is not systemd");
}

static void test_a_script_names_the_way_out(void **state)
{
        static const char script[] = "#!/bin/sh\nexec /sbin/init\n";

        scratch_write(*state, "entry.sh", script, sizeof script - 1, 0755);
        assert_other(*state, "/entry.sh", "mode=always");
        scratch_write(*state, "sbin/init", "#!", 2, 0755);
        assert_other(*state, "/sbin/init", "is a script");
        scratch_write(*state, "sbin/init", "#", 1, 0755);
        assert_other(*state, "/sbin/init", "is not an ELF program");
}

/* Before libsystemd-shared, and linked statically: as the builds of distributions write their versions. */
static void test_the_text(void **state)
{
        static const struct {
                const char *text;
                unsigned version;
        } cases[] = {
                {"systemd 215 running in %ssystem mode. (+PAM", 215},
                {"systemd 44 running in system mode.....", 44},
                {"systemd systemd 9x systemd 229 running in user mode.", 229},
                {"systemd 219 running in %ssystem mode. (", 219},
                {"systemd 262.1-1 running in %ssystem mode (", 262},
                {"systemd 262~devel running in %ssystem mode (", 262},
                {"systemd 239 (239-41.el8) running in %ssystem mode. (", 239},
                {"systemd 255.4-1ubuntu8.15 running in %ssystem mode (", 255},
                {"systemd 249 (v249.4-1.fc35) running in %ssystem mode (", 249},
                {"systemd 215 running inside....", 0},
                {"systemd 215 is running in %ssystem mode", 0},
                {"systemd  running in system mode...", 0},
                {"systemd v262 running in %ssystem mode", 0},
                {"systemd 0 running in system mode.", 0},
                {"systemd 99999 running in system mode.", 0},
                {"systemd 262%s running in %ssystem mode", 0},
                {"systemd 215", 0},
                {"systemd 215 running in", 0},
                {"systemd 215 running in %ssystem mod", 0},
                {"systemd ", 0},
                {" running in %ssystem mode", 0},
        };
        static const char *const files[] = {
                "usr/lib/systemd/systemd", "sbin/init", "opt/systemd-static", "sbin/init.real"};

        for (size_t i = 0; i < count_of(cases); i++)
                for (size_t f = 0; f < count_of(files); f++) {
                        const struct elf_wish old = {
                                .needed = {f ? NULL : "libc.so.6"}, .padding = 5000, .text = cases[i].text};
                        char command[64];

                        elf_write(*state, files[f], &old, 0755);
                        snprintf(command, sizeof command, "/%s", files[f]);
                        if (cases[i].version)
                                assert_systemd(*state, command, cases[i].version);
                        else
                                assert_other(*state, command, "is not systemd");
                }
}

/* Wherever the text lies in a file of megabytes, and not beyond what is searched. */
static void test_a_large_file(void **state)
{
        static const struct elf_wish empty = {.is_static = true};
        static const char line[] = "systemd 262.1-1 running in %ssystem mode (";
        static const off_t places[] = {16384 - 20, 16384, 3 * 16384 - 41, 7 << 20, 40 << 20};
        char path[PATH_MAX];

        for (size_t i = 0; i < count_of(places); i++) {
                elf_write(*state, "sbin/init", &empty, 0755);
                int fd = open(scratch_path(path, *state, "sbin/init"), O_RDWR | O_CLOEXEC);

                assert_int_equal(pwrite(fd, line, sizeof line, places[i]), sizeof line);
                assert_int_equal(ftruncate(fd, places[i] + (8 << 20)), 0);
                close(fd);
                assert_systemd(*state, "/sbin/init", 262);
        }
        elf_write(*state, "sbin/init", &empty, 0755);
        assert_int_equal(truncate(path, INT64_C(1) << 40), 0); /* without end: the alarm of inspect rings */
        assert_other(*state, "/sbin/init", "is not systemd");
}

/* However the words and the working directory are put together, the path that is said is a plain one. */
static void test_the_path_that_is_said_is_clean(void **state)
{
        static const struct {
                const char *command, *cwd, *path;
        } cases[] = {{"sbin/init", "/", NULL}, {"./sbin/init", "/", NULL}, {".//./sbin/./init", "/", NULL},
                {"sbin/init", "", NULL}, {"./init", "/sbin/", NULL}, {"init", NULL, "/sbin/"},
                {"init", NULL, "//sbin/."}, {"//sbin//init", NULL, NULL}, {"../sbin/init", "/opt/", NULL}};

        elf_write(*state, "sbin/init", &shared_247, 0755);
        scratch_link(*state, "opt/x", "/sbin");
        for (size_t i = 0; i < count_of(cases); i++) {
                const char *wanted = strstr(cases[i].command, "..") ? "/opt/../sbin/init " : "/sbin/init ";
                struct payload p;

                inspect_as(*state,
                        (struct oci_config){.command = cases[i].command,
                                .cwd = cases[i].cwd ? cases[i].cwd : "/",
                                .path = cases[i].path ? cases[i].path : "/bin"},
                        &p);
                if (!p.is_systemd || strncmp(p.reason, wanted, strlen(wanted)) != 0)
                        fail_msg("%s in %s: %s", cases[i].command, cases[i].cwd ? cases[i].cwd : "/",
                                p.reason);
        }
}

/* A link that is called init, to one executable of any name: so stores have it. */
static void test_one_file_of_another_name(void **state)
{
        const struct elf_wish all = {
                .is_static = true, .padding = 5000, .text = "systemd 262~devel running in %ssystem mode"};

        elf_write(*state, "opt/systemd-262/all", &all, 0755);
        scratch_link(*state, "sbin/init", "/opt/systemd-262/all");
        assert_systemd(*state, "/sbin/init", 262);
        assert_other(*state, "/opt/systemd-262/all", "is not systemd");
}

/* Only a file of that name: any program may have the words in it. */
static void test_the_old_text_under_another_name(void **state)
{
        const struct elf_wish old = {
                .needed = {"libc.so.6"}, .padding = 5000, .text = "systemd 215 running in system mode."};

        elf_write(*state, "bin/analyzer", &old, 0755);
        assert_other(*state, "/bin/analyzer", "is not systemd");
        elf_write(*state, "lib/systemd/systemd", &old, 0755);
        scratch_link(*state, "sbin/init", "/lib/systemd/systemd");
        assert_systemd(*state, "/sbin/init", 215);
}

static void test_path(void **state)
{
        struct payload p;

        elf_write(*state, "usr/bin/init", &other, 0755);
        elf_write(*state, "sbin/init", &core_252, 0755);
        assert_other(*state, "init", "/usr/bin/init is not systemd");
        inspect_as(*state, (struct oci_config){.command = "init", .path = "/none:/sbin:/usr/bin"}, &p);
        assert_true(p.is_systemd);
        assert_contains(p.reason, "/sbin/init needs");
        inspect_as(*state, (struct oci_config){.command = "init", .path = "::/sbin/::"}, &p);
        assert_true(p.is_systemd);
        inspect_as(*state, (struct oci_config){.command = "init", .path = "/none"}, &p);
        assert_false(p.is_systemd);
        assert_string_equal(p.reason, "init is not in the container's PATH");
        inspect_as(*state, (struct oci_config){.command = "init", .path = ""}, &p);
        assert_string_equal(p.reason, "init is not in the container's PATH");
}

/* Each lookup is as slow as the image makes it. */
static void test_a_path_without_end(void **state)
{
        static const char missing[] = "/missing:", last[] = "/sbin";
        char path[257 * (sizeof missing - 1) + sizeof last], *end = path;
        struct payload p;

        elf_write(*state, "sbin/init", &core_252, 0755);
        for (int i = 0; i < 255; i++)
                end = stpcpy(end, missing);
        strcpy(end, last);
        inspect_as(*state, (struct oci_config){.command = "init", .path = path}, &p);
        assert_true(p.is_systemd);
        strcpy(stpcpy(end, missing), last);
        inspect_as(*state, (struct oci_config){.command = "init", .path = path}, &p);
        assert_false(p.is_systemd);
}

static void test_path_passes_over_what_cannot_run(void **state)
{
        char path[PATH_MAX];
        struct payload p;

        scratch_directory(*state, "a/init");
        elf_write(*state, "b/init", &core_252, 0644);
        scratch_link(*state, "c/init", "gone");
        scratch_link(*state, "d/init", "init");
        scratch_directory(*state, "e");
        assert_int_equal(mkfifo(scratch_path(path, *state, "e/init"), 0755), 0);
        scratch_write(*state, "f", "", 0, 0755); /* f/init: not a directory */
        elf_write(*state, "z/init", &core_252, 0755);
        inspect_as(*state, (struct oci_config){.command = "init", .path = "/a:/b:/c:/d:/e:/f:/z"}, &p);
        assert_true(p.is_systemd);
        assert_contains(p.reason, "/z/init needs");
}

static void test_a_path_of_any_length(void **state)
{
        char path[PATH_MAX * 3], command[PATH_MAX * 2];
        struct payload p;

        memset(path, 'x', sizeof path);
        memcpy(path, "/", 1);
        strcpy(path + sizeof path - 7, ":/sbin");
        elf_write(*state, "sbin/init", &core_252, 0755);
        inspect_as(*state, (struct oci_config){.command = "init", .path = path}, &p);
        assert_true(p.is_systemd);
        for (size_t length = PATH_MAX - 20; length < sizeof command;
                length += length < PATH_MAX + 20 ? 1 : 999) {
                memset(command, 'y', length);
                command[length] = '\0';
                inspect(*state, command, &p);
                assert_false(p.is_systemd);
                command[0] = '/';
                inspect(*state, command, &p);
                assert_false(p.is_systemd);
                command[0] = 'y';
                command[1] = '/';
                inspect_as(*state, (struct oci_config){.command = command, .cwd = "/sbin"}, &p);
                assert_false(p.is_systemd);
        }
}

static void test_relative_to_the_working_directory(void **state)
{
        struct payload p;

        elf_write(*state, "srv/bin/init", &core_252, 0755);
        inspect_as(*state, (struct oci_config){.command = "./init", .cwd = "/srv/bin"}, &p);
        assert_true(p.is_systemd);
        inspect_as(*state, (struct oci_config){.command = "bin/init", .cwd = "/srv"}, &p);
        assert_true(p.is_systemd);
        inspect_as(*state, (struct oci_config){.command = "../bin/init", .cwd = "/srv/bin/"}, &p);
        assert_true(p.is_systemd);
        inspect_as(*state, (struct oci_config){.command = "../../../../srv/bin/init", .cwd = "/"}, &p);
        assert_true(p.is_systemd);
        inspect_as(*state, (struct oci_config){.command = "bin/init", .cwd = "/"}, &p);
        assert_false(p.is_systemd);
        inspect_as(*state, (struct oci_config){.command = "init", .cwd = "/srv/bin"}, &p);
        assert_false(p.is_systemd);
}

static void test_links_stay_inside(void **state)
{
        struct payload p;

        elf_write(*state, "usr/lib/systemd/systemd", &core_252, 0755);
        scratch_link(*state, "sbin/init", "/usr/lib/systemd/systemd");
        assert_systemd(*state, "/sbin/init", 252);
        scratch_link(*state, "up", "../../../../../../usr/lib/systemd/systemd");
        assert_systemd(*state, "/up", 252);
        scratch_link(*state, "lib", "usr/lib");
        assert_systemd(*state, "/lib/systemd/systemd", 252);
        scratch_link(*state, "chain1", "chain2");
        scratch_link(*state, "chain2", "/chain3");
        scratch_link(*state, "chain3", "lib/systemd/../systemd/systemd");
        assert_systemd(*state, "/chain1", 252);
        scratch_link(*state, "loop1", "loop2");
        scratch_link(*state, "loop2", "loop1");
        assert_other(*state, "/loop1", "is nothing that the container could run");
        scratch_link(*state, "dangling", "/no/such/file");
        assert_other(*state, "/dangling", "is nothing that the container could run");
        inspect(*state, "/chain1", &p);
        assert_contains(p.reason, "/chain1 needs libsystemd-core-252.so");
}

/* A file of the host that is systemd, if the link led there. */
static void test_links_do_not_lead_out(void **state)
{
        char root[PATH_MAX], target[PATH_MAX];

        elf_write(*state, "outside/systemd", &core_252, 0755);
        scratch_directory(*state, "root/deep");
        scratch_path(root, *state, "root");
        scratch_link(root, "absolute", scratch_path(target, *state, "outside/systemd"));
        assert_other(root, "/absolute", "is nothing that the container could run");
        scratch_link(root, "upward", "../outside/systemd");
        assert_other(root, "/upward", "is nothing that the container could run");
        scratch_link(root, "deep/upward", "../../outside/systemd");
        assert_other(root, "/deep/upward", "is nothing that the container could run");
        assert_other(root, "/../outside/systemd", "is nothing that the container could run");
        assert_other(root, "../outside/systemd", "is nothing that the container could run");
}

static void test_what_cannot_be_run(void **state)
{
        char path[PATH_MAX];
        struct payload p;

        scratch_directory(*state, "sbin/directory");
        assert_other(*state, "/sbin/directory", "is nothing that the container could run");
        assert_other(*state, "/", "is nothing that the container could run");
        elf_write(*state, "sbin/plain", &core_252, 0644);
        assert_other(*state, "/sbin/plain", "is nothing that the container could run");
        assert_int_equal(mkfifo(scratch_path(path, *state, "sbin/fifo"), 0755), 0);
        assert_other(*state, "/sbin/fifo", "is nothing that the container could run");
        assert_other(*state, "/sbin/missing", "is nothing that the container could run");
        assert_other(*state, "/sbin/plain/below", "is nothing that the container could run");
        assert_other(*state, "missing", "is not in the container's PATH");
        inspect(*state, NULL, &p);
        assert_false(p.is_systemd);
        assert_string_equal(p.reason, "process.args is empty");
        inspect(*state, "", &p);
        assert_false(p.is_systemd);
        assert_string_equal(p.reason, "process.args is empty");
}

static void test_installed_version(void **state)
{
        struct croot root = {open(*state, O_PATH | O_DIRECTORY | O_CLOEXEC)};

        assert_true(root.fd >= 0);
        assert_int_equal(payload_installed_version(root), 0);
        elf_write(*state, "usr/bin/busybox", &busybox, 0755);
        scratch_link(*state, "sbin/init", "/usr/bin/busybox");
        assert_int_equal(payload_installed_version(root), 0);
        elf_write(*state, "lib/systemd/systemd", &shared_247, 0755);
        assert_int_equal(payload_installed_version(root), 247);
        elf_write(*state, "usr/lib/systemd/systemd", &core_252, 0755);
        assert_int_equal(payload_installed_version(root), 252);
        close(root.fd);
}

#define with_root(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void)
{
        const struct CMUnitTest tests[] = {
                with_root(test_versions),
                with_root(test_names_that_only_look_like_it),
                with_root(test_tools_of_systemd),
                with_root(test_a_renamed_manager),
                with_root(test_other_programs),
                with_root(test_another_machine),
                with_root(test_a_script_names_the_way_out),
                with_root(test_the_text),
                with_root(test_a_large_file),
                with_root(test_the_path_that_is_said_is_clean),
                with_root(test_one_file_of_another_name),
                with_root(test_the_old_text_under_another_name),
                with_root(test_path),
                with_root(test_a_path_without_end),
                with_root(test_path_passes_over_what_cannot_run),
                with_root(test_a_path_of_any_length),
                with_root(test_relative_to_the_working_directory),
                with_root(test_links_stay_inside),
                with_root(test_links_do_not_lead_out),
                with_root(test_what_cannot_be_run),
                with_root(test_installed_version),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
