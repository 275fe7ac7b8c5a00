/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The floor, 5.12, is the kernel that has the last of the calls that the hook cannot do without. */
static const char *why(int code)
{
        if (code == ENOSYS)
                return "the kernel lacks this call; Linux 5.12 or newer is needed, without a filter on it";
        return strerror(code);
}

static int keep_code(struct err *e, int code)
{
        e->code = code > 0 ? code : EIO;
        return -e->code;
}

int err_set(struct err *e, int code, const char *format, ...)
{
        static const char cannot[] = "cannot ";
        const size_t size = sizeof e->text - (sizeof cannot - 1);
        char *text = e->text + sizeof cannot - 1;
        va_list ap;

        keep_code(e, code);
        va_start(ap, format);
        int n = vsnprintf(text, size, format, ap);
        va_end(ap);
        memcpy(e->text, cannot, sizeof cannot - 1);
        if (n >= 0 && (size_t)n < size)
                snprintf(text + n, size - (size_t)n, ": %s", why(e->code));
        return -e->code;
}

int err_refuse(struct err *e, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        vsnprintf(e->text, sizeof e->text, format, ap);
        va_end(ap);
        return keep_code(e, EINVAL);
}

int err_refuse_as(struct err *e, int code, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        vsnprintf(e->text, sizeof e->text, format, ap);
        va_end(ap);
        return keep_code(e, code);
}

int err_within(struct err *e, const char *format, ...)
{
        char context[256];
        va_list ap;

        va_start(ap, format);
        vsnprintf(context, sizeof context, format, ap);
        va_end(ap);

        size_t n = strlen(context);
        size_t kept = strnlen(e->text, sizeof e->text - n - 3);

        memmove(e->text + n + 2, e->text, kept);
        e->text[n + 2 + kept] = '\0';
        memcpy(e->text, context, n);
        memcpy(e->text + n, ": ", 2);
        return -e->code;
}

int err_hint(struct err *e, const char *format, ...)
{
        size_t n = strlen(e->text);
        va_list ap;

        n += (size_t)snprintf(e->text + n, sizeof e->text - n, "; ");
        if (n < sizeof e->text) {
                va_start(ap, format);
                vsnprintf(e->text + n, sizeof e->text - n, format, ap);
                va_end(ap);
        }
        return -e->code;
}
