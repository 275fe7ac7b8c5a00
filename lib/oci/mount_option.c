/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/size.h"
#include "oci/private.h"

#include <string.h>

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
                if (!size_bytes(option + 5, &m->size))
                        m->size = 0;
        }
        return true;
}
