/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/log.h"

#include <stdio.h>

static size_t put(char *line, size_t size, size_t at, const char *text)
{
        for (const unsigned char *c = (const unsigned char *)text; *c && at + 5 < size; c++) {
                if (*c >= ' ' && *c < 0x7f && *c != '\\')
                        line[at++] = (char)*c;
                else
                        at += (size_t)snprintf(line + at, 5, "\\x%02x", *c);
        }
        line[at] = '\0';
        return at;
}

void log_line(char *line, size_t size, const char *id, const struct err *e)
{
        size_t at = put(line, size, 0, "oci-systemd-hook: ");

        if (id) {
                at = put(line, size, at, id);
                at = put(line, size, at, ": ");
        }
        put(line, size, at, e->text);
}
