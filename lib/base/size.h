/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How much memory something may take, as an administrator writes it: "64m", "10%", "off". */

#include <stdint.h>

struct size {
        enum { SIZE_OFF, SIZE_BYTES, SIZE_PERCENT } unit;
        uint64_t value; /* bytes, or 1 to 100 */
};
