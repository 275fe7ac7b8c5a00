/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/machine_id.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct hash {
        uint64_t high, low;
};

/* FNV-1a of 128 bits: names that differ give ids that differ; nothing secret hangs on it. */
static struct hash hash(const char *text)
{
        struct hash h = {UINT64_C(0x6c62272e07bb0142), UINT64_C(0x62b821756295c58d)};

        for (; *text; text++) {
                h.low ^= (unsigned char)*text;

                /* times the prime 1 << 88 | 0x13b, by halves: 32-bit machines have no type of 128 bits */
                const uint64_t right = (h.low & UINT32_MAX) * 0x13b;
                const uint64_t left = (h.low >> 32) * 0x13b + (right >> 32);

                h.high = h.high * 0x13b + (left >> 32) + (h.low << 24);
                h.low = left << 32 | (right & UINT32_MAX);
        }
        return h;
}

void machine_id_derive(const char *container_id, char ret_machine_id[33])
{
        static const char digits[] = "0123456789abcdefABCDEF";

        if (strspn(container_id, digits) >= 32 && strspn(container_id, "0") < 32) {
                for (int i = 0; i < 32; i++)
                        ret_machine_id[i] = (char)tolower((unsigned char)container_id[i]);
                ret_machine_id[32] = '\0';
                return;
        }

        const struct hash h = hash(container_id);
        /* RFC 9562: version 4, variant 10 */
        uint64_t high = (h.high & ~UINT64_C(0xf000)) | 0x4000;
        uint64_t low = (h.low & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;

        snprintf(ret_machine_id, 33, "%016llx%016llx", (unsigned long long)high, (unsigned long long)low);
}

void machine_id_as_uuid(const char machine_id[33], char ret_uuid[37])
{
        snprintf(ret_uuid, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", machine_id, machine_id + 8, machine_id + 12,
                machine_id + 16, machine_id + 20);
}
