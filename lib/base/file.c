/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/file.h"

#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#define FIRST 4096 /* bytes: nearly all that is read is shorter, and a larger frame costs a fault a page */

/* Reads until size bytes or the end of the file. */
static ssize_t fill(int fd, char *to, size_t size)
{
        size_t length = 0;

        while (length < size) {
                ssize_t n = read(fd, to + length, size - length);

                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                length += (size_t)n;
        }
        return (ssize_t)length;
}

static int too_long(struct err *e, const char *path, size_t most)
{
        return err_refuse_as(e, EFBIG, "%s is longer than %zu bytes", path, most);
}

int file_read(int dir, const char *path, char *text, size_t size, struct err *e)
{
        scoped_fd fd = openat(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
        ssize_t n = fd < 0 ? -errno : fill(fd, text, size > INT_MAX ? INT_MAX : size);

        if (n < 0)
                return err_set(e, (int)-n, "read %s", path);
        if ((size_t)n >= size)
                return too_long(e, path, size - 1);
        text[n] = '\0';
        return (int)n;
}

char *file_copy(int dir, const char *path, size_t most, struct arena *a, struct err *e)
{
        filled_later char first[FIRST];
        scoped_fd fd = openat(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -errno : fill(fd, first, sizeof first);
        char *text = NULL;

        if (n >= 0 && n < FIRST && (size_t)n <= most)
                text = arena_copy(a, first, (size_t)n);
        else if (n == FIRST && most >= FIRST && (text = arena_alloc(a, most + 2))) {
                memcpy(text, first, FIRST);

                ssize_t rest = fill(fd, text + FIRST, most + 1 - FIRST);

                n = rest < 0 ? rest : FIRST + rest;
        }
        if (n >= 0 && (size_t)n > most)
                (void)too_long(e, path, most);
        else if (n < 0 || !text)
                (void)err_set(e, n < 0 ? (int)-n : ENOMEM, "read %s", path);
        else
                return text;
        return NULL;
}

int file_write(int fd, const void *bytes, size_t length)
{
        const ssize_t n = write(fd, bytes, length);

        if (n < 0)
                return -errno;
        return (size_t)n == length ? 0 : -ENOSPC;
}

const char *file_next_name(DIR *dir, bool *ret_whole)
{
        const struct dirent *entry;

        do {
                errno = 0;
                entry = readdir(dir);
        } while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
        *ret_whole = errno == 0;
        return entry ? entry->d_name : NULL;
}
