/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How much memory something may take, as an administrator writes it: "64m", "10%", "off". */

#include <stdbool.h>
#include <stdint.h>

struct size {
        enum { SIZE_OFF, SIZE_BYTES, SIZE_PERCENT } unit;
        uint64_t value; /* bytes, or 1 to 100 */
};

/*
 * Bytes, or with one letter of k, m, g, t for powers of 1024, as tmpfs(5) has it; more than nothing, and not beyond a petabyte.
 * false: text is something else.
 */
bool size_bytes(const char *text, uint64_t *ret_bytes);
