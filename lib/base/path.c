/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/path.h"

#include <string.h>

const char *path_below(const char *path, const char *directory)
{
        size_t n = strlen(directory);

        if (strncmp(path, directory, n) != 0 || (path[n] != '/' && path[n] != '\0'))
                return NULL;
        return path + n;
}

/* '/' before every other byte, also that of value 1. */
static int rank(char c)
{
        return c == '/' ? 1 : c ? (unsigned char)c + 1 : 0;
}

int path_compare(const char *a, const char *b)
{
        while (*a && *a == *b)
                a++, b++;
        return rank(*a) - rank(*b);
}

void path_clean(char *path)
{
        char *out = path;

        for (char *in = path; *in;) {
                size_t n = strcspn(in, "/");

                if (n == 2 && in[0] == '.' && in[1] == '.') {
                        while (out > path && *--out != '/')
                                ;
                } else if (n && !(n == 1 && in[0] == '.')) {
                        *out++ = '/';
                        memmove(out, in, n);
                        out += n;
                }
                in += n + (in[n] == '/');
        }
        if (out == path)
                *out++ = '/';
        *out = '\0';
}

void path_squeeze(char *path)
{
        char *out = path;

        for (const char *in = path; *in;) {
                if (in[0] == '/' && in[1] == '/')
                        in++;
                else if (in[0] == '/' && in[1] == '.' && in[2] == '/')
                        in += 2;
                else
                        *out++ = *in++;
        }
        *out = '\0';
}

bool path_is_named_after(const char *path, const char *id)
{
        static const char scope[] = ".scope";
        const size_t length = strlen(id);

        for (const char *at = strstr(path, id); at && length; at = strstr(at + 1, id)) {
                const char *end = at + length;

                if (at == path || (at[-1] != '/' && at[-1] != '-'))
                        continue;
                if (strncmp(end, scope, sizeof scope - 1) == 0)
                        end += sizeof scope - 1;
                if (!*end || *end == '/')
                        return true;
        }
        return false;
}
