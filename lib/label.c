/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "label.h"

#include "library.h"

#include <errno.h>
#include <selinux/selinux.h>
#include <stddef.h>

int label_check(const char *context, struct err *e)
{
        static const char *const names[] = {"libselinux.so.1", NULL};
        __typeof__(&security_check_context_raw) check;
        const struct library_symbol symbols[] = {{"security_check_context_raw", &check}, {NULL, NULL}};
        int r = library_load(names, symbols, e);

        if (r < 0)
                return r;
        /* whose own domain may not ask the policy, an engine's for one, leaves it to the kernel at the mount
         */
        if (check(context) < 0 && errno == EINVAL) {
                err_set(e, EINVAL, "linux.mountLabel \"%s\"", context);
                return err_hint(e, "the host's SELinux policy does not know this context");
        }
        return 0;
}
