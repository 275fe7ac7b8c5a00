/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/shell.h"

#include <string.h>

const char *shell_word(struct arena *a, const char *text)
{
        static const char plain[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
        static const char quote[] = "'\"'\"'"; /* a quote: out of the quoted part, and into it again */
        size_t n = strlen(text), at = 0;
        char *word;

        if (n && strspn(text, plain) == n)
                return text;
        for (const char *c = text; (c = strchr(c, '\'')); c++)
                n += sizeof quote - 2;
        word = arena_alloc(a, n + 3);
        if (!word)
                return NULL;
        word[at++] = '\'';
        for (const char *c = text; *c; c++) {
                if (*c == '\'') {
                        memcpy(word + at, quote, sizeof quote - 1);
                        at += sizeof quote - 1;
                } else {
                        word[at++] = *c;
                }
        }
        word[at] = '\'';
        return word;
}
