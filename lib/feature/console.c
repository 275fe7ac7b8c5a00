/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/scope.h"
#include "feature/console_copy.h"
#include "feature/feature.h"
#include "feature/terminal.h"
#include "kernel/child.h"
#include "kernel/mount.h"
#include "kernel/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <termios.h>

/*
 * PID 1 and journald write to /dev/console, and only if it is a terminal; an engine that was not asked for one gives the container
 * a pipe, which cannot be mounted there. So the container gets a pseudoterminal of its own devpts, and a process on the
 * host copies what is written to it to the pipe.
 */

#define HANDOVER 2000 /* milliseconds for the process to answer */

static const struct entry entries[] = {
        {ENTRY_DIRECTORY, "systemd/journald.conf.d", 0755, NULL},
        {ENTRY_FILE, "systemd/journald.conf.d/50-oci-systemd-hook-console.conf", 0644,
                "[Journal]\nForwardToConsole=yes\nMaxLevelConsole=info\n"},
        /* nobody can log in there: it would print its prompt into the log, again and again */
        {ENTRY_LINK, "systemd/system/console-getty.service", 0, "/dev/null"},
};

int console_plan(struct planning *p)
{
        const enum console_choice choice = p->in->settings->console;
        const bool terminal = p->in->config->terminal;
        const size_t count = sizeof entries / sizeof *entries;

        if (choice == CONSOLE_ENGINE)
                return 0;
        feature_add_to_run(p, entries, terminal ? count - 1 : count,
                choice == CONSOLE_LOG ? "console=log" : "console=journal");
        if (choice == CONSOLE_JOURNAL && !terminal)
                plan_note(p, "console=journal has no effect without a terminal; start the container with "
                             "one, or set console=log");
        if (choice == CONSOLE_LOG && terminal)
                plan_note(p, "console=log: the container has a terminal, which the engine logs; nothing is "
                             "copied");
        if (choice == CONSOLE_LOG && !terminal)
                feature_step(p, FEATURE_CONSOLE, "/dev/console",
                        "copied to the engine's log by a process on the host");
        return p->failed;
}

/* Whether the file system is mounted in this mount namespace, too: proc_pid_mountinfo(5), the third field. */
static int is_hosts(dev_t dev, struct err *e)
{
        char wanted[32], *line = NULL;
        size_t size = 0;
        int found = 0;
        FILE *f = fopen("/proc/self/mountinfo", "re");

        if (!f)
                return err_set(e, errno, "open /proc/self/mountinfo");
        snprintf(wanted, sizeof wanted, "%u:%u ", major(dev), minor(dev));
        while (!found && getline(&line, &size, f) > 0) {
                const char *third = strchr(line, ' ');

                third = third ? strchr(third + 1, ' ') : NULL;
                found = third && strncmp(third + 1, wanted, strlen(wanted)) == 0;
        }
        free(line);
        fclose(f);
        return found;
}

/* /dev is a tmpfs of the container's own, so that a file that is made there is gone with it. */
static int open_dev(struct croot root, dev_t *ret_dev, struct err *e)
{
        struct stat st;
        struct statfs fs;
        scoped_fd dev = croot_open(root, "/dev", CROOT_DIRECTORY, e);

        if (dev < 0)
                return dev;
        if (fstat(dev, &st) < 0 || fstatfs(dev, &fs) < 0)
                return err_set(e, errno, "look at the container's /dev");
        if (fs.f_type != TMPFS_MAGIC || croot_is_mount(dev) != 1)
                return err_refuse(e, "the container's /dev is not a tmpfs");
        *ret_dev = st.st_dev;
        return take_fd(&dev);
}

static int check_dev(struct feature_start *s, struct err *e)
{
        scoped_fd dev = open_dev(s->view, &s->console.dev, e);

        if (dev < 0)
                return dev;
        int r = is_hosts(s->console.dev, e);
        return r == 1 ? err_refuse(e, "the container's /dev is mounted on the host, too") : r;
}

/* What the engine has given the container for standard output. */
static int take_output(const struct container *c, struct err *e)
{
        scoped_fd log = sys_pidfd_getfd(c->pidfd, STDOUT_FILENO);
        struct stat st;
        char path[32];

        if (log < 0)
                return err_set(e, errno, "take the standard output of pid %d (pidfd_getfd)", c->pid);

        const int flags = fcntl(log, F_GETFL);

        if (flags < 0 || fstat(log, &st) < 0)
                return err_set(e, errno, "look at the standard output of pid %d", c->pid);
        if ((flags & O_ACCMODE) == O_RDONLY || flags & O_PATH)
                return err_refuse(e, "the container's standard output cannot be written to");
        if (!S_ISFIFO(st.st_mode))
                return take_fd(&log);
        /* one of our own that never waits: the container's processes share the flags of theirs */
        snprintf(path, sizeof path, "/proc/self/fd/%d", log);

        int own = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

        return own < 0 ? take_fd(&log) : own;
}

int console_prepare(struct feature_start *s, struct err *e)
{
        int pair[2], r = check_dev(s, e);

        if (r < 0)
                return r;
        scoped_fd log = take_output(s->container, e);
        if (log < 0)
                return log;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return err_set(e, errno, "make a way to the process that copies the console");
        s->console.socket = pair[0];

        scoped_fd theirs = pair[1];
        const int fds[CONSOLE_FDS] = {[CONSOLE_FD_SOCKET] = theirs,
                [CONSOLE_FD_LOG] = log,
                [CONSOLE_FD_PIDFD] = s->container->pidfd};

        return child_leave_behind("oci-console", fds, CONSOLE_FDS, console_copy, e);
}

static int open_master(struct croot root, struct err *e)
{
        struct stat st;
        struct statfs fs;
        char path[32];
        scoped_fd found = croot_open(root, "/dev/pts/ptmx", CROOT_ANY, e);

        if (found < 0)
                return found;
        if (fstat(found, &st) < 0 || fstatfs(found, &fs) < 0)
                return err_set(e, errno, "look at the container's /dev/pts/ptmx");
        /* only a driver of terminals is opened, and only the container's */
        if (fs.f_type != DEVPTS_SUPER_MAGIC || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(5, 2))
                return err_refuse(e, "the container's /dev/pts is not a devpts");
        snprintf(path, sizeof path, "/proc/self/fd/%d", found);

        int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

        return fd < 0 ? err_set(e, errno, "open the container's /dev/pts/ptmx") : fd;
}

static int open_slave(int master, uid_t owner, struct err *e)
{
        const struct winsize size = {.ws_row = TERMINAL_ROWS, .ws_col = TERMINAL_COLUMNS};
        const int unlock = 0;
        struct termios modes;

        if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
                return err_set(e, errno, "unlock a pseudoterminal of the container");

        scoped_fd slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);

        if (slave < 0)
                return err_set(e, errno, "open a pseudoterminal of the container");
        if (tcgetattr(slave, &modes) < 0)
                return err_set(e, errno, "look at a pseudoterminal of the container");
        modes.c_lflag &= ~(tcflag_t)ECHO; /* nobody types there: an answer is not to be printed */
        if (tcsetattr(slave, TCSANOW, &modes) < 0 || ioctl(slave, TIOCSWINSZ, &size) < 0 ||
                fchown(slave, owner, (gid_t)-1) < 0)
                return err_set(e, errno, "set up a pseudoterminal of the container");
        return take_fd(&slave);
}

/* An empty file for the mount, in the container's own /dev. */
static int make_target(struct feature_start *s, struct croot root, struct err *e)
{
        dev_t now = 0;
        scoped_fd dev = open_dev(root, &now, e);

        if (dev < 0)
                return dev;
        if (now != s->console.dev)
                return err_refuse(e, "the container's /dev changed between preparation and entry");

        scoped_fd target = openat(dev, "console", O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (target < 0 && errno == EEXIST)
                return err_refuse(e, "the container has a /dev/console already");
        if (target < 0)
                return err_set(e, errno, "make the container's /dev/console");
        int r = mount_make_slave(dev, "/dev", e);
        return r < 0 ? r : take_fd(&target);
}

static int hand_over(int socket, int master, int slave, struct err *e)
{
        const int fds[] = {master, slave};
        _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fds)] = {0};
        char byte = 0;
        struct iovec data = {&byte, 1};
        struct msghdr message = {
                .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        struct pollfd p = {.fd = socket, .events = POLLIN};

        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof fds);
        memcpy(CMSG_DATA(header), fds, sizeof fds);
        if (sendmsg(socket, &message, MSG_NOSIGNAL) != 1)
                return err_set(e, errno, "hand the console over to the process that copies it");
        if (poll(&p, 1, HANDOVER) != 1 || recv(socket, &byte, 1, 0) != 1)
                return err_refuse(e, "the process that copies the console does not answer");
        return 0;
}

int console_attach(struct feature_start *s, const struct apply_place *place, struct err *e)
{
        scoped_fd master = open_master(place->root, e);

        if (master < 0)
                return master;
        scoped_fd slave = open_slave(master, s->plan->owner, e);
        if (slave < 0)
                return slave;
        scoped_fd target = make_target(s, place->root, e);
        if (target < 0)
                return target;
        scoped_fd mount = mount_clone(slave, "", false, e);
        if (mount < 0)
                return mount;

        int r = mount_attributes(mount, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0, MS_PRIVATE, false, e);

        if (r == 0)
                r = mount_attach(mount, target, "/dev/console", e);
        return r == 0 ? hand_over(s->console.socket, master, slave, e) : r;
}

void console_release(struct feature_start *s)
{
        scope_close(&s->console.socket);
        s->console.socket = -1;
}
