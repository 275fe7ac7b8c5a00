/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/units.h"

#include "base/scope.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Through /lib, which where /usr is merged is a link: Debian 9 and Ubuntu 16.04 have their units there alone. */
unsigned units_look(struct croot view)
{
#define NAME(unit, capability, where, to) unit,
        static const char names[][36] = {UNITS(NAME)};
#undef NAME
        struct err unused;
        struct stat st;
        unsigned found = 0;
        scoped_fd dir = croot_open(view, "/lib/systemd/system", CROOT_DIRECTORY, &unused);

        if (dir < 0)
                dir = croot_open(view, "/usr/lib/systemd/system", CROOT_DIRECTORY, &unused);
        for (unsigned i = 0; dir >= 0 && i < sizeof names / sizeof *names; i++)
                if (fstatat(dir, names[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
                        found |= 1u << i;
        return found;
}
