/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"

#include "base/json_memory.h"
#include "base/scope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yajl/yajl_parse.h>

/* bytes of a string that a setter sees: arguments of 128 KiB, annotations of any size */
#define STRING_MOST (4 << 20)

#define KEY_MOST     256
#define READ_AT_ONCE 8192 /* most config.json fit in a few; each page of the stack costs a fault */
#define READ_MOST    (4 << 20)
#define KNOWN_DEPTH  8 /* of the tables */

/* One known object or array that is open. */
struct level {
        const struct json_field *field;
        const struct json_field *member; /* what the last key named; NULL: a member that nobody wants */
        uint64_t seen;                   /* members so far, a bit each */
};

struct reader {
        struct level levels[KNOWN_DEPTH];
        unsigned known;   /* of levels */
        unsigned unknown; /* depth inside a member that nobody wants */
        bool begun;       /* the outermost object */
        char key[KEY_MOST];
        bool is_key_cut; /* there was a NUL in it */
        char text[1024]; /* of a string: here and not on the stack, where each call would clear it */
        void *to;
        int ended; /* JSON_STOP, or what the first error returned; 0 while there is neither */
        struct err *e;
};

static const char *const type_names[] = {
        [JSON_OBJECT] = "an object",
        [JSON_ARRAY] = "an array",
        [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a whole number",
        [JSON_BOOL] = "true or false",
        [JSON_MAP] = "an object",
};

static struct level *top(struct reader *r)
{
        return &r->levels[r->known - 1];
}

/* yajl stops when a callback returns 0. */
static int go_on(struct reader *r, int result)
{
        r->ended = result;
        return result == 0;
}

static int where(struct reader *r, const struct json_field *field)
{
        char path[KEY_MOST] = "";
        size_t at = 0;

        if (!r->known)
                return -r->e->code;
        for (unsigned i = 1; i < r->known && at < sizeof path; i++)
                if (*r->levels[i].field->name)
                        at += (size_t)snprintf(
                                path + at, sizeof path - at, "%s%s", at ? "." : "", r->levels[i].field->name);

        /* the element of an array has no name but the array's */
        const char *name = field->type == JSON_MAP ? r->key : field->name;

        return err_within(r->e, "%s%s%s", path, *path && *name ? "." : "", name);
}

/* The field that a value which comes now is for, or NULL when nobody wants it. */
static const struct json_field *wanted(struct reader *r)
{
        if (r->unknown || !r->known)
                return NULL;

        struct level *l = top(r);

        if (l->field->type == JSON_ARRAY)
                return l->field->fields;
        if (l->field->type == JSON_MAP)
                return l->field;
        return l->member;
}

static int mismatch(struct reader *r, const struct json_field *field, const char *found)
{
        bool in_map = field->type == JSON_MAP && top(r)->field == field;

        err_refuse(r->e, "expected %s, found %s", in_map ? "a string" : type_names[field->type], found);
        return where(r, field);
}

static int set(struct reader *r, const struct json_field *field, const struct json_value *value)
{
        int result = field->set ? field->set(r->to, value, r->e) : 0;

        return result < 0 ? where(r, field) : result;
}

static int on_bool(void *p, int boolean)
{
        struct reader *r = p;
        const struct json_field *field = wanted(r);

        if (!field)
                return 1;
        if (field->type != JSON_BOOL)
                return go_on(r, mismatch(r, field, "true or false"));
        return go_on(r, set(r, field, &(struct json_value){.boolean = boolean}));
}

static int on_number(void *p, const char *digits, size_t length)
{
        struct reader *r = p;
        const struct json_field *field = wanted(r);
        char text[24];
        char *end;

        if (!field)
                return 1;
        if (field->type != JSON_INTEGER)
                return go_on(r, mismatch(r, field, "a number"));
        if (length >= sizeof text)
                return go_on(r, mismatch(r, field, "a number that does not fit"));
        memcpy(text, digits, length);
        text[length] = '\0';
        errno = 0;

        struct json_value value = {.integer = strtoll(text, &end, 10)};

        if (errno || *end)
                return go_on(r, mismatch(r, field, "a number that is not whole or does not fit"));
        return go_on(r, set(r, field, &value));
}

/* Why what has a string is refused; NULL: nothing is wrong with it. */
static const char *why_bad(
        const struct reader *r, const struct json_field *field, const unsigned char *bytes, size_t length)
{
        if (field->type == JSON_MAP && r->is_key_cut)
                return "a NUL byte in a key";
        if (memchr(bytes, '\0', length))
                return "a string has a NUL byte in it";
        return length > STRING_MOST ? "a string is longer than 4 MiB" : NULL;
}

static int on_string(void *p, const unsigned char *bytes, size_t length)
{
        struct reader *r = p;
        const struct json_field *field = wanted(r);

        if (!field)
                return 1;
        if (field->type != JSON_STRING && !(field->type == JSON_MAP && top(r)->field == field))
                return go_on(r, mismatch(r, field, "a string"));

        const char *bad = why_bad(r, field, bytes, length);

        if (bad && field->type == JSON_MAP)
                return go_on(r, set(r, field, &(struct json_value){.key = r->key, .text = "", .bad = bad}));
        if (bad) {
                err_refuse(r->e, "%s", bad);
                return go_on(r, where(r, field));
        }
        /* yajl's text has no end of its own */
        char *text = length < sizeof r->text ? r->text : malloc(length + 1);

        if (!text)
                return go_on(r, err_set(r->e, ENOMEM, "keep a string of %zu bytes", length));
        memcpy(text, bytes, length);
        text[length] = '\0';

        struct json_value value = {
                .key = field->type == JSON_MAP ? r->key : NULL, .text = text, .length = length};
        int result = set(r, field, &value);

        if (text != r->text)
                free(text);
        return go_on(r, result);
}

static int open_level(struct reader *r, enum json_type type, const char *found)
{
        const struct json_field *field = wanted(r);

        if (!r->known) { /* the outermost value: json_read pushed its table under levels[0] */
                if (type != JSON_OBJECT)
                        return err_refuse(r->e, "expected an object, found %s", found);
                r->known = 1;
                r->begun = true;
                return 0;
        }
        if (!field) {
                if (++r->unknown > JSON_DEPTH)
                        return err_refuse(r->e, "nested deeper than %d", JSON_DEPTH);
                return 0;
        }

        bool fits = field->type == type || (field->type == JSON_MAP && type == JSON_OBJECT);

        if (!fits || top(r)->field == field) /* a map holds strings, no maps */
                return mismatch(r, field, found);
        if (r->known == KNOWN_DEPTH)
                return err_refuse(r->e, "tables nested deeper than %d", KNOWN_DEPTH);
        if (field->type != JSON_MAP) {
                int result = set(r, field, &(struct json_value){0});
                if (result != 0)
                        return result;
        }
        r->levels[r->known++] = (struct level){.field = field};
        return 0;
}

static int close_level(struct reader *r)
{
        if (r->unknown) {
                r->unknown--;
                return 0;
        }

        const struct json_field *field = top(r)->field;

        r->known--;
        if (field->type == JSON_MAP || !field->end)
                return 0;

        int result = field->end(r->to, r->e);

        return result < 0 ? where(r, field) : result;
}

static int on_start_map(void *p)
{
        return go_on(p, open_level(p, JSON_OBJECT, "an object"));
}

static int on_start_array(void *p)
{
        return go_on(p, open_level(p, JSON_ARRAY, "an array"));
}

static int on_end(void *p)
{
        return go_on(p, close_level(p));
}

static int on_key(void *p, const unsigned char *bytes, size_t length)
{
        struct reader *r = p;

        if (r->unknown)
                return 1;

        struct level *l = top(r);
        size_t kept = length < sizeof r->key ? length : sizeof r->key - 1;

        memcpy(r->key, bytes, kept);
        r->key[kept] = '\0';
        if (l->field->type == JSON_MAP) {
                r->is_key_cut = strlen(r->key) != kept;
                return 1;
        }
        l->member = NULL;
        for (unsigned i = 0; l->field->fields[i].name; i++) {
                const struct json_field *field = &l->field->fields[i];

                /* a key may have a NUL in it, where strncmp would end */
                if (strnlen(field->name, length + 1) != length || memcmp(field->name, bytes, length) != 0)
                        continue;
                if (l->seen & (UINT64_C(1) << i)) {
                        err_refuse(r->e, "the key comes twice");
                        return go_on(r, where(r, field));
                }
                l->seen |= UINT64_C(1) << i;
                l->member = field;
                break;
        }
        return 1;
}

static const yajl_callbacks callbacks = {
        .yajl_boolean = on_bool,
        .yajl_number = on_number,
        .yajl_string = on_string,
        .yajl_start_map = on_start_map,
        .yajl_map_key = on_key,
        .yajl_end_map = on_end,
        .yajl_start_array = on_start_array,
        .yajl_end_array = on_end,
};

static int syntax(struct reader *r, yajl_handle parser, size_t at)
{
        unsigned char *text = yajl_get_error(parser, 0, NULL, 0);

        err_refuse(r->e, "not valid JSON near byte %zu: %.*s", at, (int)strcspn((char *)text, "\n"), text);
        yajl_free_error(parser, text);
        return -EINVAL;
}

/* Until size bytes are there or the end: a pipe gives less at a time. */
static ssize_t read_full(int fd, unsigned char *buffer, size_t size)
{
        size_t length = 0;
        ssize_t n = 1;

        while (length < size && n > 0) {
                n = read(fd, buffer + length, size - length);
                if (n < 0 && errno == EINTR)
                        n = 1;
                else if (n > 0)
                        length += (size_t)n;
        }
        return n < 0 ? -errno : (ssize_t)length;
}

static int parse_piece(
        struct reader *r, yajl_handle parser, const unsigned char *bytes, size_t length, size_t total)
{
        if (yajl_parse(parser, bytes, length) == yajl_status_ok)
                return 0;
        return r->ended ? r->ended : syntax(r, parser, total + yajl_get_bytes_consumed(parser));
}

/* Pieces double in size: yajl looks at a string that a piece cuts from its beginning again with the next. */
static int feed(struct reader *r, yajl_handle parser, int fd, size_t most_bytes)
{
        filled_later unsigned char first[READ_AT_ONCE];
        unsigned char *buffer = first;
        size_t total = 0, size = sizeof first;
        int result = 0;
        ssize_t n;

        while (result == 0 && (n = read_full(fd, buffer, size)) != 0) {
                if (n < 0)
                        result = err_set(r->e, (int)-n, "read");
                else if (total + (size_t)n > most_bytes)
                        result = err_refuse(r->e, "larger than %zu bytes", most_bytes);
                else
                        result = parse_piece(r, parser, buffer, (size_t)n, total);
                total += n > 0 ? (size_t)n : 0;
                if (result == 0 && (size_t)n < size)
                        break; /* that was the end */
                if (result == 0 && size < READ_MOST) {
                        unsigned char *larger = malloc(size * 2);

                        if (buffer != first)
                                free(buffer);
                        buffer = larger ? larger : first;
                        size = larger ? size * 2 : sizeof first;
                }
        }
        if (buffer != first)
                free(buffer);
        if (result != 0)
                return result;
        if (total == 0) {
                err_refuse(r->e, "it is empty");
                return -ENODATA;
        }
        if (yajl_complete_parse(parser) != yajl_status_ok)
                return r->ended ? r->ended : syntax(r, parser, total);
        return r->begun ? 0 : err_refuse(r->e, "expected an object");
}

int json_read(
        int fd, const char *what, size_t most_bytes, const struct json_field *fields, void *to, struct err *e)
{
        const struct json_field document = {.name = "", .type = JSON_OBJECT, .fields = fields};
        struct reader r = {.levels[0].field = &document, .to = to, .e = e};
        filled_later struct json_memory memory;

        memory.used = 0;
        /* what the parser has by then is left to the end of the process */
        if (setjmp(memory.none) != 0)
                return err_set(e, ENOMEM, "read %s", what);

        yajl_alloc_funcs functions = json_memory_functions(&memory);
        yajl_handle parser = yajl_alloc(&callbacks, &functions, &r);
        int result = feed(&r, parser, fd, most_bytes);

        yajl_free(parser);
        if (result < 0)
                err_within(e, "%s", what);
        return result;
}
