/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/path.h"
#include "oci/oci.h"

#include <string.h>

const char *oci_root(const struct oci_config *c, const char *bundle, struct arena *a)
{
        return c->root[0] == '/' ? c->root : arena_print(a, "%s/%s", bundle, c->root);
}

bool oci_concerns_us(const char *destination)
{
        static const char *const places[] = {"/run", "/var/run", "/var/lock", "/tmp", "/var/log/journal",
                "/var/tmp", "/var/lib/systemd", "/etc/machine-id", "/sys/fs/cgroup"};

        /* most mounts of a long list are elsewhere, which their first letter tells */
        if (!destination[1] || !strchr("rvtes", destination[1]))
                return false;
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
                if (path_below(destination, places[i]) || path_below(places[i], destination))
                        return true;
        return false;
}
