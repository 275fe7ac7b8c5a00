/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli.h"
#include "engines.h"
#include "findings.h"

#include "base/file.h"
#include "host/facts.h"
#include "host/inotify.h"
#include "host/label.h"
#include "kernel/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

static void check_kernel(struct findings *f)
{
        const char *missing = calls_missing();
        struct utsname name;

        if (uname(&name) < 0)
                return;
        if (missing)
                findings_add(f, FINDING_STOPS, "kernel",
                        "use Linux 5.12 or newer, without a filter on this call",
                        "Linux %s lacks %s, or a filter forbids it", name.release, missing);
        else
                findings_add(f, FINDING_OK, "kernel", NULL, "Linux %s has all calls that the hook needs",
                        name.release);
#ifdef __GLIBC__
        findings_add(f, FINDING_OK, "libc", NULL, "glibc %s", gnu_get_libc_version());
#endif
}

/* Whether a cgroup2 of this mount table has the option. */
static bool has_nsdelegate(struct arena *a)
{
        struct err unused;
        char *text = file_copy(AT_FDCWD, "/proc/self/mountinfo", 4 << 20, a, &unused);

        for (char *line = text ? strtok(text, "\n") : NULL; line; line = strtok(NULL, "\n"))
                if (strstr(line, " - cgroup2 ") && strstr(line, "nsdelegate"))
                        return true;
        return false;
}

static void check_controllers(struct findings *f, const char *mounted)
{
        struct err unused;
        const char *path = arena_print(f->arena, "%s/cgroup.controllers", mounted);
        char *text = path ? file_copy(AT_FDCWD, path, 4096, f->arena, &unused) : NULL;

        if (!text)
                return;
        text[strcspn(text, "\n")] = '\0';
        if (strstr(text, "memory") && strstr(text, "pids"))
                findings_add(f, FINDING_OK, "controllers", NULL, "cgroup2 has %s", text);
        else
                findings_add(f, FINDING_NOTE, "controllers",
                        "kernel command line: systemd.unified_cgroup_hierarchy=1",
                        "cgroup2 has %s: in containers MemoryMax= and TasksMax= of units have no effect",
                        *text ? text : "no controller");
}

static void check_cgroups(struct findings *f)
{
        struct facts facts = {0};
        struct err e;

        if (facts_host(f->arena, &facts, &e) < 0) {
                findings_add(f, FINDING_STOPS, "cgroups", NULL, "%s", e.text);
                return;
        }
        findings_add(f, FINDING_OK, "cgroups", NULL, "the host is %s", host_mode_names[facts.host]);
        if (facts.mounted_at[HIERARCHY_UNIFIED]) {
                check_controllers(f, facts.mounted_at[HIERARCHY_UNIFIED]);
                if (has_nsdelegate(f->arena))
                        findings_add(f, FINDING_OK, "nsdelegate", NULL, "cgroup2 is mounted with it");
                else
                        findings_add(f, FINDING_NOTE, "nsdelegate", NULL,
                                "cgroup2 is mounted without it: runc and crun take it off when a container "
                                "with the "
                                "host's cgroup namespace starts; containers prepared by the hook keep their "
                                "limits");
        }
        if (!facts_has_selinux()) {
                findings_add(f, FINDING_OK, "selinux", NULL, "off");
                return;
        }
        const char *cgroups = facts.mounted_at[HIERARCHY_UNIFIED] ? facts.mounted_at[HIERARCHY_UNIFIED]
                                                                  : facts.mounted_at[HIERARCHY_SYSTEMD];
        if (cgroups && label_check_cgroups("system_u:system_r:container_t:s0:c1,c2", cgroups, &e) < 0)
                findings_add(
                        f, FINDING_STOPS, "selinux", "setsebool -P container_manage_cgroup on", "%s", e.text);
        else
                findings_add(f, FINDING_OK, "selinux", NULL, "on, and containers may manage their cgroups");
}

static void check_inotify(struct findings *f)
{
        const unsigned long most = inotify_limit();
        const char *cure =
                arena_print(f->arena, "sysctl -w fs.inotify.max_user_instances=%lu", inotify_more(most));
        struct err e;

        if (inotify_check(&e) < 0)
                findings_add(f, FINDING_STOPS, "inotify", cure, "%s", e.text);
        else if (most && most < 256)
                findings_add(f, FINDING_NOTE, "inotify", cure,
                        "fs.inotify.max_user_instances is %lu: enough for about %lu systemd containers of "
                        "one user",
                        most, most / INOTIFY_FOR_A_BOOT);
        else if (most)
                findings_add(f, FINDING_OK, "inotify", NULL,
                        "%lu instances: enough for about %lu systemd containers", most,
                        most / INOTIFY_FOR_A_BOOT);
}

static void check_journal(struct findings *f)
{
        struct stat st;

        if (stat("/run/systemd/journal/socket", &st) == 0)
                findings_add(f, FINDING_OK, "journal", NULL,
                        "what a start did is in: journalctl -t oci-systemd-hook");
        else if (stat("/dev/log", &st) == 0)
                findings_add(
                        f, FINDING_OK, "journal", NULL, "there is none; what a start did is in the syslog");
        else
                findings_add(f, FINDING_NOTE, "journal", NULL,
                        "neither journald nor a syslog runs: what a start did is said nowhere but in the "
                        "engine's error");
}

int cmd_check(const struct call *call, struct err *e)
{
        struct findings f = {.arena = call->arena};

        check_kernel(&f);
        check_cgroups(&f);
        check_inotify(&f);
        check_journal(&f);
        engines_check(&f);
        if (f.has_failed)
                return err_set(e, ENOMEM, "check this host");
        if (call->json) {
                printf("{\"schema\": 1, \"stops\": %s, \"findings\": ", f.stops ? "true" : "false");
                findings_print_json(&f);
                puts("}");
        } else {
                findings_print(&f);
        }
        if (ferror(stdout) || fflush(stdout))
                return err_set(e, errno, "write what was found");
        return f.stops;
}
