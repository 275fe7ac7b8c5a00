/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/PID/mountinfo, as libmount gives it to us. */
#include "fuzz.h"

#include "kernel/mountinfo.h"

struct seen {
        size_t lines, most;
};

static int see(void *to, const struct mountinfo_line *line, struct err *e)
{
        struct seen *seen = to;

        must_hold(strlen(line->root) + strlen(line->target) + strlen(line->type) < 1 << 20);
        return ++seen->lines == seen->most ? err_refuse(e, "enough") : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        const char *path = fuzz_path(bytes, length);
        struct seen all = {0}, first = {.most = 1};
        struct err e = {0};

        if (mountinfo_read(path, see, &all, &e) < 0)
                fuzz_check_refusal(&e);
        must_hold((mountinfo_read(path, see, &first, &e) < 0) == (all.lines > 0 || e.code));
        must_hold(first.lines <= 1);
        return 0;
}
