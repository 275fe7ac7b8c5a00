/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci_private.h"

#include <string.h>

const char *oci_below(const char *path, const char *directory)
{
        size_t n = strlen(directory);

        if (strncmp(path, directory, n) != 0 || (path[n] != '/' && path[n] != '\0'))
                return NULL;
        return path + n;
}

const char *oci_root(const struct oci_config *c, const char *bundle, struct arena *a)
{
        return c->root[0] == '/' ? c->root : arena_print(a, "%s/%s", bundle, c->root);
}

void oci_clean(char *path)
{
        char *out = path;

        for (char *in = path; *in;) {
                size_t n = strcspn(in, "/");

                if (n == 2 && in[0] == '.' && in[1] == '.') {
                        while (out > path && *--out != '/')
                                ;
                } else if (n && !(n == 1 && in[0] == '.')) {
                        *out++ = '/';
                        memmove(out, in, n);
                        out += n;
                }
                in += n + (in[n] == '/');
        }
        if (out == path)
                *out++ = '/';
        *out = '\0';
}

bool oci_concerns_us(const char *destination)
{
        static const char *const places[] = {"/run", "/var/run", "/var/lock", "/tmp", "/var/log/journal",
                "/var/tmp", "/var/lib/systemd", "/etc/machine-id", "/sys/fs/cgroup"};

        /* most mounts of a long list are elsewhere, which their first letter tells */
        if (!destination[1] || !strchr("rvtes", destination[1]))
                return false;
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
                if (oci_below(destination, places[i]) || oci_below(places[i], destination))
                        return true;
        return false;
}
