/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * floor PID ROOTFS CGROUP: the same mounts, cgroup writes and files as our plan for the bench's container, by
 * plain calls, checking nothing: what a prestart costs at the least. What the image has in the places that
 * are covered it knows beforehand. Linked statically; tests/bench/same compares what it leaves with what the
 * hook does.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const char *rootfs;

static char *at(const char *path)
{
        static char full[4096];

        snprintf(full, sizeof full, "%s%s", rootfs, path);
        return full;
}

static void die(const char *what)
{
        perror(what);
        exit(1);
}

static void tmpfs(const char *path, const char *options, unsigned long flags)
{
        if (mount("tmpfs", at(path), "tmpfs", MS_NOSUID | MS_NODEV | flags, options) < 0)
                die(path);
}

static void file(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0444);

        if (fd < 0 || write(fd, text, strlen(text)) < 0)
                die(path);
        close(fd);
}

static void directory(const char *path, mode_t mode)
{
        if (mkdir(at(path), mode) < 0)
                die(path);
}

/* Of the host, before its mounts are left. */
static char os_release[4096];

static void read_os_release(void)
{
        int fd = open("/etc/os-release", O_RDONLY | O_CLOEXEC);

        if (fd < 0 || read(fd, os_release, sizeof os_release - 1) < 0)
                die("/etc/os-release");
        close(fd);
}

static void remount(const char *path, unsigned long flags)
{
        if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC | flags, NULL) <
                0)
                die(path);
}

static void join(const char *hierarchy, const char *cgroup, const char *pid)
{
        char path[4096];

        snprintf(path, sizeof path, "%s%s/payload", hierarchy, cgroup);
        if (mkdir(path, 0755) < 0)
                die(path);
        strcat(path, "/cgroup.procs");
        file(path, pid);
}

static int hold(const char *hierarchy, const char *cgroup)
{
        char path[4096];

        snprintf(path, sizeof path, "%s%s", hierarchy, cgroup);
        int fd = (int)syscall(SYS_open_tree, AT_FDCWD, path, 1 | O_CLOEXEC);

        if (fd < 0)
                die(path);
        return fd;
}

static void show(int fd, const char *path)
{
        char inner[4096];

        if (syscall(SYS_move_mount, fd, "", AT_FDCWD, at(path), 4) < 0)
                die(path);
        snprintf(inner, sizeof inner, "%s%s/payload", rootfs, path);
        if (mount(inner, inner, NULL, MS_BIND, NULL) < 0)
                die(inner);
        remount(inner, 0);
        remount(at(path), MS_RDONLY);
}

static void run_host(void)
{
        static const struct {
                const char *path;
                mode_t mode;
        } nodes[] = {{"/run/host/inaccessible/reg", S_IFREG}, {"/run/host/inaccessible/fifo", S_IFIFO},
                {"/run/host/inaccessible/sock", S_IFSOCK}, {"/run/host/inaccessible/chr", S_IFCHR},
                {"/run/host/inaccessible/blk", S_IFBLK}};

        tmpfs("/run/host", "mode=755,size=128k,nr_inodes=64", MS_NOEXEC);
        file(at("/run/host/container-manager"), "oci\n");
        file(at("/run/host/container-uuid"), "4c616256-4d00-4000-8000-000000000001\n");
        file(at("/run/host/machine-id"), "4c6162564d0040008000000000000001\n");
        file(at("/run/host/os-release"), os_release);
        directory("/run/host/inaccessible", 0755);
        directory("/run/host/inaccessible/dir", 0);
        for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
                if (mknod(at(nodes[i].path), nodes[i].mode, makedev(0, 0)) < 0)
                        die(nodes[i].path);
        remount(at("/run/host"), MS_RDONLY);
}

static void machine_id(void)
{
        char source[4096];

        snprintf(source, sizeof source, "%s", at("/run/host/machine-id"));
        if (mount(source, at("/etc/machine-id"), NULL, MS_BIND, NULL) < 0 ||
                mount(NULL, at("/etc/machine-id"), NULL, MS_PRIVATE, NULL) < 0)
                die("/etc/machine-id");
        remount(at("/etc/machine-id"), MS_RDONLY);
}

int main(int argc, char **argv)
{
        char path[64];

        if (argc != 4)
                return 2;
        rootfs = argv[2];
        umask(0);
        read_os_release();
        join("/sys/fs/cgroup/unified", argv[3], argv[1]);
        join("/sys/fs/cgroup/systemd", argv[3], argv[1]);
        int unified = hold("/sys/fs/cgroup/unified", argv[3]),
            named = hold("/sys/fs/cgroup/systemd", argv[3]);

        snprintf(path, sizeof path, "/proc/%s/ns/mnt", argv[1]);
        int ns = open(path, O_RDONLY | O_CLOEXEC);

        if (ns < 0 || setns(ns, CLONE_NEWNS) < 0)
                die("setns");
        tmpfs("/run", "mode=755,size=20%,nr_inodes=1m", 0);
        if (mount(NULL, at("/run"), NULL, MS_SHARED, NULL) < 0)
                die("/run");
        directory("/run/lock", 0755);
        directory("/run/host", 0755);
        directory("/run/systemd", 0755);
        directory("/run/systemd/system", 0755);
        if (symlink("/dev/null", at("/run/systemd/system/systemd-machine-id-commit.service")) < 0)
                die("mask");
        tmpfs("/run/lock", "mode=1777,size=5m,nr_inodes=4k", MS_NOEXEC);
        directory("/run/lock/subsys", 0755);
        run_host();
        machine_id();
        tmpfs("/tmp", "mode=1777,size=50%,nr_inodes=1m", 0);
        tmpfs("/var/log/journal", "mode=755,size=10%,nr_inodes=1m", 0);
        if (chown(at("/var/log/journal"), 0, 999) < 0 || chmod(at("/var/log/journal"), 02755) < 0)
                die("/var/log/journal");
        directory("/sys/fs/cgroup/unified", 0755);
        show(unified, "/sys/fs/cgroup/unified");
        show(named, "/sys/fs/cgroup/systemd");
        return 0;
}
