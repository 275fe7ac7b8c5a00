/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A tmpfs that is to be made, and the files in it, as plain data. */

#include "base/size.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum entry_kind {
        ENTRY_DIRECTORY,
        ENTRY_FILE,
        ENTRY_LINK,
        ENTRY_FIFO,
        ENTRY_SOCKET,
        ENTRY_CHARACTER,
        ENTRY_BLOCK
};

struct entry {
        enum entry_kind kind;
        const char *path; /* relative; its directory is an entry before it */
        mode_t mode;
        const char *content; /* of a file or a link */
};

struct tmpfs {
        struct size size;
        uint64_t inodes;
        mode_t mode;
        uint64_t attributes; /* MOUNT_ATTR_* beside nosuid and nodev */
        bool shared;         /* propagation */
        bool copy;           /* what the image has there */
        bool image_mode;     /* and the directory's own owner and mode */
        const struct entry *entries;
        size_t entry_count;
};
