/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Memory that lives as long as one run. All strings and tables that are read, decided and planned come from
 * one arena, so that nothing has an owner to remember and one call frees it all.
 */

#include <stddef.h>

#define ARENA_FIRST 16384 /* bytes: what a start needs as a rule, without setting up the heap */

/* All zero is an empty arena. */
struct arena {
        struct arena_chunk *newest;
        size_t used; /* of the newest; of first while there is none */
        _Alignas(16) char first[ARENA_FIRST];
};

/* Zeroed memory, or NULL when there is none. */
void *arena_alloc(struct arena *a, size_t size);

/* A copy of length bytes with a NUL behind it, or NULL. */
char *arena_copy(struct arena *a, const char *text, size_t length);

/* A formatted string, or NULL. */
char *arena_print(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* table of used elements with room for one more, grown when needed; NULL when there is no memory. */
void *arena_grow(struct arena *a, void *table, size_t used, size_t element);

void arena_free(struct arena *a);
