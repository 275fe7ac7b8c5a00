/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/units.h"
#include "oci/capabilities.h"
#include "plan/private.h"

enum where { IN_ANY, IN_INITIAL };
#define ALL UINT_MAX

static const struct unit_row {
        char name[36];
        char capability[20]; /* without "CAP_" */
        unsigned char number;
        unsigned char where;
        unsigned to; /* version of systemd */
} rows[] = {
#define ROW(unit, capability, where, to) {unit, #capability, CAP_##capability, where, to},
        UNITS(ROW)
#undef ROW
};
_Static_assert(sizeof rows / sizeof *rows <= 32, "a bit of facts.units for each row");

/* A condition and no mask: the unit is skipped and not failed, and what requires the unit still starts. */
static void add_condition(struct planning *p, const struct unit_row *row, bool is_missing)
{
        const char *condition = is_missing ? plan_text(p, "ConditionCapability=CAP_%s", row->capability)
                                           : "ConditionVirtualization=!container";

        plan_run_entry(p, ENTRY_FILE, plan_text(p, "systemd/system/%s.d/50-oci-systemd-hook.conf", row->name),
                0444,
                plan_text(p, "# CAP_%s %s\n[Unit]\n%s\n", row->capability,
                        is_missing ? "is not given to this container" : "does not count in a user namespace",
                        condition));
        plan_note(p, "%s is skipped: CAP_%s %s", row->name, row->capability,
                is_missing ? "is not given to this container" : "does not count in a user namespace");
}

void plan_units(struct planning *p)
{
        const struct facts *f = p->in->facts;
        const unsigned version = p->in->payload->version;
        const bool has_units = plan_run_has_units(p);
        unsigned missed = 0;

        if (p->in->settings->units == UNITS_KEEP)
                return;
        for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
                const struct unit_row *row = &rows[i];
                const bool is_missing = !(p->in->config->capabilities & OCI_CAPABILITY(row->number));

                if (!(f->units & 1u << i) || version > row->to ||
                        (!is_missing && (row->where != IN_INITIAL || !f->user_namespace)))
                        continue;
                if (has_units)
                        add_condition(p, row, is_missing);
                else
                        missed++;
        }
        if (missed)
                plan_note(p,
                        "units=condition has no effect: %s; %u of the image's units lack a capability and "
                        "may fail",
                        plan_run_why_not(p), missed);
}
