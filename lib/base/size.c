/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/size.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool size_bytes(const char *text, uint64_t *ret_bytes)
{
        static const char units[] = "kmgt";
        char *end;

        if (!isdigit((unsigned char)*text) || strlen(text) > 15)
                return false;

        uint64_t n = strtoull(text, &end, 10);

        if (*end) {
                const char *unit = strchr(units, tolower((unsigned char)*end));

                if (!unit || end[1] || n > (UINT64_C(1) << 50 >> (10 * (unit - units + 1))))
                        return false;
                n <<= 10 * (unit - units + 1);
        }
        if (n == 0)
                return false;
        *ret_bytes = n;
        return true;
}
