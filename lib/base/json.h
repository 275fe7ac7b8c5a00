/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Bounded reading of JSON into a caller's struct, by a table of the members that it wants.
 *
 * The document is streamed: only what a setter keeps is ever held. Members that no table names are checked
 * for syntax and passed over. For those that are named it holds: the type is the table's, or null, which is
 * as if the member were absent; no key comes twice in one object (readers differ in which one wins); no
 * string has a NUL in it (of a JSON_MAP, whose names are others', too, the setter decides); integers are exact.
 * RFC 8259; nesting to JSON_DEPTH.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* As Go's encoding/json, by which most runtimes read the same documents. */
#define JSON_DEPTH 10000

/* What a set or end returns when it knows enough: the rest is not read, and not checked. */
#define JSON_STOP 1

enum json_type { JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_INTEGER, JSON_BOOL, JSON_MAP };

struct json_value {
        const char *key;  /* JSON_MAP: the member's name; else NULL */
        const char *text; /* JSON_STRING, NUL behind it; valid during the call only */
        size_t length;
        int64_t integer;
        bool boolean;
        /* JSON_MAP: why this member, whose text is "" then, is refused if it matters; or NULL */
        const char *bad;
};

struct json_field {
        const char *name; /* of the member; "" for the element of an array; NULL ends a table */
        enum json_type type;
        const struct json_field *fields; /* JSON_OBJECT: its members. JSON_ARRAY: one field, the element */
        /* JSON_MAP is an object of strings under any names: set is called for each of them.
         * For JSON_OBJECT and JSON_ARRAY set is called when it begins. May be NULL. */
        int (*set)(void *to, const struct json_value *value, struct err *e);
        int (*end)(void *to, struct err *e); /* JSON_OBJECT, JSON_ARRAY: all of it is read. May be NULL */
};

/*
 * Reads fd to its end. fields is the table of the outermost object. what names the document in errors.
 * Returns 0, JSON_STOP, -ENODATA when there was not one byte, or another -errno: to may then be half filled.
 */
int json_read(int fd, const char *what, size_t most_bytes, const struct json_field *fields, void *to,
        struct err *e) must_check;

/* Writes text as a JSON string, with its quotes. */
void json_write_string(FILE *f, const char *text);
