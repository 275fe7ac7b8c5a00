/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/container.h"

#include "base/scope.h"
#include "kernel/rootless.h"
#include "kernel/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>

/* read_membership of lib/facts is the hungriest that runs on it, with 4 KiB of its own */
#define VISIT_STACK (64 << 10)

enum namespace { MOUNT_NAMESPACE, CGROUP_NAMESPACE, USER_NAMESPACE, NAMESPACES };

static const struct {
        unsigned long request; /* of a pidfd */
        const char *file;      /* of /proc/PID */
} namespaces[NAMESPACES] = {
        [MOUNT_NAMESPACE] = {PIDFD_GET_MNT_NAMESPACE, "ns/mnt"},
        [CGROUP_NAMESPACE] = {PIDFD_GET_CGROUP_NAMESPACE, "ns/cgroup"},
        [USER_NAMESPACE] = {PIDFD_GET_USER_NAMESPACE, "ns/user"},
};

/* The namespaces of one process: an fd each, and what the fd is, which is what tells them apart:
 * namespaces(7). */
struct identity {
        int fd[NAMESPACES];
        struct stat st[NAMESPACES];
};

static void forget(struct identity *i)
{
        for (int n = 0; n < NAMESPACES; n++)
                scope_close(&i->fd[n]);
}

/* By the pidfd where the kernel can: a look-up in proc costs several times as much. */
static int identify(int pidfd, int proc, struct identity *ret, struct err *e)
{
        for (int n = 0; n < NAMESPACES; n++) {
                int fd = ioctl(pidfd, namespaces[n].request, 0);

                if (fd < 0)
                        fd = openat(proc, namespaces[n].file, O_RDONLY | O_CLOEXEC);
                ret->fd[n] = fd;
                if (fd < 0 || fstat(fd, &ret->st[n]) < 0)
                        return err_set(e, errno, "look at the namespace %s", namespaces[n].file);
        }
        return 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
        return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int container_hold(pid_t pid, struct container *ret_container, struct err *e)
{
        struct container c = CONTAINER_NONE;
        char path[32];

        /* 1 is what the container sees of itself, and the host's own init here */
        if (pid <= 1)
                return err_refuse(e,
                        "pid %d cannot be a container's process; the state has to give its pid on the host",
                        pid);

        scoped_fd pidfd = sys_pidfd_open(pid);

        if (pidfd < 0 && errno == ESRCH)
                return err_refuse_as(e, ESRCH, "the container's process (pid %d) is not running", pid);
        if (pidfd < 0)
                return err_set(e, errno, "hold the container's process (pid %d, pidfd_open)", pid);
        snprintf(path, sizeof path, "/proc/%d", pid);

        scoped_fd proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct statfs fs;

        if (proc < 0 || fstatfs(proc, &fs) < 0)
                return err_set(e, errno, "open %s", path);
        if (fs.f_type != PROC_SUPER_MAGIC)
                return err_refuse(e, "%s is not on a proc file system; mount it on /proc", path);

        c.pid = pid;
        c.pidfd = pidfd;
        c.proc = proc;

        const int r = container_check_alive(&c, e);

        if (r < 0)
                return r;
        c.pidfd = take_fd(&pidfd);
        c.proc = take_fd(&proc);
        *ret_container = c;
        return 0;
}

void container_release(struct container *c)
{
        scope_close(&c->pidfd);
        scope_close(&c->proc);
        scope_close(&c->mount_namespace);
        scope_close(&c->own_cgroup_namespace);
}

int container_check_alive(const struct container *c, struct err *e)
{
        struct pollfd p = {.fd = c->pidfd, .events = POLLIN};

        if (poll(&p, 1, 0) < 0)
                return err_set(e, errno, "poll the container's process (pid %d)", c->pid);
        return p.revents ? err_refuse_as(e, ESRCH, "the container's process (pid %d) has exited", c->pid) : 0;
}

int container_rootfs(const struct container *c, const char *rootfs, struct croot *ret_view, struct err *e)
{
        const struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
        scoped_fd top = openat(c->proc, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (top < 0) {
                err_set(e, errno, "open the root directory of pid %d", c->pid);
                return rootless_hint_alone(e);
        }

        int fd = sys_openat2(top, rootfs, &how);

        if (fd < 0) {
                const bool is_unseen =
                        errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EACCES;
                int r = err_set(e, errno, "open the rootfs %s as pid %d sees it (openat2)", rootfs, c->pid);

                return is_unseen ? 1 : r;
        }
        ret_view->fd = fd;
        return 0;
}

/*
 * Process 1 of the proc in the rootfs is in the mount namespace of ours. Then it is this container's proc and
 * rootfs, and ours is its first process: of the host's proc, or of another container's, process 1 is
 * elsewhere.
 */
static int check_proc(const struct container *c, struct croot view, const struct stat *mounts, struct err *e)
{
        struct stat first;
        struct statfs fs;
        scoped_fd proc = croot_open(view, "/proc", CROOT_ANY, e);

        if (proc >= 0 && fstatfs(proc, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC &&
                fstatat(proc, "1/ns/mnt", &first, 0) == 0 && is_same(&first, mounts))
                return 0;
        err_refuse(e, "pid %d is not the first process of a container that is being made of this rootfs",
                c->pid);
        return err_hint(e, "systemd needs a pid namespace of its own and a proc in the rootfs");
}

/* The hook's own, by /proc only where the kernel knows no other way. */
static int identify_self(struct identity *ret, struct err *e)
{
        scoped_fd pidfd = sys_pidfd_open(getpid());

        if (pidfd >= 0 && identify(pidfd, -1, ret, e) == 0)
                return 0;
        forget(ret);

        scoped_fd proc = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

        return proc < 0 ? err_set(e, errno, "open /proc/self") : identify(-1, proc, ret, e);
}

/* A virtual machine's process is such a one, too: its container has namespaces of another kernel. */
static int refuse_ours(const struct container *c, struct err *e)
{
        err_refuse(e, "pid %d shares the hook's mount namespace, so it is not a container", c->pid);
        return err_hint(e, "under a runtime of virtual machines (Kata) set org.oci-systemd-hook.mode=off");
}

static int compare(struct container *c, struct identity *theirs, struct identity *ours, struct err *e)
{
        int r = identify(c->pidfd, c->proc, theirs, e);

        if (r == 0)
                r = identify_self(ours, e);
        if (r < 0)
                return r;
        if (is_same(&theirs->st[MOUNT_NAMESPACE], &ours->st[MOUNT_NAMESPACE]))
                return refuse_ours(c, e);
        c->other_cgroup_namespace = !is_same(&theirs->st[CGROUP_NAMESPACE], &ours->st[CGROUP_NAMESPACE]);
        c->other_user_namespace = !is_same(&theirs->st[USER_NAMESPACE], &ours->st[USER_NAMESPACE]);
        c->rootless = ours->st[USER_NAMESPACE].st_ino != PROC_USER_INIT_INO;
        c->mount_namespace = take_fd(&theirs->fd[MOUNT_NAMESPACE]);
        c->own_cgroup_namespace = take_fd(&ours->fd[CGROUP_NAMESPACE]);
        return 0;
}

int container_check(struct container *c, struct croot view, struct err *e)
{
        struct identity theirs = {.fd = {-1, -1, -1}}, ours = {.fd = {-1, -1, -1}};
        int r = compare(c, &theirs, &ours, e);

        if (r == 0)
                r = check_proc(c, view, &theirs.st[MOUNT_NAMESPACE], e);
        forget(&theirs);
        forget(&ours);
        return r;
}

int container_enter_mounts(const struct container *c, const char *rootfs, struct croot view,
        struct croot *ret_root, struct err *e)
{
        struct stat before, now;
        int r = container_check_alive(c, e);

        if (r < 0)
                return r;
        if (fstat(view.fd, &before) < 0)
                return err_set(e, errno, "look at the rootfs %s", rootfs);
        if (setns(c->pidfd, CLONE_NEWNS) < 0)
                return err_set(e, errno, "enter the mount namespace of pid %d (setns)", c->pid);

        scoped_fd root = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (root < 0 || fstat(root, &now) < 0)
                return err_set(e, errno, "open the rootfs %s in the container", rootfs);
        if (before.st_dev != now.st_dev || before.st_ino != now.st_ino)
                return err_refuse(e, "the rootfs %s changed between preparation and entry", rootfs);
        ret_root->fd = take_fd(&root);
        return 0;
}

struct visit {
        const struct container *container;
        int (*work)(void *with, struct err *e);
        void *with;
        struct err *e;
        int result;
};

static int go(const struct container *c, struct err *e)
{
        return setns(c->pidfd, CLONE_NEWCGROUP) < 0
                       ? err_set(e, errno, "enter the cgroup namespace of pid %d (setns)", c->pid)
                       : 0;
}

static int visit(void *with)
{
        struct visit *v = with;

        v->result = go(v->container, v->e);
        if (v->result == 0)
                v->result = v->work(v->with, v->e);
        return 0;
}

/*
 * A process that has left the host's cgroup namespace needs the host's privileges to enter it again, which a
 * rootless hook lacks. So a child enters the container's namespace and runs the work. The child shares memory
 * and descriptors with the hook, which waits for it: what the work stores there, the hook finds.
 */
static int send_child(struct visit *v)
{
        _Alignas(16) char stack[VISIT_STACK];
        int status;
        pid_t child = clone(visit, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, v);

        if (child < 0 || waitpid(child, &status, 0) != child)
                return err_set(v->e, errno, "send a child into the cgroup namespace of pid %d (clone)",
                        v->container->pid);
        if (status != 0)
                return err_refuse_as(v->e, EINTR, "the child in the cgroup namespace of pid %d was killed",
                        v->container->pid);
        return v->result;
}

int container_in_cgroup_namespace(
        const struct container *c, int (*work)(void *with, struct err *e), void *with, struct err *e)
{
        if (c->rootless)
                return send_child(&(struct visit){c, work, with, e, 0});

        int r = go(c, e);

        if (r < 0)
                return r;
        r = work(with, e);
        if (setns(c->own_cgroup_namespace, CLONE_NEWCGROUP) < 0)
                return err_set(e, errno, "come back from the cgroup namespace of pid %d (setns)", c->pid);
        return r;
}
