/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Things that end with their scope, take_fd hands one on: return take_fd(&fd). And things that begin late. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* For what is closed before its scope ends, too: *fd is -1 then. errno stays what a failed call has set. */
static inline void scope_close(int *fd)
{
        const int code = errno;

        if (*fd >= 0)
                close(*fd);
        *fd = -1;
        errno = code;
}

static inline void scope_closedir(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}

static inline int take_fd(int *fd)
{
        int taken = *fd;

        *fd = -1;
        return taken;
}

/* Of a buffer that a call fills: the compiler, told to clear what has no value yet, would touch all of it. */
#if defined __has_attribute && __has_attribute(uninitialized)
#define filled_later __attribute__((uninitialized))
#else
#define filled_later
#endif

#define scoped_fd  __attribute__((cleanup(scope_close))) int
#define scoped_dir __attribute__((cleanup(scope_closedir))) DIR *
