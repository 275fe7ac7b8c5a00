/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *const hierarchies[] = {"/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"};

void die(const char *what)
{
        perror(what);
        exit(1);
}

double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

double median(double *values, int count)
{
        qsort(values, (size_t)count, sizeof *values, ascending);
        return values[count / 2];
}

struct spread spread(double *values, int count)
{
        const double middle = median(values, count);

        return (struct spread){values[count / 4], middle, values[count * 3 / 4]};
}

struct spread spread_of_ratios(const double *values, const double *by, int count)
{
        double *ratios = calloc((size_t)count, sizeof *ratios);

        if (!ratios)
                die("calloc");
        for (int i = 0; i < count; i++)
                ratios[i] = values[i] / by[i];

        const struct spread s = spread(ratios, count);

        free(ratios);
        return s;
}

void room_open(struct room *r, char **programs)
{
        *r = (struct room){
                .hook = programs[0], .floor = programs[1], .empty = programs[2], .rootfs = programs[3]};
        snprintf(r->directory, sizeof r->directory, "/tmp/bench-XXXXXX");
        if (!mkdtemp(r->directory))
                die(r->directory);
}

void room_close(const struct room *r)
{
        char command[128];

        snprintf(command, sizeof command, "rm -rf %s", r->directory);
        if (system(command) != 0)
                die(command);
}

static const char head[] =
        "{\"ociVersion\":\"1.0.2\",\"process\":{\"terminal\":true,\"user\":{\"uid\":0,\"gid\":0},\"args\":["
        "\"%s\"],"
        "\"env\":[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/"
        "bin\",\"TERM=xterm\"],\"cwd\":\"/\","
        "\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\",\"CAP_SETUID\"]}},"
        "\"root\":{\"path\":\"%s\",\"readonly\":false},\"hostname\":\"bench\",\"mounts\":["
        "{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
        "{\"destination\":\"/"
        "dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\",\"options\":[\"nosuid\",\"mode=755\"]},"
        "{\"destination\":\"/"
        "sys\",\"type\":\"sysfs\",\"source\":\"sysfs\",\"options\":[\"nosuid\",\"noexec\",\"ro\"]},"
        "{\"destination\":\"/sys/fs/"
        "cgroup\",\"type\":\"cgroup\",\"source\":\"cgroup\",\"options\":[\"nosuid\",\"ro\"]}";

static const char middle[] =
        "],\"linux\":{\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]},"
        "\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"},{\"type\":\"cgroup\"}],"
        "\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[";

/* The seccomp list makes it as long as Docker's defaults do. */
void bundle_make(const struct room *r, const char *name, const struct load *load)
{
        char path[256];

        snprintf(path, sizeof path, "%s/%s", r->directory, name);
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
                die(path);
        strcat(path, "/config.json");
        FILE *f = fopen(path, "we");

        if (!f)
                die(path);
        fprintf(f, head, load->command, r->rootfs);
        for (int i = 0; i < load->mounts; i++)
                fprintf(f,
                        ",{\"destination\":\"/data/volume%d\",\"type\":\"bind\",\"source\":\"/srv/volume%d\","
                        "\"options\":[\"rbind\",\"rw\"]}",
                        i, i);
        fputs(middle, f);
        for (int i = 0; i < 380 + load->padding / 45; i++)
                fprintf(f, "%s{\"names\":[\"call%d\"],\"action\":\"SCMP_ACT_ALLOW\"}", i ? "," : "", i);
        fputs("]}}}", f);
        if (fclose(f) != 0)
                die(path);
}

void state_make(
        const struct room *r, const char *bundle, int number, pid_t pid, int annotation_bytes, char *text)
{
        int at = snprintf(text, STATE_SIZE,
                "{\"ociVersion\":\"1.0.2\",\"id\":\"bench%d\",\"status\":\"creating\",\"pid\":%d,\"bundle\":"
                "\"%s/%s\","
                "\"annotations\":{\"org.oci-systemd-hook.mode\":\"auto\"",
                number, pid, r->directory, bundle);

        for (int i = 0; at < annotation_bytes; i++)
                at += snprintf(text + at, (size_t)(STATE_SIZE - at),
                        ",\"org.example.key%d\":\"a value like others\"", i);
        snprintf(text + at, (size_t)(STATE_SIZE - at), "}}");
}

static void mount_at(const struct room *r, const char *type, const char *path)
{
        char target[4096];

        snprintf(target, sizeof target, "%s%s", r->rootfs, path);
        if (mount(type, target, type, MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) < 0)
                die(target);
}

static void be_container(const struct room *r, int ready)
{
        char path[4096];

        /* a bench that fails leaves nobody behind */
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || unshare(CLONE_NEWNS | CLONE_NEWCGROUP) < 0 ||
                mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0 ||
                mount(r->rootfs, r->rootfs, NULL, MS_BIND, NULL) < 0 ||
                mount(NULL, r->rootfs, NULL, MS_PRIVATE, NULL) < 0)
                die("container");
        mount_at(r, "proc", "/proc");
        mount_at(r, "sysfs", "/sys");
        mount_at(r, "tmpfs", "/sys/fs/cgroup");
        /* a tmpfs without a hierarchy in it would be somebody's volume */
        snprintf(path, sizeof path, "%s/sys/fs/cgroup/cpu", r->rootfs);
        if (mkdir(path, 0755) < 0 ||
                mount("cgroup", path, "cgroup", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, "cpu") < 0)
                die(path);
        snprintf(path, sizeof path, "%s/sys/fs/cgroup/systemd", r->rootfs);
        if (mkdir(path, 0755) < 0 || write(ready, "", 1) != 1)
                die(path);
        for (;;)
                pause();
}

static void cgroup_path(char *path, size_t size, size_t hierarchy, int number, const char *below)
{
        snprintf(path, size, "%s/bench-%d-%d%s", hierarchies[hierarchy], getpid(), number, below);
}

/* First in its cgroups, then in the namespace that is rooted there: as runtimes do it. */
pid_t container_start(const struct room *r, int number)
{
        int go[2], ready[2];
        char byte, path[256], text[16];

        if (pipe2(go, O_CLOEXEC) < 0 || pipe2(ready, O_CLOEXEC) < 0)
                die("pipe");
        pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);

        if (pid < 0)
                die("clone");
        if (pid == 0) {
                if (read(go[0], &byte, 1) != 1)
                        die("go");
                be_container(r, ready[1]);
        }
        snprintf(text, sizeof text, "%d", pid);
        for (size_t i = 0; i < 2; i++) {
                cgroup_path(path, sizeof path, i, number, "");
                if (mkdir(path, 0755) < 0)
                        die(path);
                cgroup_path(path, sizeof path, i, number, "/cgroup.procs");
                int fd = open(path, O_WRONLY | O_CLOEXEC);

                if (fd < 0 || write(fd, text, strlen(text)) < 0)
                        die(path);
                close(fd);
        }
        close(ready[1]);
        if (write(go[1], "", 1) != 1 || read(ready[0], &byte, 1) != 1)
                die("the container did not come up");
        close(ready[0]);
        close(go[0]);
        close(go[1]);
        return pid;
}

void container_stop(const struct room *r, int number, pid_t pid)
{
        static const char *const below[] = {"/payload", ""};
        char path[256];

        (void)r;
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        for (size_t i = 0; i < 4; i++) {
                cgroup_path(path, sizeof path, i / 2, number, below[i % 2]);
                while (rmdir(path) < 0 && errno == EBUSY)
                        usleep(100);
        }
}

struct running start(char *const argv[], const char *text)
{
        posix_spawn_file_actions_t actions;
        struct running running;
        int fd = memfd_create("stdin", MFD_CLOEXEC);

        if (fd < 0 || write(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0)
                die("stdin");
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, fd, 0);
        running.begin = now();
        if (posix_spawn(&running.pid, argv[0], &actions, NULL, argv, (char *[]){NULL}) != 0)
                die(argv[0]);
        posix_spawn_file_actions_destroy(&actions);
        close(fd);
        return running;
}

struct running start_floor(const struct room *r, int number, pid_t pid)
{
        char pid_text[16], cgroup[64];

        snprintf(pid_text, sizeof pid_text, "%d", pid);
        snprintf(cgroup, sizeof cgroup, "/bench-%d-%d", getpid(), number);
        return start((char *[]){(char *)r->floor, pid_text, (char *)r->rootfs, cgroup, NULL}, "");
}

static double in_milliseconds(struct timeval t)
{
        return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

struct sample finish(struct running running)
{
        struct rusage usage;
        int status;

        if (wait4(running.pid, &status, 0, &usage) < 0)
                die("wait");
        if (status != 0) {
                fprintf(stderr, "a program that is measured failed\n");
                exit(1);
        }
        return (struct sample){
                .milliseconds = now() - running.begin,
                .processor = in_milliseconds(usage.ru_utime) + in_milliseconds(usage.ru_stime),
                .peak = usage.ru_maxrss,
        };
}
