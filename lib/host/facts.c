/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/facts.h"

#include "base/file.h"
#include "base/path.h"
#include "base/scope.h"
#include "host/facts_cgroup_mount.h"
#include "host/facts_mounts.h"
#include "kernel/proc_text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define PROCESSES_MOST  (64 << 10) /* bytes of cgroup.procs: more is not the container's process alone */
#define MAP_MOST        (64 << 10) /* of uid_map */
#define OS_RELEASE_MOST (16 << 10)

const char *const host_mode_names[HOST_MODES] = {
        [HOST_UNIFIED] = "unified",
        [HOST_HYBRID] = "hybrid",
        [HOST_LEGACY] = "legacy",
        [HOST_BARE] = "bare",
};

/* Negative: -errno, where it cannot be known. What is not there is none. */
static int is_magic(const char *path, long magic)
{
        struct statfs fs;

        if (statfs(path, &fs) == 0)
                return fs.f_type == magic;
        return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
}

bool facts_has_selinux(void)
{
        return is_magic("/sys/fs/selinux", SELINUX_MAGIC) > 0;
}

/* With facts_search, where the customary place has none. */
static int find_mounts(struct arena *a, struct facts *f, struct err *e)
{
        int r = is_magic("/sys/fs/cgroup", CGROUP2_SUPER_MAGIC);

        if (r > 0) {
                f->host = HOST_UNIFIED;
                f->mounted_at[HIERARCHY_UNIFIED] = "/sys/fs/cgroup";
                return 0;
        }
        for (int h = 0; r >= 0 && h < HIERARCHIES; h++) {
                r = is_magic(facts_directories[h],
                        h == HIERARCHY_UNIFIED ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC);
                if (r > 0)
                        f->mounted_at[h] = facts_directories[h];
        }
        if (r < 0)
                return err_set(e, -r, "look at what is mounted on the host's /sys/fs/cgroup");
        if (!f->mounted_at[HIERARCHY_SYSTEMD])
                f->mounted_at[HIERARCHY_SYSTEMD] = facts_search(HIERARCHY_SYSTEMD, a);
        f->host = !f->mounted_at[HIERARCHY_SYSTEMD]  ? HOST_BARE
                  : f->mounted_at[HIERARCHY_UNIFIED] ? HOST_HYBRID
                                                     : HOST_LEGACY;
        return 0;
}

int facts_host(struct arena *a, struct facts *ret_facts, struct err *e)
{
        struct facts f = {0};
        struct err unused; /* a host without one has no name to give */
        int r = find_mounts(a, &f, e);

        if (r < 0)
                return r;
        f.os_release = file_copy(AT_FDCWD, "/etc/os-release", OS_RELEASE_MOST, a, &unused);
        if (!f.os_release)
                f.os_release = file_copy(AT_FDCWD, "/usr/lib/os-release", OS_RELEASE_MOST, a, &unused);
        *ret_facts = f;
        return 0;
}

struct membership {
        int proc;
        struct arena *arena;
        const char *path[HIERARCHIES];
};

static int read_membership(void *with, struct err *e)
{
        struct membership *m = with;
        /* empty where nothing was ever mounted: then everybody is at the root of what will be */
        char *text = file_copy(m->proc, "cgroup", PROC_CGROUP_MOST, m->arena, e);

        return text ? proc_text_cgroups(text, m->path, e) : err_within(e, "/proc/PID");
}

/* Whether the cgroup is the hook's own, too. */
static int is_hooks_own(
        enum hierarchy h, const char *path, struct arena *a, bool *ret_not_its_own, struct err *e)
{
        scoped_fd self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct membership ours = {.proc = self, .arena = a};
        int r = read_membership(&ours, e);

        if (r == 0)
                *ret_not_its_own = ours.path[h] && strcmp(ours.path[h], path) == 0;
        return r;
}

/*
 * Whether the cgroup holds more than the container's first process, and so is not the container's alone. What
 * is not mounted on the host, or not there, is what no runtime manages: the container is where the hook is.
 */
static int look_at_place(const struct container *c, enum hierarchy h, const char *mounted_at, struct arena *a,
        struct place *place, struct err *e)
{
        const char *path = place->path;
        const char *directory = mounted_at ? arena_print(a, "%s%s", mounted_at, path) : NULL;
        struct stat st;
        char only[16];
        const int found = directory ? stat(directory, &st) : -1;

        place->not_its_own = true;
        if (strcmp(path, "/") == 0 || (found < 0 && mounted_at && errno != ENOENT))
                return 0;
        if (found < 0)
                return is_hooks_own(h, path, a, &place->not_its_own, e);

        const char *file = arena_print(a, "%s/cgroup.procs", directory);
        struct err unused; /* what cannot be looked at is not taken for the container's own */
        const char *processes = file ? file_copy(AT_FDCWD, file, PROCESSES_MOST, a, &unused) : NULL;

        snprintf(only, sizeof only, "%d\n", c->pid);
        place->not_its_own = st.st_nlink > 2 || !processes || strcmp(processes, only) != 0;
        if (!place->not_its_own)
                return 0;

        bool hooks = true;
        int r = is_hooks_own(h, path, a, &hooks, e);

        place->has_others = !hooks;
        return r;
}

static int place_container(const struct container *c, struct arena *a, struct facts *f, struct err *e)
{
        struct membership theirs = {.proc = c->proc, .arena = a};
        struct membership seen = {.proc = c->proc, .arena = a};
        int r = read_membership(&theirs, e);

        if (r == 0 && c->other_cgroup_namespace)
                r = container_in_cgroup_namespace(c, read_membership, &seen, e);
        else if (r == 0)
                seen = theirs;
        for (enum hierarchy h = 0; r == 0 && h < HIERARCHIES; h++) {
                if (!theirs.path[h] || !seen.path[h])
                        continue;
                f->place[h] = (struct place){.path = theirs.path[h], .seen = seen.path[h]};
                r = look_at_place(c, h, f->mounted_at[h], a, &f->place[h], e);
        }
        return r;
}

/* The hook's and the runtime's ids are outer ids of the mapping. */
static int root_id(const struct container *c, const char *file, struct arena *a, uid_t *ret_id,
        bool *maps_root, struct err *e)
{
        const char *text = file_copy(c->proc, file, MAP_MOST, a, e);

        if (!text)
                return err_within(e, "/proc/%d", c->pid);
        *maps_root = proc_text_maps_root(text);
        return proc_text_root_id(text, ret_id) == 0
                       ? 0
                       : err_refuse(e, "the container's user namespace has no root in its %s", file);
}

int facts_container(const struct container *c, struct croot view, const char *rootfs, struct arena *a,
        struct facts *f, struct err *e)
{
        int r = place_container(c, a, f, e);

        if (r < 0)
                return r;
        f->user_namespace = c->other_user_namespace;
        if (f->user_namespace) {
                bool unused;

                r = root_id(c, "gid_map", a, &f->root_gid, &unused, e);
                if (r == 0)
                        r = root_id(c, "uid_map", a, &f->root_uid, &f->has_hosts_root, e);
                if (r < 0)
                        return r;
        }
        r = facts_mounts(c, view, rootfs, a, f, e);
        return r < 0 ? r : facts_cgroup_mount(view, f, e);
}

int facts_expect(const struct oci_config *c, struct arena *a, struct facts *f, struct err *e)
{
        const char *own = "/CONTAINER";
        int r = facts_mounts_expect(c, a, f, e);

        if (r < 0)
                return r;
        for (int h = 0; h < HIERARCHIES; h++) {
                bool managed = f->mounted_at[h] != NULL;

                f->place[h] = (struct place){
                        .path = managed ? own : "/",
                        .seen = managed && !c->cgroup_namespace ? own : "/",
                        .not_its_own = !managed,
                };
        }
        r = facts_cgroup_mount_expect(c, a, f, e);
        if (r < 0)
                return r;
        f->user_namespace = c->user_namespace;
        f->root_uid = c->root_uid;
        f->has_hosts_root = c->user_namespace && c->root_uid == 0;
        f->root_gid = c->root_gid;
        return 0;
}
