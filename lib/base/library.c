/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#ifdef STATIC_BUILD
int library_load(const char *const *sonames, const struct library_symbol *symbols, struct err *e)
{
        (void)symbols;
        err_refuse(e, "%s is needed on this host, and a static build loads no libraries", sonames[0]);
        return err_hint(e, "install the hook that is built without STATIC=1");
}
#else

int library_load(const char *const *sonames, const struct library_symbol *symbols, struct err *e)
{
        void *library = NULL;

        for (const char *const *name = sonames; *name && !library; name++)
                library = dlopen(*name, RTLD_NOW | RTLD_LOCAL);
        if (!library) {
                err_set(e, ENOENT, "load %s", sonames[0]);
                return err_hint(e, "install the library");
        }
        for (; symbols->name; symbols++) {
                void *function = dlsym(library, symbols->name);

                if (!function)
                        return err_set(e, ENOENT, "find %s in %s", symbols->name, sonames[0]);
                memcpy(symbols->function, &function, sizeof function);
        }
        return 0;
}
#endif
