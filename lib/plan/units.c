/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/units.h"
#include "oci/capabilities.h"
#include "plan/private.h"

enum where { IN_ANY, IN_INITIAL, IN_HOST };
#define ALL UINT_MAX

static const struct unit_row {
        char name[36];
        char capability[20]; /* without "CAP_" */
        char cure[32];
        unsigned char number;
        unsigned char where;
        unsigned from, to; /* version of systemd */
} rows[] = {
#define ROW(unit, generator, capability, where, from, to, cure)                                              \
        {unit, #capability, cure, CAP_##capability, where, from, to},
        UNITS(ROW)
#undef ROW
};
_Static_assert(sizeof rows / sizeof *rows <= 32, "a bit of facts.units for each row");

/* Why the unit cannot do its work here: what follows "CAP_X ". NULL: it can. */
static const char *reason(const struct planning *p, const struct unit_row *row)
{
        if (!(p->in->config->capabilities & OCI_CAPABILITY(row->number)))
                return "is not given to this container";
        if (row->where == IN_HOST)
                return "does not count in a container";
        if (row->where == IN_INITIAL && p->in->facts->user_namespace)
                return "does not count in a user namespace";
        return NULL;
}

/* A condition and no mask: the unit is skipped and not failed, and what requires the unit still starts. */
static const char *condition(struct planning *p, const struct unit_row *row)
{
        if (!(p->in->config->capabilities & OCI_CAPABILITY(row->number)))
                return plan_text(p, "[Unit]\nConditionCapability=CAP_%s", row->capability);
        return "[Unit]\nConditionVirtualization=!container";
}

static void add_drop_in(struct planning *p, const struct unit_row *row, const char *why)
{
        const char *lines = *row->cure ? plan_text(p, "[Service]\n%s", row->cure) : condition(p, row);

        plan_run_entry(p, ENTRY_FILE, plan_text(p, "systemd/system/%s.d/50-oci-systemd-hook.conf", row->name),
                0444, plan_text(p, "# CAP_%s %s\n%s\n", row->capability, why, lines));
        if (*row->cure)
                plan_note(p, "%s starts with %s: CAP_%s %s", row->name, row->cure, row->capability, why);
        else
                plan_note(p, "%s is skipped: CAP_%s %s", row->name, row->capability, why);
}

void plan_units(struct planning *p)
{
        const unsigned version = p->in->payload->version;
        const bool has_units = plan_run_has_units(p);
        unsigned missed = 0;

        if (p->in->settings->units == UNITS_KEEP)
                return;
        for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
                const struct unit_row *row = &rows[i];
                const char *why = reason(p, row);

                if (!(p->in->facts->units & 1u << i) || version < row->from || version > row->to || !why)
                        continue;
                if (has_units)
                        add_drop_in(p, row, why);
                else
                        missed++;
        }
        if (missed)
                plan_note(p,
                        "units=condition has no effect: %s; %u of the image's units lack a capability and "
                        "may fail",
                        plan_run_why_not(p), missed);
}
