/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/lacks.h"

#include "oci/capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#define FIRST_THAT_ASKS_THE_TERMINAL 258u

/*
 * Without one of SETGID, SETUID and SETPCAP a minimal systemd is degraded: D-Bus, or the journal and logind fail. Without the
 * others packages cannot be installed and services cannot take over their files.
 */
static const struct {
        char name[16];
        unsigned char number;
} needed[] = {
        {"CHOWN", CAP_CHOWN},
        {"DAC_OVERRIDE", CAP_DAC_OVERRIDE},
        {"FOWNER", CAP_FOWNER},
        {"FSETID", CAP_FSETID},
        {"KILL", CAP_KILL},
        {"SETGID", CAP_SETGID},
        {"SETUID", CAP_SETUID},
        {"SETPCAP", CAP_SETPCAP},
};

/* Tried with 252 and 257: 8 MiB kill PID 1, 16 MiB do; of 10 processes no boot comes to its end, of 12 some do. */
#define MEMORY_LEAST (UINT64_C(16) << 20)
#define PIDS_LEAST   16u

struct finding {
        struct arena *arena;
        struct lacks lacks;
        bool has_failed;
};

static void add(struct finding *f, const char *text)
{
        if (!text)
                f->has_failed = true;
        else if (f->lacks.count < LACKS_MOST)
                f->lacks.list[f->lacks.count++] = text;
}

static void find_capabilities(struct finding *f, const struct oci_config *c)
{
        char names[160] = "";
        size_t at = 0;

        for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
                if (!(c->capabilities & OCI_CAPABILITY(needed[i].number)))
                        at += (size_t)snprintf(
                                names + at, sizeof names - at, "%s%s", at ? "," : "", needed[i].name);
        if (at)
                add(f, arena_print(f->arena,
                               "capabilities are missing: services of systemd's own (dbus, logind, getty) "
                               "may fail; "
                               "give the container what engines give by default: --cap-add=%s",
                               names));
}

static void find_limits(struct finding *f, const struct oci_config *c)
{
        if (c->memory_limit && c->memory_limit < MEMORY_LEAST)
                add(f, "the container may use less than the 16 MiB of memory that systemd needs to start; "
                       "raise the limit: --memory=64m or more");
        if (c->pids_limit && c->pids_limit < PIDS_LEAST)
                add(f, "the container may have fewer than the 16 processes that a boot needs; raise the "
                       "limit: --pids-limit=64 or more");
}

static bool has_read_only_run(const struct oci_config *c)
{
        bool read_only = false;

        for (size_t i = 0; i < c->mount_count; i++)
                if (strcmp(c->mounts[i].destination, "/run") == 0 ||
                        strcmp(c->mounts[i].destination, "/var/run") == 0)
                        read_only = c->mounts[i].read_only;
        return read_only;
}

int lacks_find(const struct oci_config *c, const struct payload *payload, struct arena *a,
        struct lacks *ret_lacks, struct err *e)
{
        struct finding f = {.arena = a};

        if (payload->is_child)
                add(&f, "a shell starts systemd as its child, and systemd that is not PID 1 ends at once; "
                        "put exec before it: "
                        "[\"/bin/sh\", \"-c\", \"exec /sbin/init\"]");
        if (oci_is_small_init(c->command))
                add(&f, "PID 1 is a small init and not systemd, which then ends or waits for ever; leave "
                        "--init out");
        if (c->uid)
                add(&f, arena_print(a,
                                "the command runs as user %u, and systemd as PID 1 ends at once unless it is "
                                "root; "
                                "leave --user (runAsUser, USER in the image) out and give units a User= "
                                "instead",
                                c->uid));
        else
                find_capabilities(&f, c);
        if (c->no_new_privileges)
                add(&f, "noNewPrivileges is set: sudo, su and other setuid programs gain nothing in the "
                        "container; "
                        "leave --security-opt=no-new-privileges out (allowPrivilegeEscalation: true)");
        find_limits(&f, c);
        if (has_read_only_run(c))
                add(&f, "a read-only mount is on /run, where systemd must write, so that it ends at once; "
                        "make that volume writable or leave it out");
        if (c->stop_signal == STOP_SIGNAL_OTHER)
                add(&f, LACKS_STOP_SIGNAL);
        if (c->terminal && c->has_lively_terminal && payload->version >= FIRST_THAT_ASKS_THE_TERMINAL)
                f.lacks.slow = "TERM is set, and where nobody is at the terminal (docker run -dt) systemd "
                               "waits 0.7 s "
                               "for its answers; set TERM=dumb there: --env=TERM=dumb";
        if (f.has_failed)
                return err_set(e, ENOMEM, "find what the container lacks");
        *ret_lacks = f.lacks;
        return 0;
}
