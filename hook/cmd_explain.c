/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "asked.h"
#include "cli.h"
#include "containers.h"
#include "findings.h"
#include "road.h"

#include "base/file.h"
#include "base/json.h"
#include "base/scope.h"
#include "base/shell.h"
#include "kernel/proc_text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is_prepared(struct croot root)
{
        struct err unused;
        scoped_fd file = croot_open(root, "/run/host/container-manager", CROOT_FILE, &unused);

        return file >= 0;
}

/* What the plan attaches must still be the root of a mount. */
static void check_mounts(struct findings *f, const struct plan *p, struct croot root)
{
        size_t there = 0, gone = 0;

        for (size_t i = 0; i < p->count; i++) {
                const struct step *s = &p->steps[i];
                struct err e;

                if (s->action != STEP_TMPFS && s->action != STEP_SHOW && s->action != STEP_FILE)
                        continue;

                scoped_fd fd = croot_open(root, s->target, CROOT_ANY, &e);

                if (fd >= 0 && croot_is_mount(fd) == 1) {
                        there++;
                } else if (!s->optional) {
                        gone++;
                        findings_add(f, FINDING_STOPS, "mounts", "restart the container",
                                "nothing is mounted on %s any more", s->target);
                }
        }
        if (!gone)
                findings_add(f, FINDING_OK, "mounts", NULL, "all %zu are there", there);
}

/* The number in a file of the cgroup that has the container's limits; 0: none, or no such file. */
static uint64_t limit_in(struct arena *a, const char *hierarchy, const char *path, const char *file)
{
        const size_t n = strlen(path);
        const size_t inner = n > 8 && strcmp(path + n - 8, "/payload") == 0 ? 8 : 0;
        const char *name = arena_print(a, "%s%.*s/%s", hierarchy, (int)(n - inner), path, file);
        struct err unused;
        const char *text = name ? file_copy(AT_FDCWD, name, 64, a, &unused) : NULL;

        return text ? strtoull(text, NULL, 10) : 0;
}

/* The cgroup that the container's memory is charged to. systemd's own process sits in init.scope of it. */
static const char *memory_path(struct arena *a, pid_t pid, bool *ret_is_v1)
{
        static const char scope[] = "/init.scope";
        const char *file = arena_print(a, "/proc/%d/cgroup", pid);
        struct err unused;
        char *text = file ? file_copy(AT_FDCWD, file, PROC_CGROUP_MOST, a, &unused) : NULL;
        const char *path = text ? proc_text_memory_cgroup(text, ret_is_v1) : NULL;
        size_t n = path ? strlen(path) : 0;

        if (n >= sizeof scope - 1 && strcmp(path + n - (sizeof scope - 1), scope) == 0)
                n -= sizeof scope - 1;
        return path ? arena_copy(a, path, n) : NULL;
}

static void check_limit(struct findings *f, const struct road *road, pid_t pid)
{
        const uint64_t wanted = road->config.memory_limit;
        bool is_v1 = false;
        const char *path = memory_path(f->arena, pid, &is_v1);
        const char *mounted = road->facts.mounted_at[HIERARCHY_UNIFIED];
        uint64_t now = 0;

        if (!wanted)
                return;
        if (path && is_v1)
                now = limit_in(f->arena, "/sys/fs/cgroup/memory", path, "memory.limit_in_bytes");
        else if (path && mounted)
                now = limit_in(f->arena, mounted, path, "memory.max");
        if (now == 0 || now > wanted)
                findings_add(f, FINDING_NOTE, "limits",
                        "docker update, podman update or runc update --memory sets it again",
                        "config.json limits the memory to %" PRIu64 " bytes, and the cgroup has %s%" PRIu64,
                        wanted, now ? "" : "no limit: ", now);
        else
                findings_add(f, FINDING_OK, "limits", NULL, "memory: %" PRIu64 " bytes", now);
}

/* What differs now from what the start decided. */
static void look_inside(struct findings *f, const struct road *road, const struct known_container *c)
{
        char path[32];

        snprintf(path, sizeof path, "/proc/%d/root", c->pid);

        scoped_fd root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (root < 0) {
                findings_add(f, FINDING_NOTE, "container", NULL,
                        "its process %d does not run, or root alone may look at it", c->pid);
                if (road->decision.acts)
                        asked_explain(f, c->bundle);
                return;
        }
        if (is_prepared((struct croot){root})) {
                findings_add(f, FINDING_OK, "prepared", NULL, "the hook has prepared it");
                if (road->has_plan)
                        check_mounts(f, &road->plan, (struct croot){root});
        } else if (road->decision.acts) {
                findings_add(f, FINDING_STOPS, "prepared", "oci-systemd-hook check",
                        "the hook has not prepared it");
                asked_explain(f, c->bundle);
        }
        check_limit(f, road, c->pid);
}

/* What the journal has of its start, and of its end. */
static void point_to_journal(struct findings *f, const struct known_container *c)
{
        const char *word = shell_word(f->arena, c->id);

        findings_add(f, FINDING_OK, "journal", NULL, "journalctl -t oci-systemd-hook CONTAINER_ID=%s",
                word ? word : c->id);
}

/* How it is stopped: config.json does not say what signal an engine sends. */
static void explain_stop(struct findings *f, const struct known_container *c)
{
        if (c->is_containerds)
                findings_add(f, FINDING_OK, "stop", NULL,
                        "ctr task kill --signal SIGRTMIN+3 %s; at SIGTERM, which ctr sends by itself, "
                        "systemd "
                        "executes itself anew",
                        c->id);
}

static void explain_decision(struct findings *f, struct road *road)
{
        struct err refused;
        int r = road_take(road, &refused);

        if (r < 0)
                findings_add(f, FINDING_STOPS, "decision", NULL, "refuses: %s", refused.text);
        else if (road->decision.acts)
                findings_add(f, FINDING_OK, "decision", NULL, "acts: %s; systemd %u, cgroup layout %s (%s)",
                        road->decision.reason, road->payload.version, layout_names[road->plan.layout],
                        road->plan.layout_reason);
        else
                findings_add(f, FINDING_NOTE, "decision", road_skip_cure(road), "skips: %s",
                        road->decision.reason);
}

static void explain(struct findings *f, struct road *road, const struct known_container *c)
{
        findings_add(f, FINDING_OK, "container", NULL, "%s, process %d, bundle %s", c->id, c->pid, c->bundle);
        explain_decision(f, road);
        look_inside(f, road, c);
        for (size_t i = 0; i < road->lacks.count; i++)
                findings_add(f, FINDING_NOTE, "missing", NULL, "%s", road->lacks.list[i]);
        if (road->lacks.slow)
                findings_add(f, FINDING_NOTE, "slow", NULL, "%s", road->lacks.slow);
        for (size_t i = 0; i < road->plan.note_count; i++)
                findings_add(f, FINDING_NOTE, "note", NULL, "%s", road->plan.notes[i]);
        if (road->decision.acts)
                explain_stop(f, c);
        point_to_journal(f, c);
}

/* Its rootfs is not mounted and its state is gone: the journal alone knows what its start did. */
static void explain_kept(struct findings *f, const struct known_container *c)
{
        findings_add(f, FINDING_NOTE, "container", NULL,
                "%s does not run; what its last start did, and why, is in the journal", c->id);
        if (c->bundle)
                asked_explain(f, c->bundle);
        if (asked_stop_signal(c) == STOP_SIGNAL_OTHER)
                findings_add(f, FINDING_NOTE, "missing", NULL, LACKS_STOP_SIGNAL);
        point_to_journal(f, c);
}

int cmd_explain(const struct call *call, struct err *e)
{
        struct known_container c;
        struct findings f = {.arena = call->arena};
        struct road road = ROAD_START;
        int r = containers_find(call->name, call->arena, &c, e);

        if (r < 0)
                return r;
        road.arena = call->arena;
        road.bundle = c.bundle;
        road.id = c.id;
        road.settings = call->settings;
        road.stop_signal = asked_stop_signal(&c);
        if (c.is_kept)
                explain_kept(&f, &c);
        else
                explain(&f, &road, &c);
        if (f.has_failed)
                return err_set(e, ENOMEM, "explain %s", c.id);
        if (call->json) {
                fputs("{\"schema\": 1, \"id\": ", stdout);
                json_write_string(stdout, c.id);
                printf(", \"stops\": %s, \"findings\": ", f.stops ? "true" : "false");
                findings_print_json(&f);
                puts("}");
        } else {
                findings_print(&f);
        }
        road_end(&road);
        if (ferror(stdout) || fflush(stdout))
                return err_set(e, errno, "write what was found");
        return f.stops;
}
