/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/self.h"

#include <errno.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

void self_take_modes_as_given(void)
{
        umask(0);
}

int self_make_files_as(uid_t owner, gid_t group, struct err *e)
{
        if (owner == 0 && group == 0)
                return 0;
        /* setfsuid would drop those that making files in anybody's directory needs */
        if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) < 0)
                return err_set(e, errno, "keep the capabilities as user %u (prctl)", owner);
        setfsgid(group);
        setfsuid(owner);
        return 0;
}

int self_new_cgroup_namespace(struct err *e)
{
        return unshare(CLONE_NEWCGROUP) < 0 ? err_set(e, errno, "make a cgroup namespace (unshare)") : 0;
}

int self_new_mount_namespace(struct err *e)
{
        return unshare(CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER)) < 0
                       ? err_set(e, errno, "make a mount namespace to look from (unshare)")
                       : 0;
}
