/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/rootless.h"

#include "base/file.h"
#include "base/scope.h"
#include "kernel/proc_text.h"
#include "kernel/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define UID_MAP_MOST (12 << 10) /* bytes: 340 lines (user_namespaces(7)) of three numbers of ten digits */

bool rootless_is(void)
{
        struct stat st;

        return stat("/proc/self/ns/user", &st) == 0 && st.st_ino != PROC_USER_INIT_INO;
}

int rootless_hint_alone(struct err *e)
{
        const unsigned long user = getauxval(AT_EUID);

        return user == 0 ? -e->code
                         : err_hint(e,
                                   "the hook runs as user %lu, which is not root in any user namespace: "
                                   "start the "
                                   "runtime in one, as Podman does (podman unshare RUNTIME)",
                                   user);
}

int rootless_user(uid_t *ret_user, struct err *e)
{
        filled_later char text[UID_MAP_MOST];
        struct statfs fs;
        scoped_fd self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
        int r = file_read(self, "uid_map", text, sizeof text, e);

        if (r < 0)
                return err_within(e, "/proc/self");
        if (fstatfs(self, &fs) < 0)
                return err_set(e, errno, "look at /proc/self");
        if (fs.f_type != PROC_SUPER_MAGIC || proc_text_root_id(text, ret_user) < 0)
                return err_refuse(e, "/proc/self/uid_map maps nobody to root");
        return 0;
}

int rootless_hint(struct err *e)
{
        struct err unused = {0};
        struct statfs fs;
        uid_t user = 0;

        if (rootless_user(&user, &unused) < 0)
                return -e->code;
        err_hint(e,
                "user %u has no delegated cgroup: start the engine in a session of systemd (as root: "
                "loginctl enable-linger %u)",
                user, user);
        /* engines give a user's container none on v1, and have no cgroup manager systemd there */
        if (statfs("/sys/fs/cgroup", &fs) < 0 || fs.f_type != CGROUP2_SUPER_MAGIC)
                return err_hint(
                        e, "better on a host with unified cgroups: systemd.unified_cgroup_hierarchy=1");
        return err_hint(
                e, "with its cgroup manager systemd; or in a unit with Delegate=yes and --cgroups=split");
}
