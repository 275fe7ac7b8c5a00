/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Well-known units that can only fail in a container whose PID 1 lacks a capability, or whose capability does not
 * count: one row each. What newer versions of systemd check by themselves is only for the older ones.
 *
 *   X("unit", "generator", CAPABILITY, WHERE, FROM, TO, "cure")
 *
 * "generator": what makes the unit where the image has no file of it, or "". WHERE: does the capability count IN_ANY
 * user namespace, IN_INITIAL alone (user_namespaces(7)), or only IN_HOST, outside of containers: the kernel's audit
 * talks to nobody in another pid namespace than the first. FROM, TO: the versions of systemd that need the row; ALL.
 * "cure": a line of [Service] with which the unit runs without the capability; or "": the unit is skipped.
 *
 * capset: where a unit has User= and a filter that lets capset through, systemd from 255 on keeps CAP_SYS_ADMIN for
 * the unit, fails without it (systemd issue 29860), and sets the filter by no_new_privs where capset is not let
 * through.
 */

#include "kernel/croot.h"

#include <limits.h>
#include <linux/capability.h>

/* clang-format off */
#define UNITS(X)                                                                               \
        X("audit-rules.service",           "", AUDIT_CONTROL, IN_HOST,    0,   ALL, "")         \
        X("auditd.service",                "", AUDIT_CONTROL, IN_HOST,    0,   ALL, "")         \
        X("autofs.service",                "", SYS_ADMIN,     IN_INITIAL, 0,   ALL, "")         \
        X("docker.service",                "", SYS_ADMIN,     IN_ANY,     0,   ALL, "")         \
        X("docker.socket",                 "", SYS_ADMIN,     IN_ANY,     0,   ALL, "")         \
        X("firewalld.service",             "", NET_ADMIN,     IN_ANY,     0,   ALL, "")         \
        X("haproxy.service",               "", SYS_ADMIN,     IN_ANY,     0,   ALL, "BindReadOnlyPaths=") \
        X("netfilter-persistent.service",  "", NET_ADMIN,     IN_ANY,     0,   ALL, "")         \
        X("nfs-idmapd.service",            "", SYS_ADMIN,     IN_INITIAL, 0,   ALL, "")         \
        X("nfs-server.service",            "", SYS_ADMIN,     IN_INITIAL, 0,   ALL, "")         \
        X("nfsdcld.service",               "", SYS_ADMIN,     IN_INITIAL, 0,   ALL, "")         \
        X("nftables.service",              "", NET_ADMIN,     IN_ANY,     0,   ALL, "")         \
        X("polkit.service",                "", SYS_ADMIN,     IN_ANY,     255, ALL, "SystemCallFilter=~capset") \
        X("proc-fs-nfsd.mount",            "", SYS_ADMIN,     IN_INITIAL, 0,   ALL, "")         \
        X("rhel-dmesg.service",            "", SYSLOG,        IN_INITIAL, 0,   ALL, "")         \
        X("run-rpc_pipefs.mount",          "rpc-pipefs-generator", SYS_ADMIN, IN_INITIAL, 0, ALL, "") \
        X("sys-fs-fuse-connections.mount", "", SYS_ADMIN,     IN_INITIAL, 0,   229, "")         \
        X("systemd-resolved.service",      "", SYS_ADMIN,     IN_ANY,     255, ALL, "SystemCallFilter=~capset") \
        X("ufw.service",                   "", NET_ADMIN,     IN_ANY,     0,   ALL, "")         \
        X("var-lib-nfs-rpc_pipefs.mount",  "", SYS_ADMIN,     IN_INITIAL, 0,   ALL, "")
/* clang-format on */

/* Which of the units the image has: a bit each, in the order of the table. Nothing of the image can make it fail. */
unsigned units_look(struct croot view);
