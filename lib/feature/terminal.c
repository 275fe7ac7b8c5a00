/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feature/terminal.h"

#include <stdbool.h>
#include <string.h>

enum state { PLAIN, RETURN, ESCAPE, SEQUENCE };

#define ESC           '\033'
#define STRING(x)     #x
#define AS_STRING(x)  STRING(x)
#define SIZE_ANSWER   "\033[8;" AS_STRING(TERMINAL_ROWS) ";" AS_STRING(TERMINAL_COLUMNS) "t"
#define CURSOR_ANSWER "\033[" AS_STRING(TERMINAL_ROWS) ";" AS_STRING(TERMINAL_COLUMNS) "R"

const char *terminal_answer(enum terminal_question question)
{
        return question == TERMINAL_SIZE ? SIZE_ANSWER : CURSOR_ANSWER;
}

static size_t release(struct terminal *t, char *out)
{
        const size_t length = t->held;

        memcpy(out, t->sequence, length);
        t->held = 0;
        t->state = PLAIN;
        return length;
}

static bool is_sequence(const struct terminal *t, const char *text)
{
        return t->held == strlen(text) && memcmp(t->sequence, text, t->held) == 0;
}

static size_t plain(struct terminal *t, char c, char *out)
{
        if (c == '\r') {
                t->state = RETURN;
                return 0;
        }
        if (c == ESC) {
                t->state = ESCAPE;
                t->sequence[t->held++] = c;
                return 0;
        }
        *out = c;
        return 1;
}

/* Parameters and what stands between them are 0x20 to 0x3f, the last byte is 0x40 to 0x7e: ECMA-48, 5.4. */
static size_t sequence(struct terminal *t, char c, char *out, unsigned *questions)
{
        if (c < ' ' || c > '~' || t->held == sizeof t->sequence - 1) {
                size_t n = release(t, out);
                return n + plain(t, c, out + n);
        }
        t->sequence[t->held++] = c;
        if (c < '@')
                return 0;
        if (is_sequence(t, "\033[18t"))
                *questions |= TERMINAL_SIZE;
        else if (is_sequence(t, "\033[6n"))
                *questions |= TERMINAL_CURSOR;
        else
                return release(t, out);
        t->held = 0;
        t->state = PLAIN;
        return 0;
}

static size_t one(struct terminal *t, char c, char *out, unsigned *questions)
{
        size_t n = 0;

        switch (t->state) {
        case RETURN:
                if (c == '\r')
                        return 0;
                t->state = PLAIN;
                if (c != '\n')
                        out[n++] = '\r';
                return n + plain(t, c, out + n);
        case ESCAPE:
                if (c == '[') {
                        t->sequence[t->held++] = c;
                        t->state = SEQUENCE;
                        return 0;
                }
                n = release(t, out);
                return n + plain(t, c, out + n);
        case SEQUENCE:
                return sequence(t, c, out, questions);
        default:
                return plain(t, c, out);
        }
}

size_t terminal_text(struct terminal *t, const char *in, size_t length, char *out, unsigned *questions)
{
        size_t n = 0;

        for (size_t i = 0; i < length; i++)
                n += one(t, in[i], out + n, questions);
        return n;
}
