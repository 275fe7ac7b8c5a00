/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What `check` and `explain` have found: a line each, with what to type where something is to be done. */

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum finding_level {
        FINDING_OK,
        FINDING_NOTE,  /* worth knowing; nothing stops */
        FINDING_STOPS, /* the hook, or systemd in its containers, cannot work */
};

struct finding {
        enum finding_level level;
        const char *topic; /* one word */
        const char *text;
        const char *cure; /* what to type, or NULL */
};

struct findings {
        struct arena *arena;
        struct finding *list;
        size_t count;
        bool stops;
        bool has_failed; /* out of memory */
};

/* cure may be NULL. What is not kept for want of memory is marked in has_failed. */
void findings_add(struct findings *f, enum finding_level level, const char *topic, const char *cure,
        const char *format, ...) __attribute__((format(printf, 5, 6)));

/* For people, with lines broken at the width of a terminal; and as the value of a JSON member, an array. */
void findings_print(const struct findings *f);
void findings_print_json(const struct findings *f);
