/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The names of the libraries that an ELF file needs (DT_NEEDED), by the System V ABI, "Dynamic Section". The
 * file is the image's: every offset, size and count is checked, and all work is bounded.
 */

#include "base/err.h"

#include <stdbool.h>

/* Called for each needed library. name has a NUL behind it. Nonzero ends the walk. */
typedef int elf_needed_fn(void *to, const char *name);

/*
 * Returns 0 when fd was read to the end (a static ELF has no names), the callback's value when it ended the
 * walk, -ENOEXEC when fd is no ELF file or a broken one, another -errno when it cannot be read. A file of any
 * machine and byte order is read alike: whether the kernel runs it, natively or by binfmt_misc, is not asked here.
 */
int elf_needed(int fd, elf_needed_fn *found, void *to) must_check;

/* Whether the kernel runs the ELF file fd by binfmt_misc alone, as far as its header tells. */
bool elf_is_for_another_machine(int fd);
