/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Libraries that few starts need, loaded by those that do: merely linking libmount and libselinux costs more
 * than all the mounts. By soname only, so that the system's loader finds them in the system's directories.
 */

#include "base/err.h"

#include <stdint.h>

struct library_symbol {
        const char *name;
        void *function; /* a pointer to a function pointer */
};

/*
 * Loads the first of the sonames (NULL ends them) that is there, and fills in the symbols. It stays loaded.
 * A static build (make STATIC=1) has none. -ENOENT: none is installed, or it lacks a symbol; the error says
 * which.
 */
int library_load(const char *const *sonames, const struct library_symbol *symbols, struct err *e) must_check;

/*
 * An ELF note that tells packagers' tools of such a library (uapi-group.org: "ELF Metadata for dlopen"): what for, and its sonames, each in
 * quotes, the newest first. Once in a file.
 */
#ifdef STATIC_BUILD
#define LIBRARY_NOTE(feature, description, sonames) _Static_assert(1, "")
#else
#define LIBRARY_NOTE_JSON(feature, description, sonames)                                                     \
        "[{\"feature\":\"" feature "\",\"description\":\"" description                                       \
        "\",\"priority\":\"recommended\",\"soname\":[" sonames "]}]"
#define LIBRARY_NOTE(feature, description, sonames)                                                          \
        __attribute__((used, section(".note.dlopen"))) _Alignas(4) static const struct {                     \
                _Alignas(4) uint32_t name_size;                                                              \
                uint32_t size, type;                                                                         \
                char name[sizeof "FDO"];                                                                     \
                _Alignas(4) char json[sizeof LIBRARY_NOTE_JSON(feature, description, sonames)];              \
        } library_note = {sizeof "FDO", sizeof LIBRARY_NOTE_JSON(feature, description, sonames), 0x407c0c0a, \
                "FDO", LIBRARY_NOTE_JSON(feature, description, sonames)}
#endif
