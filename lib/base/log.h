/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is said to the user and to the host's journal, as text. Everything that is not printable ASCII comes out as \xNN, so
 * that a string of the image can forge no second line and no field, and drives no terminal.
 */

#include "base/err.h"

#include <stddef.h>

#define LOG_LINE_MOST 2048 /* bytes of one line */

/* "oci-systemd-hook: ID: what failed: why; what to do" into line, without a newline. id may be NULL. */
void log_line(char *line, size_t size, const char *id, const struct err *e);

/*
 * One entry in the form that journald reads from a datagram (systemd.io/JOURNAL_NATIVE_PROTOCOL): "NAME=VALUE\n" for each
 * field. All zero is an empty one. A field that has no room any more is left out.
 */
struct log_entry {
        size_t length;
        char text[LOG_LINE_MOST + 1792]; /* of a page: the frame that it stands in is touched as a whole */
};

/* value NULL: nothing is added. name is a constant of ours. */
void log_field(struct log_entry *entry, const char *name, const char *value);
void log_escaped(struct log_entry *entry, const char *name, const char *line); /* a line of log_line */
void log_number(struct log_entry *entry, const char *name, unsigned value);
