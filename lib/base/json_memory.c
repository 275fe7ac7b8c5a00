/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json_memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN sizeof(struct block)

struct block {
        size_t size; /* of bytes */
        _Alignas(16) char bytes[];
};

static bool is_first(const struct json_memory *m, const void *p)
{
        return (const char *)p >= m->first && (const char *)p < m->first + sizeof m->first;
}

static void *allocate(void *with, size_t size)
{
        struct json_memory *m = with;
        const size_t rounded = size < sizeof m->first ? (size + ALIGN - 1) / ALIGN * ALIGN : size;

        if (rounded < sizeof m->first - sizeof(struct block) &&
                m->used <= sizeof m->first - sizeof(struct block) - rounded) {
                struct block *block = (struct block *)(m->first + m->used);

                m->used += sizeof *block + rounded;
                block->size = rounded;
                return block->bytes;
        }

        void *memory = malloc(size);

        if (!memory)
                longjmp(m->none, 1);
        return memory;
}

static void *reallocate(void *with, void *old, size_t size)
{
        struct json_memory *m = with;

        if (!old)
                return allocate(m, size);
        if (is_first(m, old)) {
                const struct block *block = (const struct block *)((char *)old - sizeof *block);
                void *memory = allocate(m, size);

                return memcpy(memory, old, block->size < size ? block->size : size);
        }

        void *memory = realloc(old, size);

        if (!memory)
                longjmp(m->none, 1);
        return memory;
}

static void release(void *with, void *memory)
{
        if (!is_first(with, memory))
                free(memory);
}

yajl_alloc_funcs json_memory_functions(struct json_memory *m)
{
        return (yajl_alloc_funcs){allocate, reallocate, release, m};
}
