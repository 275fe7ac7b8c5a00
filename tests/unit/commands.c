/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `check` and `explain` on hosts and containers of the test's own, whose files of /proc and /sys say what the test wants. */
#include "cli.h"
#include "elf_image.h"

static const char *said; /* by the last command, as JSON */

static int run(int (*command)(const struct call *call, struct err *e), const char *name, struct err *e)
{
        static char text[64 << 10];
        struct arena a = {0};
        const struct call call = {.settings = SETTINGS_DEFAULT, .name = name, .json = true, .arena = &a};
        int r, to = memfd_create("said", MFD_CLOEXEC), was = dup(STDOUT_FILENO);

        fflush(stdout);
        if (to < 0 || was < 0 || dup2(to, STDOUT_FILENO) < 0)
                return -EIO;
        r = command(&call, e);
        fflush(stdout);
        dup2(was, STDOUT_FILENO);
        close(was);
        memset(text, 0, sizeof text);
        said = pread(to, text, sizeof text - 1, 0) < 0 ? "" : text;
        close(to);
        arena_free(&a);
        return r;
}

/* A file of proc or of a cgroup that says something else here. */
static bool says_instead(const char *directory, const char *name, const char *path, const char *text)
{
        char file[PATH_MAX];
        int fd = open(scratch_path(file, directory, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && close(fd) == 0 &&
               mount(file, path, NULL, MS_BIND, NULL) == 0;
}

/* As a user of whom nobody else's instances count: whoever else has used root's up. */
static const char *work_check_inotify(const char *directory)
{
        static const char path[] = "/proc/sys/fs/inotify/max_user_instances";
        char file[PATH_MAX];
        struct err e = {0};

        if (!says_instead(directory, "limit", path, "128\n"))
                return "skip";

        const int fd = open(scratch_path(file, directory, "limit"), O_WRONLY | O_TRUNC | O_CLOEXEC);

        must(write(fd, "128\n", 4) == 4);
        (void)become_rootless(54321);
        must(run(cmd_check, NULL, &e) >= 0);
        must(strstr(said, "{\"level\": \"note\", \"topic\": \"inotify\", \"text\": "
                          "\"fs.inotify.max_user_instances is 128: enough for about 18 systemd containers of "
                          "one user\""));
        must(pwrite(fd, "1024\n", 5, 0) == 5);
        must(run(cmd_check, NULL, &e) >= 0);
        must(strstr(said, "{\"level\": \"ok\", \"topic\": \"inotify\", \"text\": \"1024 instances"));
        return NULL;
}

static const char *work_check_controllers(const char *directory)
{
        static const char path[] = "/sys/fs/cgroup/cgroup.controllers";
        struct err e = {0};

        if (unshare(CLONE_NEWCGROUP) < 0 || mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL) < 0 ||
                !says_instead(directory, "few", path, "cpu memory\n"))
                return "skip";
        must(run(cmd_check, NULL, &e) >= 0);
        must(strstr(said, "\"the host is unified\""));
        must(strstr(said,
                "{\"level\": \"note\", \"topic\": \"controllers\", \"text\": \"cgroup2 has cpu memory: in "
                "containers MemoryMax= and TasksMax= of units have no effect\""));
        must(says_instead(directory, "all", path, "cpu memory pids\n"));
        must(run(cmd_check, NULL, &e) >= 0);
        must(strstr(said,
                "{\"level\": \"ok\", \"topic\": \"controllers\", \"text\": \"cgroup2 has cpu memory pids\""));
        return NULL;
}

static void test_check_inotify(void **state)
{
        with_own_mounts(work_check_inotify, *state);
}

static void test_check_controllers(void **state)
{
        with_own_mounts(work_check_controllers, *state);
}

/* A container that the hook has prepared, as far as a look at it tells; but somebody has unmounted its cgroups. */
static bool be_prepared(const char *rootfs)
{
        char path[PATH_MAX];

        return mount("run", scratch_path(path, rootfs, "run"), "tmpfs", 0, NULL) == 0 &&
               chroot(rootfs) == 0 && mkdir("/run/host", 0755) == 0 &&
               mknod("/run/host/container-manager", S_IFREG | 0644, 0) == 0;
}

/* The process' cgroup is what the hook makes below the one with the limit. */
static bool make_state(const char *directory, pid_t pid)
{
        char text[PATH_MAX + 128], path[64];

        if (mount("run", "/run", "tmpfs", 0, NULL) < 0 || mkdir("/run/runc", 0755) < 0 ||
                mkdir("/run/runc/c1", 0755) < 0 || mount("cgroup", "/sys/fs/cgroup", "tmpfs", 0, NULL) < 0)
                return false;
        snprintf(text, sizeof text, "{\"init_process_pid\":%d,\"config\":{\"labels\":[\"bundle=%s\"]}}", pid,
                directory);
        scratch_write("/run/runc/c1", "state.json", text, strlen(text), 0600);
        scratch_write("/sys/fs/cgroup", "memory/c1/memory.limit_in_bytes", "67108864\n", 9, 0644);
        snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
        /* what a payload calls its cgroups is not taken for the kernel's words */
        return says_instead(directory, "cgroup", path,
                "5:name=systemd:/c1/payload/a:memory:/b\n4:memory:/c1/payload\n0::/c1\n");
}

static const char *work_explain(const char *directory)
{
        char path[PATH_MAX];
        struct err e = {0};
        pid_t pid = start_process(CLONE_NEWNS, be_prepared, scratch_path(path, directory, "rootfs"));

        if (pid < 0 || !make_state(directory, pid))
                return "skip";

        int r = run(cmd_explain, "c1", &e);

        kill(pid, SIGKILL);
        if (r < 0)
                return strdup(e.text);
        must(r == 1);
        must(strstr(said, "\"acts: ") && strstr(said, "\"the hook has prepared it\""));
        must(strstr(said,
                "\"nothing is mounted on /sys/fs/cgroup any more\", \"cure\": \"restart the container\""));
        must(!strstr(said, "\"nothing is mounted on /run any more\""));
        must(strstr(said, "\"memory: 67108864 bytes\""));
        return NULL;
}

static void test_explain(void **state)
{
        static const char config[] =
                "{'ociVersion':'1.0.2','process':{'args':['/sbin/init'],'cwd':'/'},'root':{'path':'rootfs'},"
                "'mounts':[{'destination':'/proc','type':'proc','source':'proc'},{'destination':'/"
                "sys','type':'sysfs','source':'sysfs'}],"
                "'linux':{'namespaces':[{'type':'pid'},{'type':'mount'}],'resources':{'memory':{'limit':"
                "67108864}}}}";
        static const struct elf_wish manager = {
                .needed = {"libsystemd-core-252.so", "libsystemd-shared-252.so"}};
        char *json = json_of(config);

        scratch_write(*state, "config.json", json, strlen(json), 0600);
        free(json);
        for (const char *const *d =
                        (const char *const[]){"run", "tmp", "etc", "sys/fs/cgroup", "proc", "var/log", NULL};
                *d; d++) {
                char name[32];

                snprintf(name, sizeof name, "rootfs/%s", *d);
                scratch_directory(*state, name);
        }
        scratch_parent(*state, "rootfs/sbin/init");
        elf_write(*state, "rootfs/sbin/init", &manager, 0755);
        with_own_mounts(work_explain, *state);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_check_inotify, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_check_controllers, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_explain, scratch_make, scratch_remove),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
