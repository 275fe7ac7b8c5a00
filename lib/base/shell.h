/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/arena.h"

/*
 * The text as one word of a shell's line that somebody is told to type: quoted where it needs that. NULL: no memory. No
 * backslash is used, which a line of the log would escape.
 */
const char *shell_word(struct arena *a, const char *text);
