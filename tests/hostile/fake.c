/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATH_MOST  4096
#define KILL_AFTER 5.0     /* seconds: a hang is then known */
#define LINGER     40.0    /* more than the time limit of the hook */
#define FIRST_ID   100000u /* of the user namespace, outside */

double fake_patience = KILL_AFTER;

void fake_die(const char *what)
{
        fprintf(stderr, "fake container: %s: %s\n", what, strerror(errno));
        _exit(125);
}

bool fake_parse(struct fake *f, char *word)
{
        bool linger = false;
        const struct {
                const char *name;
                bool *value;
        } switches[] = {
                {"linger", &linger},
                {"no-proc", &f->no_proc},
                {"no-sys", &f->no_sys},
                {"host-cgroups", &f->host_cgroups},
                {"user-namespace", &f->user_namespace},
                {"host-cgroup-namespace", &f->host_cgroup_namespace},
        };
        char *value = strchr(word, '=');

        for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
                if (strcmp(word, switches[i].name) == 0) {
                        *switches[i].value = true;
                        fake_patience = linger ? LINGER : fake_patience;
                        return true;
                }
        if (!value || f->volume_count == FAKE_VOLUMES)
                return false;
        *value++ = '\0';

        struct fake_volume *v = &f->volumes[f->volume_count++];

        v->type = word;
        v->source = strcmp(word, "bind") == 0 ? strsep(&value, ":") : "tmpfs";
        v->target = strsep(&value, ":");
        v->options = value ? value : "";
        if (strstr(v->options, "shared"))
                f->shared = true;
        return v->target && (strcmp(v->type, "bind") == 0 || strcmp(v->type, "tmpfs") == 0);
}

static const char *const hierarchies[] = {
        "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup"};

/* Of the view that the test runs in, the next after i that is mounted. */
static const char *hierarchy(size_t *i)
{
        struct stat st;
        char file[64];

        for (; *i < sizeof hierarchies / sizeof *hierarchies; ++*i) {
                snprintf(file, sizeof file, "%s/cgroup.procs", hierarchies[*i]);
                if (stat(file, &st) == 0)
                        return hierarchies[(*i)++];
        }
        return NULL;
}

static void put(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY | O_CLOEXEC);

        if (fd < 0 || write(fd, text, strlen(text)) < 0)
                fake_die(path);
        close(fd);
}

/* As "/proc/self/fd/N", which mount(2) follows without resolving the image's links again. */
static void resolve(const char *rootfs, const char *target, char link[32])
{
        struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
        int root = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
        int fd = (int)syscall(SYS_openat2, root, target, &how, sizeof how);

        if (fd < 0)
                fake_die(target);
        snprintf(link, 32, "/proc/self/fd/%d", fd);
}

static void mount_in(
        const struct fake *f, const char *type, const char *target, unsigned long flags, const char *data)
{
        char link[32];

        resolve(f->rootfs, target, link);
        if (mount(type, link, type, flags, data) < 0)
                fake_die(target);
}

static void mount_volume(const struct fake *f, const struct fake_volume *v)
{
        char link[32];

        if (strcmp(v->type, "tmpfs") == 0) {
                mount_in(f, "tmpfs", v->target, MS_NOSUID | MS_NODEV, "mode=755");
                return;
        }
        resolve(f->rootfs, v->target, link);
        if (mount(v->source, link, NULL, MS_BIND | MS_REC, NULL) < 0)
                fake_die(v->target);
        if (!strstr(v->options, "ro"))
                return;
        resolve(f->rootfs, v->target, link); /* what is mounted there now */
        if (mount(NULL, link, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) < 0)
                fake_die(v->target);
}

static void mount_cgroups(const struct fake *f)
{
        const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
        struct stat st;
        char path[PATH_MOST];

        if (stat("/sys/fs/cgroup/cgroup.procs", &st) == 0) {
                mount_in(f, "cgroup2", "/sys/fs/cgroup", flags | MS_RDONLY, NULL);
                return;
        }
        mount_in(f, "tmpfs", "/sys/fs/cgroup", flags, "mode=755");
        snprintf(path, sizeof path, "%s/sys/fs/cgroup/systemd", f->rootfs);
        if (mkdir(path, 0755) < 0)
                fake_die(path);
}

/* The mount that path is on, as runc does it: so that what is bound below it is nobody else's. */
static void make_parent_private(const char *path)
{
        char at[PATH_MOST];

        snprintf(at, sizeof at, "%s", path);
        while (mount(NULL, *at ? at : "/", NULL, MS_PRIVATE, NULL) < 0) {
                if (!*at)
                        fake_die("the mount of the rootfs");
                *strrchr(at, '/') = '\0';
        }
}

static void be_container(const struct fake *f, int ready)
{
        int namespaces = CLONE_NEWNS | (f->host_cgroup_namespace ? 0 : CLONE_NEWCGROUP);

        if (f->user_namespace)
                namespaces |= CLONE_NEWNET; /* whose sysfs it may mount */
        if (unshare(namespaces) < 0)
                fake_die("unshare");
        if (!f->shared && mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
                fake_die("/");
        make_parent_private(f->rootfs);
        if (mount(f->rootfs, f->rootfs, NULL, MS_BIND, NULL) < 0)
                fake_die(f->rootfs);
        if (!f->no_proc)
                mount_in(f, "proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
        if (!f->no_sys) {
                mount_in(f, "sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
                if (!f->host_cgroups)
                        mount_cgroups(f);
        }
        for (unsigned i = 0; i < f->volume_count; i++)
                mount_volume(f, &f->volumes[i]);
        if (write(ready, "", 1) != 1)
                fake_die("ready");
        for (;;)
                pause();
}

static void map_ids(pid_t pid)
{
        char path[64], text[64];

        snprintf(text, sizeof text, "0 %u 65536\n", FIRST_ID);
        snprintf(path, sizeof path, "/proc/%d/uid_map", pid);
        put(path, text);
        snprintf(path, sizeof path, "/proc/%d/gid_map", pid);
        put(path, text);
}

static void move_to_cgroups(const struct fake *f, pid_t pid)
{
        char path[256], text[16];

        for (size_t i = 0; hierarchy(&i);) {
                snprintf(path, sizeof path, "%s%s", hierarchies[i - 1], f->cgroup);
                if (mkdir(path, 0755) < 0 && errno != EEXIST)
                        fake_die(path);
                strcat(path, "/cgroup.procs");
                snprintf(text, sizeof text, "%d", pid);
                put(path, text);
        }
}

pid_t fake_start(const struct fake *f)
{
        int ready[2], go[2];
        char byte;

        if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0)
                fake_die("pipe");

        unsigned long flags = CLONE_NEWPID | SIGCHLD | (f->user_namespace ? CLONE_NEWUSER : 0);
        pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);

        if (pid < 0)
                fake_die("clone");
        if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                /* first in its cgroups, then in the namespace that is rooted there */
                if (read(go[0], &byte, 1) != 1 || (f->user_namespace && (setgid(0) < 0 || setuid(0) < 0)))
                        _exit(125);
                be_container(f, ready[1]);
        }
        if (f->user_namespace)
                map_ids(pid);
        move_to_cgroups(f, pid);
        if (write(go[1], "", 1) != 1)
                fake_die("go");
        close(ready[1]);
        if (read(ready[0], &byte, 1) != 1) {
                errno = ECHILD;
                fake_die("the container did not come up");
        }
        close(ready[0]);
        close(go[0]);
        close(go[1]);
        return pid;
}

void fake_stop(pid_t pid)
{
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
}

static int remove_tree(const char *path)
{
        char child[PATH_MOST];
        FILE *list;
        int r, tries = 1000; /* half a second and more */

        while ((r = rmdir(path)) < 0 && errno == EBUSY && tries-- > 0) {
                snprintf(child, sizeof child,
                        "find '%s' -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null", path);
                list = popen(child, "r");
                if (!list || pclose(list) != 0)
                        usleep(500); /* the kernel is still about to let the last process go */
        }
        return r < 0 && errno != ENOENT ? -1 : 0;
}

void fake_remove_cgroups(const struct fake *f)
{
        char path[256];

        for (size_t i = 0; hierarchy(&i);) {
                snprintf(path, sizeof path, "%s%s", hierarchies[i - 1], f->cgroup);
                if (remove_tree(path) < 0)
                        fake_die(path);
        }
}

char *fake_read(const char *path)
{
        size_t size = 0, room = 4096;
        char *text = malloc(room);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n;

        if (fd < 0)
                fake_die(path);
        while (text && (n = read(fd, text + size, room - size - 1)) > 0) {
                size += (size_t)n;
                if (room - size == 1)
                        text = realloc(text, room *= 2);
        }
        if (!text)
                fake_die(path);
        text[size] = '\0';
        close(fd);
        return text;
}

/* mountinfo without the numbers that no two mounts have in common. */
char *fake_mounts(pid_t pid)
{
        char path[64];

        snprintf(path, sizeof path, "/proc/%d/mountinfo", pid);

        char *all = fake_read(path), *out = all;

        for (char *line = all, *end; (end = strchr(line, '\n')); line = end + 1) {
                char *at = line;

                for (int field = 0; field < 3 && at < end; field++)
                        at += strcspn(at, " \n") + 1;
                for (; at <= end; at++) {
                        *out++ = *at;
                        /* of shared:N and master:N */
                        if (*at == ':' && at > line + 6 &&
                                (memcmp(at - 6, "shared", 6) == 0 || memcmp(at - 6, "master", 6) == 0))
                                at += strspn(at + 1, "0123456789");
                }
        }
        *out = '\0';
        return all;
}

char *fake_state(const char *template, const char *pid)
{
        size_t size = strlen(template) + 64;
        char *state = malloc(size), *out = state;

        if (!state)
                fake_die("state");
        for (const char *in = template; *in;) {
                if (strncmp(in, "@PID@", 5) == 0 && strlen(pid) < 32) {
                        out = stpcpy(out, pid);
                        in += 5;
                        pid = ""; /* room for one */
                } else {
                        *out++ = *in++;
                }
        }
        *out = '\0';
        return state;
}

static int input_file(const char *input)
{
        int fd = (int)syscall(SYS_memfd_create, "input", 1u);
        size_t length = strlen(input);

        if (fd < 0 || write(fd, input, length) != (ssize_t)length || lseek(fd, 0, SEEK_SET) < 0)
                fake_die("input");
        return fd;
}

static double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct fake_end fake_run(char *const argv[], char *const env[], const char *input, int out, int error)
{
        int in = input_file(input);
        struct fake_end end = {0};
        double begin = now();
        pid_t pid = vfork();

        if (pid < 0)
                fake_die("vfork");
        if (pid == 0) {
                if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(error, 2) < 0)
                        _exit(125);
                execve(argv[0], argv, env);
                _exit(125);
        }

        struct pollfd wait = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};

        if (poll(&wait, 1, (int)(fake_patience * 1000)) == 0)
                kill(pid, SIGKILL);
        while (waitpid(pid, &end.status, 0) < 0 && errno == EINTR)
                ;
        end.ms = (now() - begin) * 1000;
        close(wait.fd);
        close(in);
        return end;
}
