/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/PID/cgroup and /proc/PID/uid_map. */
#include "fuzz.h"

#include "kernel/proc_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        char *text = fuzz_text(bytes, length);
        const char *path[HIERARCHIES] = {NULL};
        struct err e = {0};
        uid_t id = 0;

        if (proc_text_root_id(text, &id) == 0)
                must_hold(id != (uid_t)-1);
        if (proc_text_cgroups(text, path, &e) < 0)
                fuzz_check_refusal(&e);
        for (int h = 0; h < HIERARCHIES; h++)
                must_hold(!path[h] || (path[h] > text && path[h] < text + length && path[h][0] == '/' &&
                                              !strchr(path[h], '\n')));
        free(text);
        return 0;
}
