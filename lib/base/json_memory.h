/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Memory for yajl, which looks at none of its allocations: one that fails ends the parser by longjmp. What a
 * document needs as a rule is there at once, so that most starts never set up the heap.
 */

#include <setjmp.h>
#include <stddef.h>
#include <yajl/yajl_common.h>

#define JSON_MEMORY_FIRST 4096 /* bytes; a parser, its stack and the buffer of one string */

struct json_memory {
        jmp_buf none; /* where to go on without memory; set by the caller */
        size_t used;
        _Alignas(16) char first[JSON_MEMORY_FIRST];
};

/* The functions for m, which has used 0. What was allocated from the heap ends with the parser. */
yajl_alloc_funcs json_memory_functions(struct json_memory *m);
