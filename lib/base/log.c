/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/log.h"

#include <stdio.h>
#include <string.h>

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

/* Where the value goes: behind "NAME=". NULL: no room. */
static char *begin(struct log_entry *entry, const char *name, size_t *ret_room)
{
        const size_t length = strlen(name), room = sizeof entry->text - entry->length;
        char *field = entry->text + entry->length;

        if (room < length + 16)
                return NULL;
        memcpy(field, name, length); /* NOLINT(bugprone-not-null-terminated-result): '=' follows */
        field[length] = '=';
        *ret_room = room - length - 2;
        return field + length + 1;
}

static void end(struct log_entry *entry, char *value, size_t length)
{
        value[length] = '\n';
        entry->length = (size_t)(value + length + 1 - entry->text);
}

void log_field(struct log_entry *entry, const char *name, const char *value)
{
        size_t room;
        char *at = value ? begin(entry, name, &room) : NULL;

        if (at)
                end(entry, at, put(at, room, 0, value));
}

void log_escaped(struct log_entry *entry, const char *name, const char *line)
{
        size_t room, length = strlen(line);
        char *at = begin(entry, name, &room);

        if (!at)
                return;
        length = length < room ? length : room;
        memcpy(at, line, length); /* NOLINT(bugprone-not-null-terminated-result): a newline follows */
        end(entry, at, length);
}

void log_number(struct log_entry *entry, const char *name, unsigned value)
{
        char text[16];

        snprintf(text, sizeof text, "%u", value);
        log_field(entry, name, text);
}
