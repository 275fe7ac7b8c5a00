/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/container.h"
#include "kernel/charge.h"
#include "kernel/rootless.h"
#include "support.h"

static void stop(pid_t pid)
{
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
}

/* One that has ended and is not waited for has a pid, and is held by nobody afterwards. */
static void test_one_that_has_ended(void **state)
{
        struct container c = CONTAINER_NONE;
        struct err e;
        siginfo_t ended;
        pid_t pid = fork();

        (void)state;
        if (pid == 0)
                _exit(0);
        assert_true(pid > 0);
        assert_int_equal(waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT), 0);
        assert_int_equal(container_hold(pid, &c, &e), -ESRCH);
        assert_contains(e.text, "has exited");
        assert_int_equal(c.pidfd, -1);
        assert_int_equal(c.proc, -1);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* As many lines as a host with each controller apart has, and paths as long as nested engines make them. */
static void test_charge_of_a_long_table(void **state)
{
        static char text[1 << 16];
        char *at = text, path[PATH_MAX];
        struct container c = CONTAINER_NONE;

        for (int i = 0; i < 12; i++)
                at += sprintf(at, "%d:c%d:/%02000d\n", i + 1, i, 0);
        at += sprintf(at, "0::/charged\n");
        scratch_write(*state, "proc/cgroup", text, (size_t)(at - text), 0600);
        scratch_write(*state, "charged/cgroup.procs", "", 0, 0600);
        c.proc = scratch_open(*state, "proc");

        int fd = charge_open(&c, scratch_path(path, *state, "."));

        assert_true(fd >= 0);
        close(fd);
        container_release(&c);
}

struct seen {
        ino_t inode;
        int fd;
        int result;
};

static ino_t namespace_of(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* thread-self, as /proc/self of a child that shares our memory is another directory. */
static int look(void *with, struct err *e)
{
        struct seen *s = with;

        s->inode = namespace_of("/proc/thread-self/ns/cgroup");
        s->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        return s->result < 0 ? err_set(e, -s->result, "look") : s->result;
}

/* What it brings back: memory, a descriptor, the error; and it is where it was. */
static const char *visit(bool rootless, pid_t pid)
{
        const ino_t own = namespace_of("/proc/self/ns/cgroup");
        char path[64];
        struct err e = {0};
        struct container c = CONTAINER_NONE;
        struct seen s = {.fd = -1, .result = 7};

        snprintf(path, sizeof path, "/proc/%d/ns/cgroup", pid);
        if (container_hold(pid, &c, &e) < 0)
                return "it cannot be held";
        c.rootless = rootless;
        if (!rootless) /* as container_check finds it */
                c.own_cgroup_namespace = open("/proc/self/ns/cgroup", O_RDONLY | O_CLOEXEC);
        if (container_in_cgroup_namespace(&c, look, &s, &e) != 7)
                return e.text[0] ? strdup(e.text) : "the result";
        if (s.inode != namespace_of(path) || s.inode == own)
                return "it was not in the namespace";
        if (s.fd < 0 || fcntl(s.fd, F_GETFD) < 0)
                return "the descriptor is not ours";
        if (namespace_of("/proc/self/ns/cgroup") != own)
                return "it did not come back";
        s.result = -EXDEV;
        if (container_in_cgroup_namespace(&c, look, &s, &e) != -EXDEV || !strstr(e.text, "look"))
                return "the error";
        stop(pid);
        if (container_in_cgroup_namespace(&c, look, &s, &e) >= 0 || !strstr(e.text, "setns"))
                return "a container that has ended";
        if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
                return "a child is left";
        container_release(&c);
        return NULL;
}

static const char *work_as_root(const char *directory)
{
        (void)directory;

        if (rootless_is())
                return "skip";

        pid_t pid = start_process(CLONE_NEWCGROUP, NULL, NULL);

        return pid < 0 ? "skip" : visit(false, pid);
}

static const char *work_by_a_child(const char *directory)
{
        (void)directory;

        pid_t pid = start_process(CLONE_NEWCGROUP, NULL, NULL);

        return pid < 0 ? "skip" : visit(true, pid);
}

/* rootless-setns: into the host's cgroup namespace a user does not come back. */
static const char *work_as_a_user(const char *directory)
{
        uid_t user = 0;
        struct err e = {0};

        (void)directory;
        if (!become_rootless(1000))
                return "skip";
        if (!rootless_is() || rootless_user(&user, &e) != 0 || user != 1000)
                return "it does not know who it is";

        pid_t pid = start_process(CLONE_NEWCGROUP, NULL, NULL);

        return pid < 0 ? "skip" : visit(true, pid);
}

static void test_as_root(void **state)
{
        (void)state;
        with_own_mounts(work_as_root, NULL);
}

static void test_by_a_child(void **state)
{
        (void)state;
        with_own_mounts(work_by_a_child, NULL);
}

static void test_as_a_user(void **state)
{
        (void)state;
        with_own_mounts(work_as_a_user, NULL);
}

static const char *work_hint(const char *directory)
{
        struct err e = {.code = EACCES, .text = "what"};

        (void)directory;
        if (!become_rootless(1000))
                return "skip";
        if (rootless_hint(&e) != -EACCES || strncmp(e.text, "what; ", 6) != 0 ||
                !strstr(e.text, "user 1000 ") || !strstr(e.text, "loginctl enable-linger 1000"))
                return strdup(e.text);
        return NULL;
}

static void test_hint(void **state)
{
        (void)state;
        with_own_mounts(work_hint, NULL);
}

static void test_who_can_be_held(void **state)
{
        struct container c = CONTAINER_NONE;
        struct err e;

        (void)state;
        for (pid_t pid = -1; pid <= 1; pid++) {
                assert_int_equal(container_hold(pid, &c, &e), -EINVAL);
                assert_contains(e.text, "its pid on the host");
        }
}

static void test_who_has_exited_is_not_alive(void **state)
{
        struct container c = CONTAINER_NONE;
        struct err e;
        const pid_t pid = start_process(0, NULL, NULL);

        (void)state;
        assert_true(pid > 0);
        assert_int_equal(container_hold(pid, &c, &e), 0);
        assert_int_equal(container_check_alive(&c, &e), 0);
        kill(pid, SIGKILL);
        /* as long as nobody has waited for it, its pid is its own */
        assert_int_equal(waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
        assert_int_equal(container_check_alive(&c, &e), -ESRCH);
        assert_contains(e.text, "has exited");
        stop(pid);
        container_release(&c);
        assert_int_equal(container_hold(pid, &c, &e), -ESRCH);
}

/* Who becomes the first process: tells its pid, as the proc of outside names it, and waits. */
static void be_container(const char *rootfs, int ready)
{
        char path[PATH_MAX], pid[16] = "";

        if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && readlink("/proc/self", pid, sizeof pid - 1) > 0 &&
                unshare(CLONE_NEWNS) == 0 &&
                mount("proc", scratch_path(path, rootfs, "proc"), "proc", 0, NULL) == 0 &&
                write(ready, pid, sizeof pid) == sizeof pid)
                pause();
        _exit(1);
}

/* In a pid and a mount namespace of its own, with the proc of these in its rootfs. */
static pid_t start_container(const char *rootfs)
{
        char pid[16] = "";
        int ready[2];

        if (pipe(ready) < 0)
                return -1;
        if (fork() == 0) {
                if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || unshare(CLONE_NEWPID) < 0)
                        _exit(1);
                if (fork() == 0)
                        be_container(rootfs, ready[1]);
                close(ready[1]);
                wait(NULL);
                _exit(0);
        }
        close(ready[1]);

        const bool started = read(ready[0], pid, sizeof pid) == sizeof pid;

        close(ready[0]);
        return started ? (pid_t)atol(pid) : -1;
}

/* Each container is the first process of its own rootfs alone. */
static const char *work_strangers(const char *directory)
{
        struct container first = CONTAINER_NONE, second = CONTAINER_NONE;
        struct croot view = {-1}, other = {-1};
        struct err e = {0};
        const pid_t pid = start_container(directory), stranger = start_container(directory);

        if (pid < 0 || stranger < 0)
                return "skip";
        if (container_hold(pid, &first, &e) != 0 || container_rootfs(&first, directory, &view, &e) != 0 ||
                container_hold(stranger, &second, &e) != 0 ||
                container_rootfs(&second, directory, &other, &e) != 0)
                return strdup(e.text);
        if (container_check(&first, view, &e) != 0)
                return strdup(e.text);
        if (container_check(&second, view, &e) != -EINVAL ||
                !strstr(e.text, "is not the first process of a container that is being made of this rootfs"))
                return "a stranger's proc is believed";
        if (container_check(&second, other, &e) != 0)
                return strdup(e.text);
        container_release(&first);
        container_release(&second);
        return NULL;
}

static void test_strangers(void **state)
{
        scratch_directory(*state, "proc");
        with_own_mounts(work_strangers, *state);
}

/* A process without a mount namespace of its own, as a runtime of virtual machines has one. */
static const char *work_ours(const char *directory)
{
        struct container c = CONTAINER_NONE;
        struct croot view = {.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
        struct err e = {0};
        const pid_t pid = start_process(0, NULL, NULL);

        (void)directory;
        if (pid < 0 || container_hold(pid, &c, &e) != 0)
                return "it cannot be held";
        if (container_check(&c, view, &e) != -EINVAL ||
                !strstr(e.text, "shares the hook's mount namespace") || !strstr(e.text, "(Kata)"))
                return strdup(e.text);
        stop(pid);
        container_release(&c);
        return NULL;
}

static void test_ours(void **state)
{
        (void)state;
        with_own_mounts(work_ours, NULL);
}

/* CVE-2019-16884: a directory in place of proc, in which anybody may have written what the hook would read. */
static const char *work_false_proc(const char *directory)
{
        struct container c = CONTAINER_NONE;
        char path[64];
        struct err e = {0};

        (void)directory;
        snprintf(path, sizeof path, "/proc/%d", getpid());
        if (mount("false", "/proc", "tmpfs", 0, NULL) < 0 || mkdir(path, 0755) < 0)
                return "skip";
        if (container_hold(getpid(), &c, &e) != -EINVAL)
                return "it is believed";
        if (!strstr(e.text, "is not on a proc file system; mount it on /proc"))
                return strdup(e.text);
        return NULL;
}

static void test_false_proc(void **state)
{
        (void)state;
        with_own_mounts(work_false_proc, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_one_that_has_ended),
                cmocka_unit_test_setup_teardown(test_charge_of_a_long_table, scratch_make, scratch_remove),
                cmocka_unit_test(test_as_root),
                cmocka_unit_test(test_by_a_child),
                cmocka_unit_test(test_as_a_user),
                cmocka_unit_test(test_hint),
                cmocka_unit_test(test_who_can_be_held),
                cmocka_unit_test(test_who_has_exited_is_not_alive),
                cmocka_unit_test_setup_teardown(test_strangers, scratch_make, scratch_remove),
                cmocka_unit_test(test_ours),
                cmocka_unit_test(test_false_proc),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
