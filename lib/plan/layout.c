/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/layout.h"

#include <limits.h>

#define FIRST_UNIFIED 230u /* the first that boots on cgroup2 alone */
#define LAST_LEGACY   257u /* the last that accepts v1 */
#define ANY           UINT_MAX

const char *const layout_names[LAYOUTS] = {
        [LAYOUT_UNIFIED] = "unified",
        [LAYOUT_HYBRID] = "hybrid",
        [LAYOUT_LEGACY] = "legacy",
};

/* clang-format off */
static const struct row {
        enum host_mode host;
        unsigned from, to; /* versions of the payload */
        enum layout layout;
        const char *reason;
} table[] = {
        {HOST_UNIFIED, FIRST_UNIFIED,   ANY,               LAYOUT_UNIFIED, "as on the host"},
        {HOST_UNIFIED, 1,               FIRST_UNIFIED - 1, LAYOUT_LEGACY,  "the payload does not know cgroup2: it gets a name=systemd hierarchy"},
        {HOST_HYBRID,  LAST_LEGACY + 1, ANY,               LAYOUT_UNIFIED, "the payload refuses v1: it gets the host's cgroup2"},
        {HOST_HYBRID,  FIRST_UNIFIED,   LAST_LEGACY,       LAYOUT_HYBRID,  "as on the host"},
        {HOST_HYBRID,  1,               FIRST_UNIFIED - 1, LAYOUT_LEGACY,  "the payload does not know cgroup2"},
        {HOST_LEGACY,  LAST_LEGACY + 1, ANY,               LAYOUT_UNIFIED, "the payload refuses v1: it gets the kernel's cgroup2"},
        {HOST_LEGACY,  1,               LAST_LEGACY,       LAYOUT_LEGACY,  "as on the host"},
        {HOST_BARE,    LAST_LEGACY + 1, ANY,               LAYOUT_UNIFIED, "the payload refuses v1: it gets the kernel's cgroup2"},
        {HOST_BARE,    1,               LAST_LEGACY,       LAYOUT_LEGACY,  "the host has no name=systemd hierarchy: the payload gets one"},
};
/* clang-format on */

static const struct {
        enum layout layout;
        unsigned from, to; /* the versions that understand it */
} choices[] = {
        [CGROUP_UNIFIED] = {LAYOUT_UNIFIED, FIRST_UNIFIED, ANY},
        [CGROUP_HYBRID] = {LAYOUT_HYBRID, FIRST_UNIFIED, LAST_LEGACY},
        [CGROUP_LEGACY] = {LAYOUT_LEGACY, 1, LAST_LEGACY},
};

int layout_choose(enum host_mode host, unsigned version, enum cgroup_choice choice, enum layout *ret_layout,
        const char **ret_reason, struct err *e)
{
        if (choice != CGROUP_AUTO) {
                enum layout layout = choices[choice].layout;

                if (version && (version < choices[choice].from || version > choices[choice].to))
                        return err_refuse(e,
                                "cgroup=%s: the payload is systemd %u, which %s; leave it at auto",
                                layout_names[layout], version,
                                version > LAST_LEGACY ? "refuses cgroup v1" : "does not know cgroup2");
                *ret_layout = layout;
                *ret_reason = "asked for";
                return 0;
        }
        if (!version) { /* of a manager that nothing tells of, as trees with an old one do: a new one */
                *ret_layout = LAYOUT_UNIFIED;
                *ret_reason = "the payload's version is not known: it gets what every new one takes";
                return 0;
        }
        for (const struct row *row = table; row < table + sizeof table / sizeof *table; row++)
                if (row->host == host && version >= row->from && version <= row->to) {
                        *ret_layout = row->layout;
                        *ret_reason = row->reason;
                        return 0;
                }
        return err_refuse(e, "no cgroup layout for systemd %u on this host", version);
}
