/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the fuzz targets share: files made of the fuzzer's bytes, and what is promised of every refusal. */

#include "base/log.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define must_hold(condition)                                                                                 \
        do {                                                                                                 \
                if (!(condition)) {                                                                          \
                        fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);            \
                        abort();                                                                             \
                }                                                                                            \
        } while (0)

/* The one file in memory, at its beginning; it stays open. */
static inline int fuzz_file(const void *bytes, size_t length)
{
        static int fd = -1;

        if (fd < 0)
                fd = memfd_create("fuzz", MFD_CLOEXEC);
        must_hold(fd >= 0 && ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
        must_hold(pwrite(fd, bytes, length, 0) == (ssize_t)length);
        return fd;
}

/* The same, for those that want a path: each open of it begins at the beginning. */
static inline const char *fuzz_path(const void *bytes, size_t length)
{
        static char path[64];

        snprintf(path, sizeof path, "/proc/self/fd/%d", fuzz_file(bytes, length));
        return path;
}

static char fuzz_bundle_directory[PATH_MAX];

static inline void fuzz_remove_bundle(void)
{
        char path[PATH_MAX + 16];

        snprintf(path, sizeof path, "%s/config.json", fuzz_bundle_directory);
        unlink(path);
        rmdir(fuzz_bundle_directory);
}

/* A bundle whose config.json is a link to that file. tests/fuzz/run removes what a crash leaves. */
static inline const char *fuzz_bundle(const void *bytes, size_t length)
{
        const char *file = fuzz_path(bytes, length), *where = getenv("TMPDIR");
        char path[PATH_MAX + 16];

        if (*fuzz_bundle_directory)
                return fuzz_bundle_directory;
        snprintf(fuzz_bundle_directory, sizeof fuzz_bundle_directory, "%s/fuzz-XXXXXX",
                where && *where ? where : "/tmp");
        must_hold(mkdtemp(fuzz_bundle_directory));
        snprintf(path, sizeof path, "%s/config.json", fuzz_bundle_directory);
        must_hold(symlink(file, path) == 0 && atexit(fuzz_remove_bundle) == 0);
        return fuzz_bundle_directory;
}

/* A refusal has a sentence, and its line is one line of printable ASCII. */
static inline void fuzz_check_refusal(const struct err *e)
{
        char line[4096];

        must_hold(e->code > 0 && *e->text && memchr(e->text, '\0', sizeof e->text));
        log_line(line, sizeof line, "id", e);
        must_hold(strlen(line) < sizeof line);
        for (const char *c = line; *c; c++)
                must_hold(*c >= ' ' && *c < 0x7f);
}

/* A copy with a NUL behind it and no byte more, so that the sanitizer sees every read past its end. */
static inline char *fuzz_text(const void *bytes, size_t length)
{
        char *text = malloc(length + 1);

        must_hold(text);
        if (length)
                memcpy(text, bytes, length);
        text[length] = '\0';
        return text;
}

static inline bool fuzz_is_clean(const char *path)
{
        const size_t length = strlen(path);

        if (path[0] != '/' || (length > 1 && path[length - 1] == '/') || strstr(path, "//") ||
                strstr(path, "/./") || strstr(path, "/../"))
                return false;
        return (length < 2 || strcmp(path + length - 2, "/.") != 0) &&
               (length < 3 || strcmp(path + length - 3, "/..") != 0);
}
