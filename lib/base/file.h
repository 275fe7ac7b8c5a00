/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A small file as text, read whole or not at all: what is longer than the caller expects is an error and never
 * cut. Files of proc and of cgroups hand out a piece at a time, so they are read until a read finds the end.
 * Nothing blocks: not the open of a FIFO, not a terminal.
 */

#include "base/arena.h"
#include "base/err.h"

#include <dirent.h>
#include <stdbool.h>

/*
 * Reads the file at path (from dir, or AT_FDCWD) into text, with a NUL behind it. The last component of path
 * may not be a link. Returns the length, or -errno: -EFBIG when the file has size bytes or more.
 */
int file_read(int dir, const char *path, char *text, size_t size, struct err *e) must_check;

/*
 * The file at path (links are followed) as a string of the arena, at most most bytes long. NULL: e says why.
 */
char *file_copy(int dir, const char *path, size_t most, struct arena *a, struct err *e) must_check;

/* Writes length bytes to fd, at once. Returns 0, or -errno: -ENOSPC when only a part of them was written. */
int file_write(int fd, const void *bytes, size_t length) must_check;

/* The next name in dir, but "." and ".."; NULL: there is none, and in *ret_whole whether that is known. */
const char *file_next_name(DIR *dir, bool *ret_whole);
