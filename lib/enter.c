/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "enter.h"

#include "kernel.h"
#include "rootless.h"
#include "scope.h"

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

/* A namespace, by the file that stands for it: namespaces(7). */
struct identity {
        dev_t device;
        ino_t inode;
};

static int identify(int proc, const char *path, struct identity *ret_identity, struct err *e)
{
        struct stat st;

        if (fstatat(proc, path, &st, 0) < 0)
                return err_set(e, errno, "look at the namespace %s", path);
        *ret_identity = (struct identity){st.st_dev, st.st_ino};
        return 0;
}

static bool is_same(struct identity a, struct identity b)
{
        return a.device == b.device && a.inode == b.inode;
}

int enter_hold(pid_t pid, struct container *ret_container, struct err *e)
{
        struct container c = {.pid = pid};
        char path[32];

        /* 1 is what the container sees of itself, and the host's own init here */
        if (pid <= 1)
                return err_refuse(e, "pid %d in the state is not a container's, as the host counts", pid);

        scoped_fd pidfd = kernel_pidfd_open(pid);

        if (pidfd < 0 && errno == ESRCH)
                return err_set(e, ESRCH, "pid %d of the state does not run", pid);
        if (pidfd < 0)
                return err_set(e, errno, "pidfd_open: hold pid %d of the state", pid);
        snprintf(path, sizeof path, "/proc/%d", pid);

        scoped_fd proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct statfs fs;

        if (proc < 0 || fstatfs(proc, &fs) < 0)
                return err_set(e, errno, "open %s", path);
        if (fs.f_type != PROC_SUPER_MAGIC)
                return err_refuse(e, "%s is not on a proc file system; mount it on /proc", path);

        c.pidfd = take_fd(&pidfd);
        c.proc = take_fd(&proc);
        *ret_container = c;
        return enter_check_alive(ret_container, e);
}

void enter_release(struct container *c)
{
        scope_close(&c->pidfd);
        scope_close(&c->proc);
}

int enter_check_alive(const struct container *c, struct err *e)
{
        struct pollfd p = {.fd = c->pidfd, .events = POLLIN};

        if (poll(&p, 1, 0) < 0)
                return err_set(e, errno, "poll pid %d of the state", c->pid);
        return p.revents ? err_set(e, ESRCH, "pid %d of the state has ended", c->pid) : 0;
}

int enter_view(const struct container *c, const char *rootfs, struct croot *ret_view, struct err *e)
{
        const struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
        scoped_fd top = openat(c->proc, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (top < 0) {
                err_set(e, errno, "open the root directory of pid %d", c->pid);
                return rootless_hint_alone(e);
        }

        int fd = kernel_openat2(top, rootfs, &how);

        if (fd < 0)
                return err_set(e, errno, "openat2: open the rootfs %s as pid %d sees it", rootfs, c->pid);
        ret_view->fd = fd;
        return 0;
}

/*
 * Process 1 of the proc in the rootfs is in the mount namespace of ours. Then it is this container's proc and
 * rootfs, and ours is its first process: of the host's proc, or of another container's, process 1 is
 * elsewhere.
 */
static int check_proc(const struct container *c, struct croot view, struct identity mounts, struct err *e)
{
        struct identity first = {0};
        struct statfs fs;
        scoped_fd proc = croot_open(view, "/proc", CROOT_ANY, e);

        if (proc >= 0 && fstatfs(proc, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC &&
                identify(proc, "1/ns/mnt", &first, e) == 0 && is_same(first, mounts))
                return 0;
        err_refuse(e, "pid %d is not the first process of a container that is being made of this rootfs",
                c->pid);
        return err_hint(e, "systemd needs a pid namespace of its own and a proc in the rootfs");
}

int enter_check_container(struct container *c, struct croot view, struct err *e)
{
        static const char *const names[] = {"ns/mnt", "ns/cgroup", "ns/user"};
        struct identity theirs[3] = {0}, ours[3] = {0};
        scoped_fd self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
        int r = self < 0 ? err_set(e, errno, "open /proc/self") : 0;

        for (int i = 0; r == 0 && i < 3; i++) {
                r = identify(c->proc, names[i], &theirs[i], e);
                if (r == 0)
                        r = identify(self, names[i], &ours[i], e);
        }
        if (r < 0)
                return r;
        if (is_same(theirs[0], ours[0]))
                return err_refuse(
                        e, "pid %d is in the hook's own mount namespace, and so in no container", c->pid);
        c->other_cgroup_namespace = !is_same(theirs[1], ours[1]);
        c->other_user_namespace = !is_same(theirs[2], ours[2]);
        c->rootless = ours[2].inode != KERNEL_INITIAL_USER_NAMESPACE;
        return check_proc(c, view, theirs[0], e);
}

int enter_mounts(const struct container *c, const char *rootfs, struct croot view, struct croot *ret_root,
        struct err *e)
{
        struct stat before, now;
        int r = enter_check_alive(c, e);

        if (r < 0)
                return r;
        if (fstat(view.fd, &before) < 0)
                return err_set(e, errno, "look at the rootfs %s", rootfs);
        if (setns(c->pidfd, CLONE_NEWNS) < 0)
                return err_set(e, errno, "setns: enter the mount namespace of pid %d", c->pid);

        scoped_fd root = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (root < 0 || fstat(root, &now) < 0)
                return err_set(e, errno, "open the rootfs %s in the container", rootfs);
        if (before.st_dev != now.st_dev || before.st_ino != now.st_ino)
                return err_refuse(e, "the rootfs %s is another one in the container than it was", rootfs);
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
                       ? err_set(e, errno, "setns: enter the cgroup namespace of pid %d", c->pid)
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
 * Into the host's own cgroup namespace nobody comes back without the host's privileges. A child goes in our
 * stead, with our memory and descriptors, while we wait: what it leaves there is ours.
 */
static int send_child(struct visit *v)
{
        _Alignas(16) char stack[VISIT_STACK];
        int status;
        pid_t child = clone(visit, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, v);

        if (child < 0 || waitpid(child, &status, 0) != child)
                return err_set(v->e, errno, "clone: send a child into the cgroup namespace of pid %d",
                        v->container->pid);
        if (status != 0)
                return err_set(v->e, EINTR, "the child in the cgroup namespace of pid %d was killed",
                        v->container->pid);
        return v->result;
}

int enter_cgroup_namespace(
        const struct container *c, int (*work)(void *with, struct err *e), void *with, struct err *e)
{
        if (c->rootless)
                return send_child(&(struct visit){c, work, with, e, 0});

        scoped_fd own = open("/proc/self/ns/cgroup", O_RDONLY | O_CLOEXEC);

        if (own < 0)
                return err_set(e, errno, "open our own cgroup namespace");

        int r = go(c, e);

        if (r < 0)
                return r;
        r = work(with, e);
        if (setns(own, CLONE_NEWCGROUP) < 0)
                return err_set(e, errno, "setns: come back from the cgroup namespace of pid %d", c->pid);
        return r;
}
