/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What one executable file of the container is: systemd's manager, a tool of systemd, a script, or something else. Its content
 * decides. The file is the image's: every read is bounded, in memory and in bytes.
 */

#include "base/err.h"

#include <stdbool.h>

enum file_kind {
        FILE_MANAGER, /* what systemd runs as process 1 */
        FILE_TOOL,    /* needs systemd's own libraries, and is not the manager */
        FILE_SCRIPT,  /* begins with #! */
        FILE_PROGRAM, /* any other ELF file */
        FILE_OTHER,   /* no ELF file, or a broken one */
};

struct file {
        enum file_kind kind;
        unsigned version; /* of a manager's systemd */
        char name[64];    /* of the file itself, links followed; cut when longer */
        char tells[160];  /* "needs libsystemd-shared-247.so": one clause for people, with no subject */
};

/*
 * fd is open for reading. asked is the path by which it was found, of which the last name counts: a manager that is one
 * executable is looked for in files that are called systemd or init, before or after links.
 *
 * The manager needs libsystemd-core-N (252 and newer) or libsystemd-shared-N (230 and newer), and so do its tools, under other
 * names; any other file with the text that the manager alone says at its start is the manager, too: one before 230, one that is
 * linked statically, and one that was renamed. A file that neither needs those libraries nor has such a name is not searched.
 */
int manager_inspect(int fd, const char *asked, struct file *ret_file, struct err *e) must_check;
