/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Paths as text, by component. Nothing is looked up. */

/* What follows directory in path: "/run" in "/run/lock" gives "/lock", in "/run" "", in "/runner" NULL. */
const char *path_below(const char *path, const char *directory);

/* An order in which what is below a directory stands right behind it. As strcmp(3). */
int path_compare(const char *a, const char *b);

/*
 * Makes an absolute path one without "//", "." and "..", in place. ".." ends at the root, as it does in a
 * container.
 */
void path_clean(char *path);

/* Takes "//" and "/./" out of a path, in place. What it leads to stays the same, also where ".." follows a link. */
void path_squeeze(char *path);

/* Whether a directory of path is called ID, or ends in "-ID" or "-ID.scope", as engines and this hook name cgroups. */
bool path_is_named_after(const char *path, const char *id);
