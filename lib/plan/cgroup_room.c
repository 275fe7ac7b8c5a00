/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/path.h"
#include "plan/private.h"

#include <string.h>

/* What the layouts with cgroup v1 need around the hierarchies that systemd uses: lib/plan/cgroups.c. */

/*
 * The mount table, as a volume can be led over the engine's mounts by /sys or by a link of the image: each place of
 * the engine's is mounted on once, and nothing lies between them and the sysfs.
 */
static bool are_the_engines(const struct planning *p)
{
        const struct facts *f = p->in->facts;

        for (size_t i = 0; i < f->mount_count; i++) {
                const char *mount = f->mounts[i];

                if (path_below(mount, "/sys") && plan_times_mounted(p, mount) > 1)
                        return false;
                if (path_below(mount, "/sys/fs") && !path_below(mount, "/sys/fs/cgroup"))
                        return false;
        }
        return f->cgroup_mount != CGROUP_MOUNT_HOSTS;
}

/*
 * "ro" is true of all that the engine mounts for type cgroup, and under crun only after the hooks. It is not true of
 * what lies below a bind mount.
 */
static bool controllers_are_read_only(const struct planning *p)
{
        const struct oci_config *c = p->in->config;
        bool read_only = false;

        for (size_t i = 0; i < c->mount_count; i++) {
                const char *below = path_below(c->mounts[i].destination, "/sys/fs/cgroup");

                if (below && !(c->mounts[i].read_only && (c->mounts[i].is_cgroup || c->mounts[i].is_tmpfs)))
                        return false;
                if (below && !*below)
                        read_only = true;
        }
        return read_only && are_the_engines(p);
}

/*
 * Mounted by the engine, and nothing over it: the image's links can lead a volume there, in which nothing may
 * be made.
 */
static bool is_engines_tmpfs(const struct planning *p)
{
        static const char place[] = "/sys/fs/cgroup";
        const struct oci_config *c = p->in->config;
        size_t wanted = 0;

        for (size_t i = 0; i < c->mount_count; i++)
                wanted += strcmp(c->mounts[i].destination, place) == 0 &&
                          (c->mounts[i].is_cgroup || c->mounts[i].is_tmpfs);
        return wanted == 1 && plan_times_mounted(p, place) == 1;
}

/* What systemd up to 257 wants to see at /sys/fs/cgroup, where the engine has nothing that can be used. */
static void make_tmpfs(struct planning *p)
{
        /* the links are what systemd would make there, for controllers that are mounted together */
        static const struct entry entries[] = {
                {ENTRY_DIRECTORY, "systemd", 0755, NULL},
                {ENTRY_LINK, "cpu", 0, "cpu,cpuacct"},
                {ENTRY_LINK, "cpuacct", 0, "cpu,cpuacct"},
                {ENTRY_LINK, "net_cls", 0, "net_cls,net_prio"},
                {ENTRY_LINK, "net_prio", 0, "net_cls,net_prio"},
                {ENTRY_DIRECTORY, "unified", 0755, NULL},
        };
        const size_t count = sizeof entries / sizeof *entries - (p->plan.layout == LAYOUT_LEGACY);
        const struct tmpfs tmpfs = {.size = {SIZE_BYTES, 64 << 10},
                .inodes = 16,
                .mode = 0755,
                .attributes = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY,
                .entries = entries,
                .entry_count = count};

        plan_add(p, (struct step){STEP_TMPFS, .target = "/sys/fs/cgroup", .tmpfs = plan_tmpfs(p, tmpfs)});
}

static void make_directory(struct planning *p, const char *target)
{
        if (p->in->facts->cgroup_mount == CGROUP_MOUNT_HOSTS)
                p->failed = err_refuse(p->e,
                        "the host's own /sys/fs/cgroup is mounted into the container and has no %s; "
                        "remove that mount, the container does not need it",
                        target);
        else if (!is_engines_tmpfs(p))
                p->failed = err_refuse(p->e,
                        "what is mounted on the container's /sys/fs/cgroup is not the engine's, and has no "
                        "%s; "
                        "leave the volume out that is mounted there or whose path the image leads there",
                        target);
        else
                plan_add(p, (struct step){STEP_DIRECTORY, .target = target});
}

/*
 * A container that can remount anything keeps its controllers as the engine made them: its units' limits need them.
 * But systemd would make the whole machine's controllers anew at the top, and remount the host's tmpfs there.
 */
static void protect(struct planning *p)
{
        if (!controllers_are_read_only(p))
                plan_add(p, (struct step){plan_is_privileged(p) ? STEP_TOP_READ_ONLY : STEP_READ_ONLY,
                                    .target = "/sys/fs/cgroup"});
}

/* cgroup2 of the host, of which this layout knows nothing, is not to be entered by way of a mount of the user's. */
static void cover_unified(struct planning *p)
{
        static const char place[] = "/sys/fs/cgroup/unified";
        const struct tmpfs tmpfs = {.size = {SIZE_BYTES, 4 << 10},
                .inodes = 1,
                .mode = 0755,
                .attributes = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY};

        if (!plan_cgroup_target(p, HIERARCHY_UNIFIED) && plan_has_mount(p, place))
                plan_add(p, (struct step){STEP_TMPFS, .target = place, .tmpfs = plan_tmpfs(p, tmpfs)});
}

void plan_cgroup_room(struct planning *p)
{
        const struct facts *f = p->in->facts;

        if (f->cgroup_mount == CGROUP_MOUNT_NONE || f->cgroup_mount == CGROUP_MOUNT_UNIFIED) {
                make_tmpfs(p);
                return;
        }
        for (enum hierarchy h = 0; h < HIERARCHIES && !p->failed; h++)
                if (plan_cgroup_target(p, h) && !f->has_directory[h])
                        make_directory(p, plan_cgroup_target(p, h));
        protect(p);
        cover_unified(p);
}
