/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci/private.h"

#include <stdlib.h>
#include <string.h>

/* As the kernel reads the size of a tmpfs: bytes, or with one of these letters. 0: a share of the memory, or none of these. */
static uint64_t bytes_of(const char *text)
{
        static const char units[] = "kmgt";
        char *end;
        uint64_t bytes = strtoull(text, &end, 10);
        const char *unit = *end ? strchr(units, *end | 0x20) : NULL;

        if (end == text || (*end && (!unit || end[1])))
                return 0;
        for (const char *at = units; unit && at <= unit; at++)
                if (__builtin_mul_overflow(bytes, 1024u, &bytes))
                        return 0;
        return bytes;
}

bool oci_mount_option(struct oci_mount *m, const char *option)
{
        if (strcmp(option, "ro") == 0 || strcmp(option, "rro") == 0)
                m->read_only = true;
        else if (strcmp(option, "rw") == 0)
                m->read_only = false;
        else if (strcmp(option, "noexec") == 0)
                m->no_exec = true;
        else if (strcmp(option, "exec") == 0)
                m->no_exec = false;
        else if (strncmp(option, "size=", 5) != 0)
                return false;
        else {
                m->has_size = true;
                m->size = bytes_of(option + 5);
        }
        return true;
}
