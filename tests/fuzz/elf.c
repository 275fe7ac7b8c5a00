/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command of the container, which is the image's. */
#include "fuzz.h"

#include "host/elf_needed.h"

#include <errno.h>

#define ENOUGH 7

struct found {
        size_t names, most;
};

static int find(void *to, const char *name)
{
        struct found *found = to;

        must_hold(strlen(name) < 128);
        return ++found->names == found->most ? ENOUGH : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        const int fd = fuzz_file(bytes, length);
        struct found all = {0}, first = {.most = 1};
        int r = elf_needed(fd, find, &all);

        must_hold((r == 0 || r == -ENOEXEC) && all.names <= 256);
        must_hold(elf_needed(fd, find, &first) == (all.names ? ENOUGH : r));
        return 0;
}
