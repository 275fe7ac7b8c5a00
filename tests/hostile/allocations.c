/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A library to preload: the allocation of number $FAIL_ALLOCATION gets nothing, whoever of the process asks
 * for it, our code, libc or a library; those before and after it are as ever. When there was that one, the
 * file $FAIL_TOLD is made. With $OLD_KERNEL there is no listmount(2), so that libmount reads the mount table.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc's own, under names that a program may use to put something in between */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

#ifndef SYS_listmount
#define SYS_listmount 458
#endif

static long left;
static const char *told, *old_kernel;
static long (*real_syscall)(long number, ...);

/* The hook empties its environment: what is wanted has to be known before its main. */
__attribute__((constructor)) static void read_wish(void)
{
        const char *number = getenv("FAIL_ALLOCATION");

        told = getenv("FAIL_TOLD");
        old_kernel = getenv("OLD_KERNEL");
        real_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
        left = number && told ? atol(number) : 0;
}

static int fails(void)
{
        int fd;

        if (left == 0 || --left > 0)
                return 0;
        fd = open(told, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd >= 0)
                close(fd);
        errno = ENOMEM;
        return 1;
}

void *malloc(size_t size)
{
        return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
        return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
        return fails() ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
        return fails() ? NULL : __libc_memalign(alignment, size);
}

long syscall(long number, ...)
{
        long words[6];
        va_list list;

        va_start(list, number);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                words[i] = va_arg(list, long);
        va_end(list);
        if (number == SYS_listmount && old_kernel) {
                errno = ENOSYS;
                return -1;
        }
        return real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}
