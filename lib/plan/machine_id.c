/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/machine_id.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* FNV-1a of 128 bits: names that differ give ids that differ; nothing secret hangs on it. */
static unsigned __int128 hash(const char *text)
{
        const unsigned __int128 prime = (unsigned __int128)1 << 88 | 0x13b;
        unsigned __int128 h = (unsigned __int128)0x6c62272e07bb0142 << 64 | 0x62b821756295c58d;

        for (; *text; text++)
                h = (h ^ (unsigned char)*text) * prime;
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

        unsigned __int128 h = hash(container_id);
        /* RFC 9562: version 4, variant 10 */
        uint64_t high = ((uint64_t)(h >> 64) & ~UINT64_C(0xf000)) | 0x4000;
        uint64_t low = ((uint64_t)h & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;

        snprintf(ret_machine_id, 33, "%016llx%016llx", (unsigned long long)high, (unsigned long long)low);
}

void machine_id_as_uuid(const char machine_id[33], char ret_uuid[37])
{
        snprintf(ret_uuid, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", machine_id, machine_id + 8, machine_id + 12,
                machine_id + 16, machine_id + 20);
}
