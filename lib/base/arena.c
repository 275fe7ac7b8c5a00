/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 8192
#define ALIGN 16

struct arena_chunk {
        struct arena_chunk *older;
        size_t size;
        _Alignas(ALIGN) char bytes[];
};

void *arena_alloc(struct arena *a, size_t size)
{
        if (size > SIZE_MAX / 2)
                return NULL;
        size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
        if ((a->newest ? a->newest->size : sizeof a->first) - a->used < size) {
                size_t room = size > CHUNK ? size : CHUNK;
                struct arena_chunk *chunk = calloc(1, sizeof *chunk + room);

                if (!chunk)
                        return NULL;
                chunk->older = a->newest;
                chunk->size = room;
                a->newest = chunk;
                a->used = 0;
        }
        void *p = (a->newest ? a->newest->bytes : a->first) + a->used;

        a->used += size;
        return p;
}

char *arena_copy(struct arena *a, const char *text, size_t length)
{
        char *copy = arena_alloc(a, length + 1);

        if (copy)
                memcpy(copy, text, length);
        return copy;
}

char *arena_print(struct arena *a, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        int n = vsnprintf(NULL, 0, format, ap);
        va_end(ap);
        if (n < 0)
                return NULL;

        char *text = arena_alloc(a, (size_t)n + 1);
        if (text) {
                va_start(ap, format);
                vsnprintf(text, (size_t)n + 1, format, ap);
                va_end(ap);
        }
        return text;
}

void *arena_grow(struct arena *a, void *table, size_t used, size_t element)
{
        /* full exactly when used is 0 or a power of two from 4 on: the size need not be kept */
        if (used != 0 && (used < 4 || (used & (used - 1))))
                return table;

        void *larger = arena_alloc(a, (used ? used * 2 : 4) * element);
        if (larger && used)
                memcpy(larger, table, used * element);
        return larger;
}

void arena_free(struct arena *a)
{
        memset(a->first, 0, a->newest ? sizeof a->first : a->used);
        while (a->newest) {
                struct arena_chunk *older = a->newest->older;

                free(a->newest);
                a->newest = older;
        }
        a->used = 0;
}
