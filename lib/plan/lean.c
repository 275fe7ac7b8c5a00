/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/path.h"
#include "oci/capabilities.h"
#include "plan/private.h"

#include <linux/capability.h>
#include <string.h>

/*
 * boot=lean: what can do nothing in this container does not start. A generator is masked by a link to /dev/null; a
 * unit gets a condition that fails, and not a mask, so that what requires the unit still starts. Both are in the
 * hook's /run, which /etc of the image overrides.
 */

enum kind { GENERATOR, UNIT };

/* What keeps a row, beside the image's work (enum image_work, or-ed in the same number). */
enum kept {
        KEPT_NEVER = 0,
        KEPT_TERMINAL = 1 << 16, /* a terminal, and so a login */
        /* words of a kernel's command line, which in a container are the arguments of PID 1 */
        KEPT_WORDS = 1 << 17,
        KEPT_CREDENTIALS = 1 << 18, /* system credentials */
        KEPT_SYS_ADMIN = 1 << 19,   /* CAP_SYS_ADMIN: block devices may be there and may be mounted */
};

/* clang-format off */
static const struct lean_row {
        char name[44];
        unsigned char kind;
        unsigned kept;
        char why[64];
} rows[] = {
        {"systemd-bless-boot-generator",       GENERATOR, KEPT_NEVER,     "there is no boot loader"},
        {"systemd-cryptsetup-generator",       GENERATOR, KEPT_SYS_ADMIN, "no device can be unlocked"},
        {"systemd-debug-generator",            GENERATOR, KEPT_WORDS | KEPT_CREDENTIALS, "no words or credentials ask for it"},
        {"systemd-factory-reset-generator",    GENERATOR, KEPT_WORDS,     "there is no firmware that asks for it"},
        {"systemd-fstab-generator",            GENERATOR, KEPT_WORDS | KEPT_CREDENTIALS | IMAGE_FSTAB, "fstab has no lines"},
        {"systemd-getty-generator",            GENERATOR, KEPT_TERMINAL | KEPT_WORDS | KEPT_CREDENTIALS, "there is no terminal"},
        {"systemd-gpt-auto-generator",         GENERATOR, KEPT_SYS_ADMIN, "there are no partitions"},
        {"systemd-hibernate-resume-generator", GENERATOR, KEPT_NEVER,     "a container does not hibernate"},
        {"systemd-import-generator",           GENERATOR, KEPT_WORDS | KEPT_CREDENTIALS, "no words or credentials ask for it"},
        {"systemd-integritysetup-generator",   GENERATOR, KEPT_SYS_ADMIN, "no device can be set up"},
        {"systemd-rc-local-generator",         GENERATOR, IMAGE_RC_LOCAL, "there is no rc.local"},
        {"systemd-run-generator",              GENERATOR, KEPT_WORDS | KEPT_CREDENTIALS, "no words ask for it"},
        {"systemd-ssh-generator",              GENERATOR, KEPT_WORDS | KEPT_CREDENTIALS | IMAGE_SSHD, "there is no sshd"},
        {"systemd-system-update-generator",    GENERATOR, IMAGE_UPDATE,   "there is no /system-update"},
        {"systemd-sysv-generator",             GENERATOR, IMAGE_SYSV,     "each script of init.d has a unit"},
        {"systemd-tpm2-generator",             GENERATOR, KEPT_NEVER,     "there is no TPM"},
        {"systemd-veritysetup-generator",      GENERATOR, KEPT_SYS_ADMIN, "no device can be set up"},
        {"console-setup.service",              UNIT, KEPT_NEVER,          "there is no virtual console"},
        {"keyboard-setup.service",             UNIT, KEPT_NEVER,          "there is no keyboard"},
        {"ldconfig.service",                   UNIT, IMAGE_OLD_LINKER,    "the linker's cache is current"},
        {"systemd-hwdb-update.service",        UNIT, IMAGE_OLD_HARDWARE,  "the hardware database is current or not there"},
        {"systemd-journal-catalog-update.service", UNIT, IMAGE_OLD_CATALOG, "the catalogue is current"},
        {"systemd-network-generator.service",  UNIT, KEPT_WORDS | KEPT_CREDENTIALS, "no words or credentials ask for it"},
        {"systemd-remount-fs.service",         UNIT, IMAGE_FSTAB,         "fstab has no lines"},
        {"systemd-sysusers.service",           UNIT, IMAGE_OLD_USERS | KEPT_CREDENTIALS, "the users are there"},
        {"systemd-tmpfiles-setup-dev-early.service", UNIT, IMAGE_DEV_RULES, "the image has no rules for /dev"},
        {"systemd-tmpfiles-setup-dev.service", UNIT, IMAGE_DEV_RULES,     "the image has no rules for /dev"},
        /* only together with what it marks as done */
        {"systemd-update-done.service",        UNIT, IMAGE_OLD_LINKER | IMAGE_OLD_HARDWARE | IMAGE_OLD_CATALOG | IMAGE_OLD_USERS | KEPT_CREDENTIALS, "the caches are current"},
};
/* clang-format on */

static bool has_credentials(const struct planning *p)
{
        for (size_t i = 0; i < p->in->facts->mount_count; i++)
                if (path_below(p->in->facts->mounts[i], "/run/credentials"))
                        return true;
        return *p->in->settings->credentials;
}

/* What of enum kept and enum image_work is true of this container. */
static unsigned kept_here(const struct planning *p)
{
        const struct oci_config *c = p->in->config;
        unsigned kept = p->in->facts->image.work;

        kept |= c->terminal ? KEPT_TERMINAL : 0;
        kept |= c->arg_count > 1 ? KEPT_WORDS : 0;
        kept |= has_credentials(p) ? KEPT_CREDENTIALS : 0;
        kept |= c->capabilities & OCI_CAPABILITY(CAP_SYS_ADMIN) ? KEPT_SYS_ADMIN : 0;
        return kept;
}

static void leave_out(struct planning *p, const struct lean_row *row)
{
        if (row->kind == GENERATOR)
                plan_run_entry(p, ENTRY_LINK, plan_text(p, "systemd/system-generators/%s", row->name), 0,
                        "/dev/null");
        else
                plan_run_entry(p, ENTRY_FILE,
                        plan_text(p, "systemd/system/%s.d/50-oci-systemd-hook.conf", row->name), 0444,
                        plan_text(p, "# %s\n[Unit]\nConditionVirtualization=!container\n", row->why));
}

void plan_lean(struct planning *p)
{
        const bool has[] = {[GENERATOR] = plan_run_has_generators(p), [UNIT] = plan_run_has_units(p)};
        unsigned count = 0;

        if (p->in->settings->boot != BOOT_LEAN)
                return;
        const unsigned kept = kept_here(p);
        for (const struct lean_row *row = rows; row < rows + sizeof rows / sizeof *rows; row++)
                if (has[row->kind] && !(row->kept & kept) &&
                        !image_has_changed(&p->in->facts->image, row->name)) {
                        leave_out(p, row);
                        count++;
                }
        if (has[GENERATOR] && has[UNIT])
                plan_note(p,
                        "boot=lean: %u generators and units that can do nothing in this container do not "
                        "start",
                        count);
        else if (has[GENERATOR] || has[UNIT])
                plan_note(p,
                        "boot=lean: %u %s that can do nothing in this container do not start; it has no "
                        "effect on %s: %s",
                        count, has[UNIT] ? "units" : "generators", has[UNIT] ? "generators" : "units",
                        plan_run_why_not(p));
        else
                plan_note(p, "boot=lean has no effect: %s", plan_run_why_not(p));
}
