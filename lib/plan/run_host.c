/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/private.h"

#include "base/path.h"
#include "plan/machine_id.h"

/* systemd's container interface: "Files and directories that the container manager may provide" below
 * /run/host. */
#define MOST 16

static void put(struct entry *entries, size_t *count, enum entry_kind kind, const char *path, mode_t mode,
        const char *content)
{
        entries[(*count)++] = (struct entry){kind, path, mode, content};
}

/* Nodes of each type that cannot be opened, for the payload to bind over what its units must not reach. */
static void put_inaccessible(struct entry *entries, size_t *count)
{
        put(entries, count, ENTRY_DIRECTORY, "inaccessible", 0755, NULL);
        put(entries, count, ENTRY_FILE, "inaccessible/reg", 0, "");
        put(entries, count, ENTRY_DIRECTORY, "inaccessible/dir", 0, NULL);
        put(entries, count, ENTRY_FIFO, "inaccessible/fifo", 0, NULL);
        put(entries, count, ENTRY_SOCKET, "inaccessible/sock", 0, NULL);
        put(entries, count, ENTRY_CHARACTER, "inaccessible/chr", 0, NULL);
        put(entries, count, ENTRY_BLOCK, "inaccessible/blk", 0, NULL);
}

/* Mounts of the user's: their mount points have to be made in it. */
static bool has_mounts_below(const struct planning *p)
{
        for (size_t i = 0; i < p->in->facts->mount_count; i++) {
                const char *below = path_below(p->in->facts->mounts[i], "/run/host");

                if (below && *below)
                        return true;
        }
        return false;
}

void plan_run_host(struct planning *p, const char *base)
{
        struct entry *entries = arena_alloc(p->arena, MOST * sizeof *entries);
        const char *machine_id = p->plan.machine_id;
        char uuid[37];
        size_t count = 0;

        if (!entries) {
                plan_no_memory(p);
                return;
        }
        put(entries, &count, ENTRY_FILE, "container-manager", 0444, "oci\n");
        if (*machine_id) {
                machine_id_as_uuid(machine_id, uuid);
                put(entries, &count, ENTRY_FILE, "container-uuid", 0444, plan_text(p, "%s\n", uuid));
                put(entries, &count, ENTRY_FILE, "machine-id", 0444, plan_text(p, "%s\n", machine_id));
        }
        if (p->in->facts->os_release)
                put(entries, &count, ENTRY_FILE, "os-release", 0444, p->in->facts->os_release);
        put_inaccessible(entries, &count);

        const struct tmpfs tmpfs = {.size = {SIZE_BYTES, 128 << 10},
                .inodes = 64,
                .mode = 0755,
                .attributes = MOUNT_ATTR_NOEXEC | (has_mounts_below(p) ? 0 : MOUNT_ATTR_RDONLY),
                .entries = entries,
                .entry_count = count};

        plan_add(p, (struct step){STEP_TMPFS, .target = "/run/host", .base = base, .optional = true,
                            .tmpfs = plan_tmpfs(p, tmpfs)});
        if (!*machine_id)
                return;
        if (p->id_claim)
                plan_add(p, (struct step){STEP_CLAIM, .target = p->id_claim});
        plan_add(p, (struct step){STEP_FILE, .target = "/etc/machine-id", .source = "machine-id",
                            .optional = true});
}
