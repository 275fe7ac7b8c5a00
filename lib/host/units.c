/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/units.h"

#include "base/scope.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* Through /lib, which where /usr is merged is a link: Debian 9 and Ubuntu 16.04 have their units there alone. */
static int open_below(struct croot view, const char *name)
{
        char path[64];
        struct err unused;
        int dir;

        snprintf(path, sizeof path, "/lib/systemd/%s", name);
        dir = croot_open(view, path, CROOT_DIRECTORY, &unused);
        if (dir >= 0)
                return dir;
        snprintf(path, sizeof path, "/usr/lib/systemd/%s", name);
        return croot_open(view, path, CROOT_DIRECTORY, &unused);
}

static bool is_there(int dir, const char *name)
{
        struct stat st;

        return dir >= 0 && *name && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

unsigned units_look(struct croot view)
{
#define NAMES(unit, generator, capability, where, from, to, cure) {unit, generator},
        static const struct {
                char unit[36];
                char generator[24];
        } names[] = {UNITS(NAMES)};
#undef NAMES
        unsigned found = 0;
        scoped_fd units = open_below(view, "system");
        scoped_fd generators = open_below(view, "system-generators");

        for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
                if (is_there(units, names[i].unit) || is_there(generators, names[i].generator))
                        found |= 1u << i;
        return found;
}
