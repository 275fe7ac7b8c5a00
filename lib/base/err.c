/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The kernel call that is missing is named by the format; the floor is the call that came last of those we
 * need. */
static const char *why(int code)
{
        if (code == ENOSYS)
                return "the kernel lacks this call; Linux 5.12 or newer is needed, without a filter on it";
        return strerror(code);
}

int err_set(struct err *e, int code, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        int n = vsnprintf(e->text, sizeof e->text, format, ap);
        va_end(ap);
        if (n >= 0 && (size_t)n < sizeof e->text)
                snprintf(e->text + n, sizeof e->text - (size_t)n, ": %s", why(code));
        e->code = code;
        return -code;
}

int err_refuse(struct err *e, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        vsnprintf(e->text, sizeof e->text, format, ap);
        va_end(ap);
        e->code = EINVAL;
        return -EINVAL;
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
