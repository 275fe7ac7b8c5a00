/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Documents for lib/json: a table with each type, and the ways to look at what it reads. */

#include "base/json.h"
#include "support.h"

/* What the table's setters saw, as text: "name=x number=7 ". */
struct seen {
        char log[4096];
        size_t longest; /* of the strings */
};

static inline void note(struct seen *s, const char *what, const char *value)
{
        size_t at = strlen(s->log);

        snprintf(s->log + at, sizeof s->log - at, "%s=%.40s ", what, value);
}

static inline int set_name(void *to, const struct json_value *v, struct err *e)
{
        struct seen *s = to;

        assert_null(v->key);
        assert_int_equal(strlen(v->text), v->length);
        if (v->length > s->longest)
                s->longest = v->length;
        note(s, "name", v->text);
        return strcmp(v->text, "refuse me") == 0 ? err_refuse(e, "not this one") : 0;
}

static inline int set_number(void *to, const struct json_value *v, struct err *e)
{
        char text[32];

        (void)e;
        snprintf(text, sizeof text, "%lld", (long long)v->integer);
        note(to, "number", text);
        return v->integer == 999 ? JSON_STOP : 0;
}

static inline int set_flag(void *to, const struct json_value *v, struct err *e)
{
        (void)e;
        note(to, "flag", v->boolean ? "true" : "false");
        return 0;
}

static inline int set_item(void *to, const struct json_value *v, struct err *e)
{
        (void)e;
        note(to, "item", v->text);
        return 0;
}

static inline int set_map(void *to, const struct json_value *v, struct err *e)
{
        if (v->bad) /* as who wants this member does */
                return err_refuse(e, "%s", v->bad);
        note(to, v->key, v->text);
        return strcmp(v->text, "refuse me") == 0 ? err_refuse(e, "not this one") : 0;
}

static inline int begin(void *to, const struct json_value *v, struct err *e)
{
        (void)v, (void)e;
        note(to, "object", "begin");
        return 0;
}

static inline int end(void *to, struct err *e)
{
        struct seen *s = to;

        note(s, "object", "end");
        return strstr(s->log, "number=666") ? err_refuse(e, "the number of the beast") : 0;
}

static const struct json_field item[] = {{"", JSON_STRING, .set = set_item}};
static const struct json_field object_members[] = {
        {"number", JSON_INTEGER, .set = set_number}, {"name", JSON_STRING, .set = set_name}, {NULL}};
static const struct json_field object_element[] = {
        {"", JSON_OBJECT, object_members, .set = begin, .end = end}};
static const struct json_field deep_members[] = {{"number", JSON_INTEGER, .set = set_number}, {NULL}};
static const struct json_field inner_members[] = {
        {"deep", JSON_OBJECT, deep_members}, {"flag", JSON_BOOL, .set = set_flag}, {NULL}};
static const struct json_field fields[] = {
        {"name", JSON_STRING, .set = set_name},
        {"number", JSON_INTEGER, .set = set_number},
        {"flag", JSON_BOOL, .set = set_flag},
        {"list", JSON_ARRAY, item},
        {"objects", JSON_ARRAY, object_element},
        {"map", JSON_MAP, .set = set_map},
        {"inner", JSON_OBJECT, inner_members},
        {"tail", JSON_ARRAY, item, .set = begin, .end = end},
        {NULL},
};

static inline int read_raw(const void *bytes, size_t length, struct seen *s, struct err *e)
{
        int fd = file_of(bytes, length);

        *s = (struct seen){0};
        *e = (struct err){0};
        int r = json_read(fd, "the document", 1 << 20, fields, s, e);
        close(fd);
        if (r == 0)
                assert_string_equal(e->text, "");
        else
                assert_int_equal(strncmp(e->text, "the document: ", 14), 0);
        return r;
}

/* With ' for ". */
static inline int read_bytes(const char *text, size_t length, struct seen *s, struct err *e)
{
        char *json = malloc(length + 1);

        assert_non_null(json);
        for (size_t i = 0; i < length; i++)
                json[i] = text[i] == '\'' ? '"' : text[i];

        int r = read_raw(json, length, s, e);

        free(json);
        return r;
}

static inline void assert_reads(const char *document, const char *log)
{
        struct seen s;
        struct err e;

        if (read_bytes(document, strlen(document), &s, &e) != 0)
                fail_msg("%s: %s", document, e.text);
        assert_string_equal(s.log, log);
}

/* Both the place and the reason are in the error. */
static inline void assert_refuses(const char *document, const char *where, const char *why)
{
        struct seen s;
        struct err e;
        char place[256];

        if (read_bytes(document, strlen(document), &s, &e) == 0)
                fail_msg("accepted: %s", document);
        snprintf(place, sizeof place, "the document: %s%s", where, *where ? ": " : "");
        if (strncmp(e.text, place, strlen(place)) != 0)
                fail_msg("\"%s\" does not begin with \"%s\"", e.text, place);
        assert_contains(e.text, why);
}
