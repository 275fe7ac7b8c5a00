/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/path.h"
#include "plan/private.h"

#include <string.h>

/*
 * Shown is the hierarchy from the root of the container's cgroup namespace on, so that the path in its
 * /proc/1/cgroup exists; writable is its own subtree alone.
 *
 *   the runtime manages the hierarchy:  SEEN         the container's cgroup, with its limits
 *     on cgroup2, as the host's root    SEEN/payload the inner one: the limits stay out of the payload's
 * reach in the hybrid layout, likewise    SEEN/payload systemd uses its path of cgroup2 in name=systemd, too
 *   it does not:                        SEEN/oci-ID  one of its own, noted for poststop
 */

static const char *const targets[LAYOUT_LEGACY + 1][HIERARCHIES] = {
        [LAYOUT_UNIFIED] = {[HIERARCHY_UNIFIED] = "/sys/fs/cgroup"},
        [LAYOUT_HYBRID] = {[HIERARCHY_UNIFIED] = "/sys/fs/cgroup/unified",
                [HIERARCHY_SYSTEMD] = "/sys/fs/cgroup/systemd"},
        [LAYOUT_LEGACY] = {[HIERARCHY_SYSTEMD] = "/sys/fs/cgroup/systemd"},
};

/* directory/name without doubling the slash of the root */
static const char *child(struct planning *p, const char *directory, const char *name)
{
        return plan_text(p, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name);
}

static bool is_clean(const char *path)
{
        return path[0] == '/' && !strstr(path, "/../") &&
               (strlen(path) < 3 || strcmp(path + strlen(path) - 3, "/..") != 0);
}

/* The root of the container's cgroup namespace as the hook sees it: path without seen at its end. */
static const char *namespace_root(struct planning *p, const struct place *place)
{
        size_t path = strlen(place->path), seen = strlen(place->seen);

        if (!is_clean(place->path) || !is_clean(place->seen))
                p->failed =
                        err_refuse(p->e, "the container's cgroup %s is outside of the cgroup namespace (%s)",
                                place->path, place->seen);
        else if (strcmp(place->seen, "/") == 0)
                return strcmp(place->path, "/") == 0 ? "" : place->path;
        else if (seen <= path && strcmp(place->path + path - seen, place->seen) == 0)
                return plan_text(p, "%.*s", (int)(path - seen), place->path);
        else
                p->failed = err_refuse(p->e,
                        "the container's cgroup is %s on the host and %s inside, which do not agree",
                        place->path, place->seen);
        return "";
}

static struct place place_of(const struct planning *p, enum hierarchy h)
{
        struct place place = p->in->facts->place[h];

        /* a hierarchy that the kernel does not have yet will have everybody at its root */
        return place.path ? place : (struct place){"/", "/", true};
}

static bool is_any_not_its_own(const struct planning *p)
{
        return place_of(p, HIERARCHY_UNIFIED).not_its_own || place_of(p, HIERARCHY_SYSTEMD).not_its_own;
}

/* The container's own subtree: what will be writable. */
static const char *own_subtree(struct planning *p, enum hierarchy h)
{
        struct place place = place_of(p, h);

        if (place.not_its_own)
                return child(p, place.seen, plan_text(p, "oci-%s", p->in->id));
        if (p->plan.layout == LAYOUT_HYBRID && is_any_not_its_own(p)) /* one name in both */
                return child(p, place.seen, plan_text(p, "oci-%s", p->in->id));
        /* the limits' files are the host's root's, whom a user namespace may have too */
        if ((h == HIERARCHY_UNIFIED || p->plan.layout == LAYOUT_HYBRID) &&
                (!p->in->facts->user_namespace || p->in->facts->has_hosts_root))
                return child(p, place.seen, "payload");
        return place.seen;
}

static void prepare(struct planning *p, enum hierarchy h)
{
        const struct facts *f = p->in->facts;
        struct place place = place_of(p, h);
        const char *top = namespace_root(p, &place), *own = own_subtree(p, h);
        const char *mounted = f->mounted_at[h];

        plan_add(p, (struct step){STEP_HOLD, .hierarchy = h,
                            .source = mounted ? plan_text(p, "%s%s", mounted, top) : NULL});
        if (strcmp(own, place.seen) != 0) {
                plan_add(p, (struct step){STEP_MAKE, .hierarchy = h, .path = own,
                                    .record = place.not_its_own ? child(p, place.path,
                                                                          plan_text(p, "oci-%s", p->in->id))
                                                                : NULL});
                plan_add(p, (struct step){STEP_JOIN, .hierarchy = h, .path = own});
                /* beside v1, runc's exec writes to the outer cgroup and knows no other, which is EBUSY with
                 * controllers */
                if (h == HIERARCHY_UNIFIED && !place.not_its_own && f->host == HOST_UNIFIED)
                        plan_add(p, (struct step){STEP_ENABLE, .hierarchy = h, .path = place.seen});
        }
        if (f->user_namespace)
                plan_add(p, (struct step){STEP_DELEGATE, .hierarchy = h, .path = own});
}

void plan_cgroups(struct planning *p)
{
        for (enum hierarchy h = 0; h < HIERARCHIES; h++)
                if (targets[p->plan.layout][h])
                        prepare(p, h);
}

static void show(struct planning *p, enum hierarchy h, const char *target)
{
        const char *own = own_subtree(p, h);
        bool all = strcmp(own, "/") == 0;

        plan_add(p, (struct step){STEP_SHOW, .target = target, .hierarchy = h, .read_only = !all});
        if (!all)
                plan_add(p, (struct step){STEP_WRITABLE, .target = target, .hierarchy = h, .path = own});
}

/* "ro" is true of all that the engine mounts for type cgroup, but not of what lies below a bind mount. */
static bool controllers_are_read_only(const struct oci_config *c)
{
        bool read_only = false;

        for (size_t i = 0; i < c->mount_count; i++) {
                const char *below = path_below(c->mounts[i].destination, "/sys/fs/cgroup");

                if (below && !(c->mounts[i].read_only && (c->mounts[i].is_cgroup || c->mounts[i].is_tmpfs)))
                        return false;
                if (below && !*below)
                        read_only = true;
        }
        return read_only;
}

/*
 * Mounted by the engine, and nothing over it: the image's links can lead a volume there, in which nothing may
 * be made.
 */
static bool is_engines_tmpfs(const struct planning *p)
{
        static const char place[] = "/sys/fs/cgroup";
        const struct oci_config *c = p->in->config;
        const struct facts *f = p->in->facts;
        size_t wanted = 0, found = 0;

        for (size_t i = 0; i < c->mount_count; i++)
                wanted += strcmp(c->mounts[i].destination, place) == 0 &&
                          (c->mounts[i].is_cgroup || c->mounts[i].is_tmpfs);
        for (size_t i = 0; i < f->mount_count; i++)
                found += strcmp(f->mounts[i], place) == 0;
        return wanted == 1 && found == 1;
}

/* v1 layouts need a tmpfs with a directory for each hierarchy; the engine's is used where there is one. */
static void make_room(struct planning *p)
{
        /* the links are what systemd up to 257 would make there, for controllers that are mounted together */
        static const struct entry entries[] = {
                {ENTRY_DIRECTORY, "systemd", 0755, NULL},
                {ENTRY_LINK, "cpu", 0, "cpu,cpuacct"},
                {ENTRY_LINK, "cpuacct", 0, "cpu,cpuacct"},
                {ENTRY_LINK, "net_cls", 0, "net_cls,net_prio"},
                {ENTRY_LINK, "net_prio", 0, "net_cls,net_prio"},
                {ENTRY_DIRECTORY, "unified", 0755, NULL},
        };
        const size_t count = sizeof entries / sizeof *entries - (p->plan.layout == LAYOUT_LEGACY);
        const struct facts *f = p->in->facts;

        if (f->cgroup_mount == CGROUP_MOUNT_NONE || f->cgroup_mount == CGROUP_MOUNT_UNIFIED) {
                const struct tmpfs *tmpfs =
                        plan_tmpfs(p, (struct tmpfs){.size = {SIZE_BYTES, 64 << 10},
                                              .inodes = 16,
                                              .mode = 0755,
                                              .attributes = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY,
                                              .entries = entries,
                                              .entry_count = count});

                plan_add(p, (struct step){STEP_TMPFS, .target = "/sys/fs/cgroup", .tmpfs = tmpfs});
                return;
        }
        if (!controllers_are_read_only(p->in->config))
                plan_add(p, (struct step){STEP_READ_ONLY, .target = "/sys/fs/cgroup"});
        for (enum hierarchy h = 0; h < HIERARCHIES; h++) {
                const char *target = targets[p->plan.layout][h];

                if (!target || f->has_directory[h])
                        continue;
                if (f->cgroup_mount == CGROUP_MOUNT_HOSTS) {
                        p->failed = err_refuse(p->e,
                                "the host's own /sys/fs/cgroup is mounted into the container and has no %s; "
                                "leave that mount out, the container does not need it",
                                target);
                        return;
                }
                if (!is_engines_tmpfs(p)) {
                        p->failed = err_refuse(p->e,
                                "what is mounted on the container's /sys/fs/cgroup is not the engine's, and "
                                "has no "
                                "%s; leave the volume out that is mounted there or whose path the image "
                                "leads there",
                                target);
                        return;
                }
                plan_add(p, (struct step){STEP_DIRECTORY, .target = target});
        }
}

void plan_cgroup_mounts(struct planning *p)
{
        if (p->plan.layout != LAYOUT_UNIFIED)
                make_room(p);
        for (enum hierarchy h = 0; h < HIERARCHIES; h++)
                if (targets[p->plan.layout][h])
                        show(p, h, targets[p->plan.layout][h]);
}
