/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A file of the container that may be systemd's manager or start it: for payload.c and script.c, which both look at some. */

#include "host/command.h"
#include "host/manager.h"
#include "kernel/croot.h"

#include <stddef.h>

#define LOOKED_TEXT_MOST 65536 /* bytes of a script that are read */

struct looked {
        int fd; /* open for reading; -1: nothing is open */
        char path[101];
        struct file file;
};

#define LOOKED_NONE ((struct looked){.fd = -1})

/*
 * Returns 0 when path, from the rootfs on, is a regular file that may be executed, or is_operand, which needs to be read alone.
 * -ENOENT when it is another file; else what croot_open says. Close with looked_end.
 */
int looked_open(struct croot root, const char *path, bool is_operand, struct looked *ret, struct err *e)
        must_check;

void looked_end(struct looked *l);

/* Up to size - 1 bytes from the start of the file, with a NUL behind them. Returns how many, 0 when it cannot be read. */
size_t looked_text(const struct looked *l, char *text, size_t size);

/* Takes the comments out of a text of a shell: from a '#' that begins a word to the end of its line. */
void looked_drop_comments(char *text);

/*
 * Of a text of a shell, or a command line's word: calls found with each absolute path in it, as long as found returns 0, and
 * not more than most times.
 */
void looked_each_path(const char *text, size_t most, int (*found)(void *to, const char *path), void *to);
