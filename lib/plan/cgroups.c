/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/path.h"
#include "oci/capabilities.h"
#include "plan/private.h"

#include <linux/capability.h>
#include <string.h>

/*
 * The payload is shown its own cgroup and nothing above it: OUTER, with the container's limits. A mount flag keeps
 * nobody out of a directory that can be opened (clone3(CLONE_INTO_CGROUP)), so what is another's must not be there.
 *
 *   namespace private   /sys/fs/cgroup[/unified|/systemd]                OUTER, read-only
 *                                         …/payload                      the inner cgroup, writable: here it begins
 *   namespace host      /sys/fs/cgroup[/unified|/systemd]                OUTER/view, read-only: empty cgroups that make
 *                                         …/SEEN                         up the path by which /proc/1/cgroup names OUTER,
 *                                                                        which is mounted there, read-only
 *                                         …/SEEN/payload                 the inner cgroup, writable
 *
 * systemd looks for its path below the mount. A view apart keeps files of limits out of the path's directories.
 *
 *   the runtime manages the hierarchy:    OUTER is the cgroup that it made
 *   it does not:                          OUTER is oci-ID, made where the container is
 *   no inner cgroup, OUTER is writable:   in name=systemd alone, which has no limits; in a user namespace, which owns
 *                                         no file of a limit; with CAP_SYS_ADMIN, which could remount everything
 */

#define DEPTH_MOST 64 /* of cgroups that a container may nest */

static const char *const targets[LAYOUTS][HIERARCHIES] = {
        [LAYOUT_UNIFIED] = {[HIERARCHY_UNIFIED] = "/sys/fs/cgroup"},
        [LAYOUT_HYBRID] = {[HIERARCHY_UNIFIED] = "/sys/fs/cgroup/unified",
                [HIERARCHY_SYSTEMD] = "/sys/fs/cgroup/systemd"},
        [LAYOUT_LEGACY] = {[HIERARCHY_SYSTEMD] = "/sys/fs/cgroup/systemd"},
};

const char *plan_cgroup_target(const struct planning *p, enum hierarchy h)
{
        return targets[p->plan.layout][h];
}

bool plan_is_privileged(const struct planning *p)
{
        return !p->in->facts->user_namespace && p->in->config->capabilities & OCI_CAPABILITY(CAP_SYS_ADMIN);
}

/* What one hierarchy is to the container. */
struct own {
        const char *host;  /* OUTER as the hook sees it */
        const char *base;  /* OUTER below the root of what is held */
        const char *seen;  /* OUTER in the container's /proc/1/cgroup */
        const char *inner; /* "/payload" below OUTER, or NULL */
        const char *view;  /* "/view" below OUTER, or NULL: OUTER itself is what is shown */
        bool made;         /* by the hook */
        bool by_name;      /* it bears the container's id, and so is nobody else's, whoever is in it */
};

/* directory/name without doubling the slash of the root */
static const char *child(struct planning *p, const char *directory, const char *name)
{
        return plan_text(p, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name);
}

static const char *below(struct planning *p, const char *base, const char *path)
{
        return strcmp(base, "/") == 0 ? path : plan_text(p, "%s%s", base, path);
}

static bool is_clean(const char *path)
{
        return path[0] == '/' && !strstr(path, "/../") &&
               (strlen(path) < 3 || strcmp(path + strlen(path) - 3, "/..") != 0);
}

/* What the kernel says of one cgroup to the hook and to the container. */
static void check_place(struct planning *p, const struct place *place)
{
        const size_t path = strlen(place->path), seen = strlen(place->seen);

        if (p->failed)
                return;
        if (!is_clean(place->path) || !is_clean(place->seen))
                p->failed =
                        err_refuse(p->e, "the container's cgroup %s is outside of the cgroup namespace (%s)",
                                place->path, place->seen);
        else if (strcmp(place->seen, "/") != 0 &&
                 (seen > path || strcmp(place->path + path - seen, place->seen) != 0))
                p->failed = err_refuse(p->e,
                        "the container's cgroup is %s on the host and %s inside, which do not agree",
                        place->path, place->seen);
}

/* A stranger can enter the cgroup that the runtime has just made: its name says whose it is. */
static bool is_not_its_own(const struct planning *p, const struct place *place)
{
        return place->not_its_own && !(place->has_others && path_is_named_after(place->path, p->in->id));
}

static struct place place_of(const struct planning *p, enum hierarchy h)
{
        struct place place = p->in->facts->place[h];

        /* a hierarchy that the kernel does not have yet will have everybody at its root */
        return place.path ? place : (struct place){"/", "/", true, false};
}

static bool has_inner(const struct planning *p)
{
        const struct facts *f = p->in->facts;

        /* a user namespace may have the host's root, whose the limits' files are */
        return !plan_is_privileged(p) && (!f->user_namespace || f->has_hosts_root);
}

static bool is_made(const struct planning *p, enum hierarchy h)
{
        const struct place place = place_of(p, h);

        return is_not_its_own(p, &place);
}

/*
 * systemd in the hybrid layout takes its path of cgroup2 for that in name=systemd, too. One name in both, as far as the
 * places agree: oci-ID is the outer cgroup where the hook makes that, and an inner one in the other hierarchy.
 */
static const char *inner_of(struct planning *p, enum hierarchy h, const char *name)
{
        const bool unified = is_made(p, HIERARCHY_UNIFIED), systemd = is_made(p, HIERARCHY_SYSTEMD);
        const char *inner = has_inner(p) ? "/payload" : NULL;

        if (p->plan.layout == LAYOUT_UNIFIED)
                return inner;
        if (p->plan.layout == LAYOUT_LEGACY)
                return NULL;
        if (unified == systemd || h == (unified ? HIERARCHY_UNIFIED : HIERARCHY_SYSTEMD))
                return unified == systemd || unified ? inner : NULL;
        return unified ? plan_text(p, "/%s%s", name, inner ? inner : "") : plan_text(p, "/%s", name);
}

static struct own own_of(struct planning *p, enum hierarchy h)
{
        const struct place place = place_of(p, h);
        const bool made = is_not_its_own(p, &place), mounted = p->in->facts->mounted_at[h];
        const char *name = plan_text(p, "oci-%s", p->in->id);
        const char *host = made ? child(p, place.path, name) : place.path;
        const char *seen = made ? child(p, place.seen, name) : place.seen;

        return (struct own){
                .host = host,
                .base = !mounted ? seen
                        : made   ? child(p, "/", name)
                                 : "/",
                .seen = seen,
                .inner = inner_of(p, h, name),
                /* engines in a privileged container look for their cgroups at the top */
                .view = strcmp(seen, "/") != 0 && !plan_is_privileged(p) ? "/view" : NULL,
                .made = made,
                .by_name = path_is_named_after(host, p->in->id),
        };
}

static void make(struct planning *p, enum hierarchy h, const char *path, const char *record)
{
        plan_add(p, (struct step){STEP_MAKE, .hierarchy = h, .path = path, .record = record});
}

/* Every directory of path, below OUTER. */
static void make_path(struct planning *p, enum hierarchy h, const struct own *own, const char *path)
{
        const char *end = path;

        while (*end) {
                end += 1 + strcspn(end + 1, "/");

                const char *part = plan_text(p, "%.*s", (int)(end - path), path);
                const bool first = !strchr(part + 1, '/');

                make(p, h, below(p, own->base, part),
                        first && !own->by_name ? below(p, own->host, part) : NULL);
        }
}

/*
 * What is in the container's cgroup when poststop comes is to be removed: all of it where the name says that it is the
 * container's; else what the hook made in it, and the rest where nobody lives in it.
 */
static void prepare(struct planning *p, enum hierarchy h)
{
        const struct facts *f = p->in->facts;
        const struct place place = place_of(p, h);
        const struct own own = own_of(p, h);
        const char *parent = own.made ? place.path : own.host;
        const char *mounted = f->mounted_at[h];
        const char *payload = own.inner ? below(p, own.base, own.inner) : own.base;

        check_place(p, &place);
        plan_add(p,
                (struct step){STEP_HOLD, .hierarchy = h,
                        .source = mounted ? below(p, mounted, strcmp(parent, "/") == 0 ? "" : parent) : NULL,
                        .record = own.made ? NULL : own.host, .optional = !own.by_name});
        if (own.made)
                make(p, h, own.base, own.host);
        if (own.inner)
                make_path(p, h, &own, own.inner);
        if (own.inner || own.made)
                plan_add(p, (struct step){STEP_JOIN, .hierarchy = h, .path = payload});
        if (strcmp(own.seen, "/") != 0)
                make_path(p, h, &own, own.view ? plan_text(p, "%s%s", own.view, own.seen) : own.seen);
        if (own.view && mounted && !own.made)
                plan_add(p, (struct step){STEP_VIEW, .hierarchy = h,
                                    .source = below(p, mounted, below(p, own.host, own.view))});
        if (h == HIERARCHY_UNIFIED && !plan_is_privileged(p))
                plan_add(p, (struct step){STEP_BOUND, .hierarchy = h, .path = own.base,
                                    .most = p->in->settings->cgroups_max, .depth = DEPTH_MOST});
        /* beside v1, runc's exec writes to the outer cgroup and knows no other, which is EBUSY with controllers */
        if (own.inner && h == HIERARCHY_UNIFIED && !own.made && f->host == HOST_UNIFIED)
                plan_add(p,
                        (struct step){STEP_ENABLE, .hierarchy = h, .path = own.base, .evict = own.by_name});
        if (f->user_namespace)
                plan_add(p, (struct step){STEP_DELEGATE, .hierarchy = h, .path = payload});
}

void plan_cgroups(struct planning *p)
{
        if (plan_is_privileged(p))
                plan_note(p, "the container has CAP_SYS_ADMIN, which undoes any mount: its cgroups are not "
                             "protected from it");
        for (enum hierarchy h = 0; h < HIERARCHIES; h++)
                if (targets[p->plan.layout][h])
                        prepare(p, h);
}

static void show(struct planning *p, enum hierarchy h, const char *target)
{
        const struct own own = own_of(p, h);

        plan_add(p, (struct step){STEP_SHOW, .target = target, .hierarchy = h, .path = own.base,
                            .source = own.view, .read_only = own.inner || own.view});
        if (strcmp(own.seen, "/") != 0)
                plan_add(p, (struct step){STEP_REPEAT, .target = target, .hierarchy = h, .path = own.seen,
                                    .read_only = own.inner});
        if (own.inner)
                plan_add(
                        p, (struct step){STEP_WRITABLE, .target = target, .hierarchy = h, .path = own.inner});
}

void plan_cgroup_mounts(struct planning *p)
{
        if (p->plan.layout != LAYOUT_UNIFIED)
                plan_cgroup_room(p);
        for (enum hierarchy h = 0; h < HIERARCHIES; h++)
                if (targets[p->plan.layout][h])
                        show(p, h, targets[p->plan.layout][h]);
}
