/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Well-known units that can only fail in a container whose PID 1 lacks a capability, or whose capability does not
 * count: one row each. What newer versions of systemd check by themselves is only for the older ones.
 *
 *   X("unit", CAPABILITY, WHERE, TO)
 *
 * WHERE: IN_ANY user namespace does the capability count, or IN_INITIAL alone (user_namespaces(7)). TO: the last
 * version of systemd that needs the row; ALL.
 */

#include "kernel/croot.h"

#include <limits.h>
#include <linux/capability.h>

/* clang-format off */
#define UNITS(X)                                                      \
        X("audit-rules.service",           AUDIT_CONTROL, IN_INITIAL, ALL) \
        X("autofs.service",                SYS_ADMIN,     IN_INITIAL, ALL) \
        X("docker.service",                SYS_ADMIN,     IN_ANY,     ALL) \
        X("docker.socket",                 SYS_ADMIN,     IN_ANY,     ALL) \
        X("firewalld.service",             NET_ADMIN,     IN_ANY,     ALL) \
        X("netfilter-persistent.service",  NET_ADMIN,     IN_ANY,     ALL) \
        X("nftables.service",              NET_ADMIN,     IN_ANY,     ALL) \
        X("proc-fs-nfsd.mount",            SYS_ADMIN,     IN_INITIAL, ALL) \
        X("rhel-dmesg.service",            SYSLOG,        IN_INITIAL, ALL) \
        X("run-rpc_pipefs.mount",          SYS_ADMIN,     IN_INITIAL, ALL) \
        X("sys-fs-fuse-connections.mount", SYS_ADMIN,     IN_INITIAL, 229) \
        X("ufw.service",                   NET_ADMIN,     IN_ANY,     ALL) \
        X("var-lib-nfs-rpc_pipefs.mount",  SYS_ADMIN,     IN_INITIAL, ALL)
/* clang-format on */

/* Which of the units the image has: a bit each, in the order of the table. Nothing of the image can make it fail. */
unsigned units_look(struct croot view);
