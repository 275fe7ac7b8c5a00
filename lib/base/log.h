/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One line for the user: "oci-systemd-hook: ID: what failed: why; what to do". Everything that is not
 * printable ASCII comes out as \xNN, so that a string of the image cannot forge a second line or drive a
 * terminal.
 */

#include "base/err.h"

#include <stddef.h>

/* Writes the line, without a newline, into line. id may be NULL. */
void log_line(char *line, size_t size, const char *id, const struct err *e);
