/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci/capabilities.h"

#include <stddef.h>
#include <string.h>

/* By their numbers: include/uapi/linux/capability.h. Arrays and no pointers, which are relocations at every start. */
static const char names[][20] = {"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL",
        "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN",
        "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE",
        "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG",
        "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG",
        "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE"};

uint64_t oci_capability(const char *name)
{
        if (strncmp(name, "CAP_", 4) != 0)
                return 0;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (strcmp(name + 4, names[i]) == 0)
                        return OCI_CAPABILITY(i);
        return 0;
}
