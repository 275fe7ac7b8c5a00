/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/looked.h"

#include "base/scope.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int looked_open(struct croot root, const char *path, bool is_operand, struct looked *ret, struct err *e)
{
        scoped_fd found = croot_open(root, path, CROOT_ANY, e);
        struct looked l;
        struct stat st;

        if (found < 0)
                return found;
        if (fstat(found, &st) < 0)
                return err_set(e, errno, "look at the container's %s", path);
        if (!S_ISREG(st.st_mode) || !(is_operand || (st.st_mode & 0111)))
                return -ENOENT;

        scoped_fd fd = croot_reopen_seen(found, &st, path, e);
        int r = fd < 0 ? fd : manager_inspect(fd, path, &l.file, e);

        if (r < 0)
                return r;
        l.fd = take_fd(&fd);
        snprintf(l.path, sizeof l.path, "%.100s", path);
        *ret = l;
        return 0;
}

void looked_end(struct looked *l)
{
        scope_close(&l->fd);
        l->fd = -1;
}

size_t looked_text(const struct looked *l, char *text, size_t size)
{
        ssize_t n = pread(l->fd, text, size - 1, 0);
        const size_t length = n > 0 ? (size_t)n : 0;

        text[length] = '\0';
        return length;
}

#define OF_PATHS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@:,~%"

/* One letter alone is looked at: a word may be as long as the text. */
static bool is_of_path(char c)
{
        return c && strchr(OF_PATHS, c);
}

void looked_drop_comments(char *text)
{
        bool in_comment = false, in_word = false;
        char *out = text;

        for (const char *at = text; *at; at++) {
                in_comment = *at == '#' ? in_comment || !in_word : in_comment && *at != '\n';
                if (!in_comment)
                        *out++ = *at;
                in_word = is_of_path(*at);
        }
        *out = '\0';
}

void looked_each_path(const char *text, size_t most, int (*found)(void *to, const char *path), void *to)
{
        filled_later char path[PATH_MAX];
        bool in_word = false;
        size_t n;

        for (const char *at = text; *at && most > 0; at += n) {
                n = 1;
                if (*at == '/' && !in_word) {
                        n = strspn(at, OF_PATHS);
                        if (n > 1 && n < sizeof path) {
                                memcpy(path, at, n);
                                path[n] = '\0';
                                most--;
                                if (found(to, path) != 0)
                                        return;
                        }
                        in_word = true;
                        continue;
                }
                /* a path also begins behind what is no letter of one: quotes, '=' */
                in_word = is_of_path(*at);
        }
}
