/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What golden.c plans. A sample says what is special about it; scenario_make adds what a runtime would have
 * done for such a container by the time the hook is called: see facts_container.
 */

#include "../unit/support.h"
#include "base/path.h"
#include "plan/plan.h"

#define LINES_MOST  8192
#define MOUNTS_MOST 24

enum show { SHOW_ALL, SHOW_CGROUPS, SHOW_MOUNTS };

struct scenario {
        const char *id;
        struct facts facts;
        struct oci_config config;
        struct settings settings;
        struct payload payload;
        struct oci_mount config_mounts[MOUNTS_MOST];
        const char *mounts[MOUNTS_MOST];
};

struct sample {
        const char *name;
        enum show show;
        enum host_mode host;
        unsigned version;
        bool private, user, read_only;
        const char *settings; /* "KEY=VALUE KEY=VALUE" */
        struct oci_mount mounts[8];
        uint64_t memory_limit;
        const char *label;
        void (*change)(struct scenario *s); /* what the rest does not say */
};

static inline bool step_is_of_cgroups(const struct step *s)
{
        return plan_action_needs(s->action) & NEEDS_HIERARCHY ||
               (s->target && path_below(s->target, "/sys/fs/cgroup"));
}

static inline void scenario_mount(struct scenario *s, struct oci_mount m)
{
        assert_true(s->config.mount_count < MOUNTS_MOST && s->facts.mount_count < MOUNTS_MOST);
        s->config_mounts[s->config.mount_count++] = m;
        s->mounts[s->facts.mount_count++] = m.destination;
}

static inline bool scenario_has_mount(const struct scenario *s, const char *path)
{
        for (size_t i = 0; i < s->facts.mount_count; i++)
                if (strcmp(s->facts.mounts[i], path) == 0)
                        return true;
        return false;
}

/* Where the runtime put the container: nowhere in a hierarchy that the host has not mounted. */
static inline struct place scenario_place(const struct sample *sample, bool managed)
{
        static const char own[] = "/engine.slice/c1";

        if (!managed)
                return (struct place){"/", "/", true};
        return (struct place){own, sample->private ? "/" : own, false};
}

static inline void scenario_host(struct scenario *s, const struct sample *sample)
{
        struct facts *f = &s->facts;
        const bool has_systemd = sample->host == HOST_HYBRID || sample->host == HOST_LEGACY;
        const bool has_unified = sample->host == HOST_HYBRID || sample->host == HOST_UNIFIED;

        f->host = sample->host;
        f->mounted_at[HIERARCHY_SYSTEMD] = has_systemd ? "/sys/fs/cgroup/systemd" : NULL;
        f->mounted_at[HIERARCHY_UNIFIED] = sample->host == HOST_UNIFIED ? "/sys/fs/cgroup"
                                           : has_unified                ? "/sys/fs/cgroup/unified"
                                                                        : NULL;
        f->place[HIERARCHY_UNIFIED] = scenario_place(sample, has_unified);
        if (sample->host != HOST_UNIFIED) /* there the kernel has it not, until it is made */
                f->place[HIERARCHY_SYSTEMD] = scenario_place(sample, has_systemd);
        f->cgroup_mount = sample->host == HOST_UNIFIED ? CGROUP_MOUNT_UNIFIED : CGROUP_MOUNT_TMPFS;
        f->has_directory[HIERARCHY_SYSTEMD] = has_systemd;
        f->os_release = "NAME=host\n";
        f->user_namespace = sample->user;
        f->root_uid = sample->user ? 100000 : 0;
        f->root_gid = sample->user ? 100000 : 0;
}

static inline void scenario_settings(struct scenario *s, const char *words)
{
        char text[256], *rest = NULL;
        struct err e;

        s->settings = SETTINGS_DEFAULT;
        snprintf(text, sizeof text, "%s", words ? words : "");
        for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
                char *value = strchr(word, '=');

                *value++ = '\0';
                if (settings_set(&s->settings, word, value, &e) < 0)
                        fail_msg("%s", e.text);
        }
}

static inline void scenario_make(struct scenario *s, const struct sample *sample)
{
        *s = (struct scenario){.id = "c1"};
        s->config = (struct oci_config){.command = "/sbin/init",
                .cwd = "/",
                .root = "rootfs",
                .root_read_only = sample->read_only,
                .mounts = s->config_mounts,
                .pid_namespace = true,
                .cgroup_namespace = sample->private,
                .user_namespace = sample->user,
                .mount_label = sample->label,
                .memory_limit = sample->memory_limit};
        s->payload = (struct payload){.is_systemd = true, .version = sample->version};
        s->facts.mounts = s->mounts;
        s->facts.selinux = sample->label != NULL;
        scenario_settings(s, sample->settings);
        scenario_host(s, sample);
        scenario_mount(s, (struct oci_mount){.destination = "/sys"});
        scenario_mount(
                s, (struct oci_mount){.destination = "/sys/fs/cgroup", .is_cgroup = true, .read_only = true});
        if (sample->host != HOST_UNIFIED)
                s->mounts[s->facts.mount_count++] = "/sys/fs/cgroup/memory";
        for (size_t i = 0; i < count_of(sample->mounts) && sample->mounts[i].destination; i++)
                scenario_mount(s, sample->mounts[i]);
        if (sample->change)
                sample->change(s);
}

static inline int scenario_plan(const struct scenario *s, struct arena *a, struct plan *p, struct err *e)
{
        const struct plan_input in = {s->id, &s->config, &s->settings, &s->facts, &s->payload};

        return plan_make(&in, a, p, e);
}

static inline struct oci_mount *scenario_cgroup_mount(struct scenario *s)
{
        return &s->config_mounts[1];
}

static inline void no_cgroup_mount(struct scenario *s)
{
        s->config.mount_count = 1;
        s->facts.mount_count = 1;
        s->facts.cgroup_mount = CGROUP_MOUNT_NONE;
        s->facts.has_directory[HIERARCHY_SYSTEMD] = false;
}

static inline void hosts_cgroup_mount(struct scenario *s)
{
        *scenario_cgroup_mount(s) = (struct oci_mount){.destination = "/sys/fs/cgroup", .read_only = true};
        if (s->facts.host == HOST_UNIFIED)
                return;
        s->facts.cgroup_mount = CGROUP_MOUNT_HOSTS;
        s->facts.has_directory[HIERARCHY_UNIFIED] = s->facts.host == HOST_HYBRID;
        s->facts.has_directory[HIERARCHY_SYSTEMD] = s->facts.host != HOST_BARE;
}

static inline void writable_cgroup_mount(struct scenario *s)
{
        scenario_cgroup_mount(s)->read_only = false;
}

static inline void one_controller_by_bind(struct scenario *s)
{
        scenario_mount(s, (struct oci_mount){.destination = "/sys/fs/cgroup/memory", .read_only = true});
}

/* The runtime leaves the container where the hook itself is. */
static inline void others_cgroup(struct scenario *s)
{
        struct place *place = s->facts.place;

        for (int h = 0; h < HIERARCHIES; h++)
                if (place[h].path && strcmp(place[h].path, "/") != 0)
                        place[h] = (struct place){"/engine.slice",
                                strcmp(place[h].seen, "/") == 0 ? "/" : "/engine.slice", true};
}

/* The runtime does not know cgroup2 beside v1. */
static inline void unknown_unified(struct scenario *s)
{
        s->facts.place[HIERARCHY_UNIFIED] = (struct place){"/", "/", true};
}

static inline void unified_elsewhere(struct scenario *s)
{
        s->facts.mounted_at[HIERARCHY_UNIFIED] = "/mnt/cgroup2";
}

/* As engines make it: with every capability, and cgroups that are not read-only. */
static inline void privileged(struct scenario *s)
{
        s->config.capabilities = UINT64_MAX;
        writable_cgroup_mount(s);
}

static inline void privileged_by_bind(struct scenario *s)
{
        hosts_cgroup_mount(s);
        s->facts.has_directory[HIERARCHY_UNIFIED] = true;
        privileged(s);
}

/* All but the one. */
static inline void nearly_privileged(struct scenario *s)
{
        s->config.capabilities = ~(UINT64_C(1) << 21);
}

/* The host's /sys over the engine's mounts, which config.json says are read-only. */
static inline void sys_bound_over(struct scenario *s)
{
        scenario_mount(s, (struct oci_mount){.destination = "/sys"});
        s->mounts[s->facts.mount_count++] = "/sys/fs/cgroup";
        s->mounts[s->facts.mount_count++] = "/sys/fs/cgroup/memory";
}

/* Likewise one controller, by a link of the image that config.json does not know. */
static inline void controller_through_a_link(struct scenario *s)
{
        s->mounts[s->facts.mount_count++] = "/sys/fs/cgroup/memory";
}

/* Somebody is in the cgroup that the runtime has made a moment ago. */
static inline void entered_by_a_stranger(struct scenario *s)
{
        for (int h = 0; h < HIERARCHIES; h++)
                if (s->facts.place[h].path && strcmp(s->facts.place[h].path, "/") != 0)
                        s->facts.place[h].not_its_own = s->facts.place[h].has_others = true;
}

/* A cgroup that the user names: by its name it can be anybody's. */
static inline void cgroup_by_name(struct scenario *s)
{
        for (int h = 0; h < HIERARCHIES; h++)
                if (s->facts.place[h].path && strcmp(s->facts.place[h].path, "/") != 0)
                        s->facts.place[h] = (struct place){"/user/named",
                                strcmp(s->facts.place[h].seen, "/") == 0 ? "/" : "/user/named"};
}

static inline void cgroup_by_name_with_others(struct scenario *s)
{
        cgroup_by_name(s);
        entered_by_a_stranger(s);
}

static inline void hosts_cgroups_with_unified(struct scenario *s)
{
        hosts_cgroup_mount(s);
        s->mounts[s->facts.mount_count++] = "/sys/fs/cgroup/unified";
}

/* The cgroup namespace was made further up than the container's cgroup is. */
static inline void namespace_further_up(struct scenario *s)
{
        s->facts.place[HIERARCHY_UNIFIED] = (struct place){"/engine.slice/pod1/c1", "/pod1/c1", false};
}

static inline void outside_of_its_namespace(struct scenario *s)
{
        s->facts.place[HIERARCHY_UNIFIED] = (struct place){"/engine.slice/c1", "/../engine.slice/c1", false};
}

static inline void outside_of_ours(struct scenario *s)
{
        s->facts.place[HIERARCHY_UNIFIED] = (struct place){"/../../c1", "/", false};
}

static inline void paths_that_do_not_agree(struct scenario *s)
{
        s->facts.place[HIERARCHY_UNIFIED] = (struct place){"/engine.slice/c1", "/other.slice/c1", false};
}

static inline void unknown_payload(struct scenario *s)
{
        s->payload = (struct payload){.is_systemd = false, .version = 0};
        s->settings.mode = MODE_ALWAYS;
}

static inline void id_of_docker(struct scenario *s)
{
        s->id = "8c1b2a3d4e5f60718293a4b5c6d7e8f90123456789abcdef0123456789abcdef";
}

static inline void odd_id(struct scenario *s)
{
        s->id = "a b\"c\\d\xc3\xa9";
}

static inline void odd_names(struct scenario *s)
{
        scenario_mount(s, (struct oci_mount){.destination = "/run/new\nline \"quoted\" \\ \x1b[2J"});
        scenario_mount(s, (struct oci_mount){.destination = "/run/latin\xe9"});
}

static inline void no_selinux(struct scenario *s)
{
        s->facts.selinux = false;
}

static inline void image_with_all_work(struct scenario *s)
{
        s->facts.image.work = ~0u;
}

static inline void a_terminal(struct scenario *s)
{
        s->config.terminal = true;
}

static inline void words_for_the_kernel(struct scenario *s)
{
        s->config.arg_count = 2;
        s->config.terminal = true;
}

static inline void units_of_all_kinds(struct scenario *s)
{
        s->facts.units = ~0u;
        s->payload.version = 229;
}

static inline void units_and_the_capability(struct scenario *s)
{
        s->facts.units = ~0u;
        s->config.capabilities = ~UINT64_C(0);
}

static inline void image_with_a_change(struct scenario *s)
{
        static const char *changed[] = {"ldconfig.service", "systemd-remount-fs.service"};

        s->facts.image.changed = changed;
        s->facts.image.changed_count = count_of(changed);
}

static inline void no_os_release(struct scenario *s)
{
        s->facts.os_release = NULL;
}

static inline void what_engines_mount(struct scenario *s)
{
        static const char *const paths[] = {"/run/secrets/kubernetes.io/serviceaccount", "/run/secrets",
                "/run/.containerenv", "/run/systemd/notify/notify.sock", "/run/a", "/run/a.b", "/run/a/b",
                "/tmp/.X11-unix", "/var/log/journal/remote"};

        for (size_t i = 0; i < count_of(paths); i++)
                scenario_mount(s, (struct oci_mount){.destination = paths[i]});
}

static const char *const sample_hosts[] = {"unified", "hybrid", "legacy", "bare"};
static const unsigned sample_payloads[] = {247, 252, 257, 262};

#define SAMPLE_PAYLOADS (sizeof sample_payloads / sizeof *sample_payloads)

static void id_of_a_volume(struct scenario *s)
{
        s->facts.found.id = (struct found_id){.on_volume = true, .text = "0123456789abcdef0123456789abcdef"};
}

static void id_is_a_directory(struct scenario *s)
{
        s->facts.found.id = (struct found_id){.is_other = true};
}

static void id_behind_a_link(struct scenario *s)
{
        s->facts.found.id = (struct found_id){.is_link = true, .on_volume = true, .directory = "/data/id"};
}

static void id_is_uninitialized(struct scenario *s)
{
        s->facts.found.id = (struct found_id){
                .on_volume = scenario_has_mount(s, "/etc/machine-id"), .is_uninitialized = true};
}

/* The mount was seen, and the file on it has no id. */
static void id_is_empty(struct scenario *s)
{
        s->facts.found.id = (struct found_id){.on_volume = true};
}

static void id_is_nowhere(struct scenario *s)
{
        s->facts.found.id = (struct found_id){.is_missing = true};
}

static void id_is_nowhere_but_may_be_mounted(struct scenario *s)
{
        id_is_nowhere(s);
        s->config.capabilities = UINT64_MAX;
}

static void id_leads_in_a_loop(struct scenario *s)
{
        s->facts.found.id = (struct found_id){.is_link = true, .unreachable = "leads in a loop"};
}

static void id_is_empty_and_a_script(struct scenario *s)
{
        id_is_empty(s);
        s->payload.is_systemd = false;
}

static void much_in_run_lock(struct scenario *s)
{
        s->facts.found.place[PLACE_RUN].bytes = s->facts.found.place[PLACE_RUN_LOCK].bytes = 6 << 20;
}

static void var_tmp_leads_to_tmp(struct scenario *s)
{
        s->facts.found.place[PLACE_TMP].inode = s->facts.found.place[PLACE_VAR_TMP].inode = 5;
        s->facts.found.place[PLACE_VAR_LIB_SYSTEMD] = (struct found_place){.inode = 5, .device = 1};
}

/* Somebody in it is the host's root, under whatever number: to whom the files of the limits belong. */
static void maps_the_hosts_root(struct scenario *s)
{
        s->facts.has_hosts_root = true;
}

static void journal_is_allowed(struct scenario *s)
{
        s->settings.allow = ALLOW_JOURNAL;
}

static void id_is_missing(struct scenario *s)
{
        s->facts.found.id = (struct found_id){.on_volume = true, .is_missing = true};
}

static void led_onto_run(struct scenario *s)
{
        s->mounts[s->facts.mount_count++] = "/run";
}

static void a_script(struct scenario *s)
{
        s->payload.is_systemd = false;
}

static void too_much(struct scenario *s)
{
        for (int i = 0; i < PLACE_COUNT; i++)
                s->facts.found.place[i].is_too_much = true;
}

static void forty_mib(struct scenario *s)
{
        for (int i = 0; i < PLACE_COUNT; i++)
                s->facts.found.place[i].bytes = 40 << 20;
        s->facts.found.place[PLACE_RUN_LOCK].bytes = 0;
}

static void links_onto_a_volume(struct scenario *s)
{
        s->facts.found.place[PLACE_TMP].on_volume = s->facts.found.place[PLACE_JOURNAL].on_volume = true;
}

static void files(struct scenario *s)
{
        s->facts.found.place[PLACE_TMP].is_other = s->facts.found.place[PLACE_JOURNAL].is_other = true;
}

#define ON(path)                                                                                             \
        {                                                                                                    \
                .destination = (path)                                                                        \
        }
#define TMPFS(path)                                                                                          \
        {                                                                                                    \
                .destination = (path), .is_tmpfs = true                                                      \
        }

/* clang-format off */
static const struct sample samples[] = {
        /* whole plans */
        {"whole: unified 257", SHOW_ALL, HOST_UNIFIED, 257},
        {"whole: unified 262, private, user namespace, read-only", SHOW_ALL, HOST_UNIFIED, 262, true, true, true},
        {"whole: hybrid 252, private", SHOW_ALL, HOST_HYBRID, 252, true},
        {"whole: hybrid 262, read-only", SHOW_ALL, HOST_HYBRID, 262, false, false, true},
        {"whole: legacy 247, private", SHOW_ALL, HOST_LEGACY, 247, true},
        {"whole: bare 252", SHOW_ALL, HOST_BARE, 252},
        {"whole: bare 262, private, user namespace", SHOW_ALL, HOST_BARE, 262, true, true},
        {"whole: unified 229, which does not know cgroup2", SHOW_ALL, HOST_UNIFIED, 229},

        /* layouts */
        {"cgroups: unified 229, private", SHOW_CGROUPS, HOST_UNIFIED, 229, true},
        {"cgroups: unified 229, private, user namespace", SHOW_CGROUPS, HOST_UNIFIED, 229, true, true},
        {"cgroups: hybrid 229", SHOW_CGROUPS, HOST_HYBRID, 229},
        {"cgroups: unified, version not known", SHOW_CGROUPS, HOST_UNIFIED, 0, .change = unknown_payload},
        {"cgroups: hybrid, version not known", SHOW_CGROUPS, HOST_HYBRID, 0, .change = unknown_payload},
        {"cgroups: hybrid 257 with cgroup=unified", SHOW_CGROUPS, HOST_HYBRID, 257, .settings = "cgroup=unified"},
        {"cgroups: legacy 252 with cgroup=unified, private", SHOW_CGROUPS, HOST_LEGACY, 252, true, .settings = "cgroup=unified"},
        {"cgroups: bare 252 with cgroup=unified", SHOW_CGROUPS, HOST_BARE, 252, .settings = "cgroup=unified"},
        {"cgroups: unified 252 with cgroup=legacy", SHOW_CGROUPS, HOST_UNIFIED, 252, .settings = "cgroup=legacy"},
        {"cgroups: hybrid 252 with cgroup=legacy", SHOW_CGROUPS, HOST_HYBRID, 252, .settings = "cgroup=legacy"},
        {"cgroups: unified 252 with cgroup=hybrid", SHOW_CGROUPS, HOST_UNIFIED, 252, .settings = "cgroup=hybrid"},
        {"cgroups: unified 252 with cgroup=hybrid, private", SHOW_CGROUPS, HOST_UNIFIED, 252, true, .settings = "cgroup=hybrid"},
        {"cgroups: legacy 252 with cgroup=hybrid", SHOW_CGROUPS, HOST_LEGACY, 252, .settings = "cgroup=hybrid"},
        {"cgroups: bare 252 with cgroup=hybrid", SHOW_CGROUPS, HOST_BARE, 252, .settings = "cgroup=hybrid"},
        {"refused: 262 with cgroup=legacy", SHOW_CGROUPS, HOST_LEGACY, 262, .settings = "cgroup=legacy"},
        {"refused: 262 with cgroup=hybrid", SHOW_CGROUPS, HOST_HYBRID, 262, .settings = "cgroup=hybrid"},
        {"refused: 229 with cgroup=unified", SHOW_CGROUPS, HOST_UNIFIED, 229, .settings = "cgroup=unified"},

        /* what is at /sys/fs/cgroup before */
        {"cgroups: unified 252, no cgroup mount", SHOW_CGROUPS, HOST_UNIFIED, 252, .change = no_cgroup_mount},
        {"cgroups: unified 252, the host's cgroup mount", SHOW_CGROUPS, HOST_UNIFIED, 252, .change = hosts_cgroup_mount},
        {"cgroups: hybrid 252, no cgroup mount", SHOW_CGROUPS, HOST_HYBRID, 252, .change = no_cgroup_mount},
        {"cgroups: hybrid 252, a writable cgroup mount", SHOW_CGROUPS, HOST_HYBRID, 252, .change = writable_cgroup_mount},
        {"cgroups: hybrid 252, the host's cgroup mount", SHOW_CGROUPS, HOST_HYBRID, 252, .change = hosts_cgroup_mount},
        {"cgroups: hybrid 262, the host's cgroup mount", SHOW_CGROUPS, HOST_HYBRID, 262, .change = hosts_cgroup_mount},
        {"cgroups: hybrid 252, one controller bound over", SHOW_CGROUPS, HOST_HYBRID, 252, .change = one_controller_by_bind},
        {"refused: bare 252, the host's cgroup mount", SHOW_CGROUPS, HOST_BARE, 252, .change = hosts_cgroup_mount},
        {"refused: legacy 252 with cgroup=hybrid, the host's cgroup mount", SHOW_CGROUPS, HOST_LEGACY, 252, .settings = "cgroup=hybrid", .change = hosts_cgroup_mount},

        /* where the container is */
        {"cgroups: unified 252, with others in it", SHOW_CGROUPS, HOST_UNIFIED, 252, .change = others_cgroup},
        {"cgroups: unified 252, with others in it, private", SHOW_CGROUPS, HOST_UNIFIED, 252, true, .change = others_cgroup},
        {"cgroups: unified 252, with others in it, private, user namespace", SHOW_CGROUPS, HOST_UNIFIED, 252, true, true, .change = others_cgroup},
        {"cgroups: hybrid 252, with others in it", SHOW_CGROUPS, HOST_HYBRID, 252, .change = others_cgroup},
        {"cgroups: hybrid 252, a runtime that does not know cgroup2", SHOW_CGROUPS, HOST_HYBRID, 252, .change = unknown_unified},
        {"cgroups: hybrid 252, a runtime that does not know cgroup2, private", SHOW_CGROUPS, HOST_HYBRID, 252, true, .change = unknown_unified},
        {"cgroups: hybrid 262, a runtime that does not know cgroup2", SHOW_CGROUPS, HOST_HYBRID, 262, .change = unknown_unified},
        {"cgroups: legacy 262, cgroup2 mounted elsewhere", SHOW_CGROUPS, HOST_LEGACY, 262, .change = unified_elsewhere},
        {"cgroups: unified 252, a namespace further up", SHOW_CGROUPS, HOST_UNIFIED, 252, true, .change = namespace_further_up},
        {"cgroups: legacy 252, an id that needs care", SHOW_CGROUPS, HOST_BARE, 252, .change = odd_id},
        {"privileged: unified", SHOW_CGROUPS, HOST_UNIFIED, 257, true, .change = privileged},
        {"privileged: unified, the host's namespace", SHOW_CGROUPS, HOST_UNIFIED, 257, .change = privileged},
        {"privileged: hybrid", SHOW_CGROUPS, HOST_HYBRID, 252, true, .change = privileged},
        {"privileged: hybrid, the host's namespace", SHOW_CGROUPS, HOST_HYBRID, 252, .change = privileged},
        {"privileged: hybrid 262", SHOW_CGROUPS, HOST_HYBRID, 262, true, .change = privileged},
        {"privileged: hybrid, the host's /sys/fs/cgroup", SHOW_CGROUPS, HOST_HYBRID, 252, .change = privileged_by_bind},
        {"privileged: legacy", SHOW_CGROUPS, HOST_LEGACY, 252, true, .change = privileged},
        {"privileged: legacy 262", SHOW_CGROUPS, HOST_LEGACY, 262, true, .change = privileged},
        {"privileged: bare", SHOW_CGROUPS, HOST_BARE, 252, true, .change = privileged},
        {"privileged: hybrid, user namespace: it is not", SHOW_CGROUPS, HOST_HYBRID, 252, true, true, .change = privileged},
        {"privileged: all capabilities but CAP_SYS_ADMIN: it is not", SHOW_CGROUPS, HOST_HYBRID, 252, true, .change = nearly_privileged},
        {"cgroups: unified 252, user namespace with the host's root in it", SHOW_CGROUPS, HOST_UNIFIED, 252, true, true, .change = maps_the_hosts_root},
        {"cgroups: hybrid 252, the host's /sys bound over", SHOW_CGROUPS, HOST_HYBRID, 252, true, .change = sys_bound_over},
        {"cgroups: hybrid 252, a controller mounted through a link", SHOW_CGROUPS, HOST_HYBRID, 252, true, .change = controller_through_a_link},
        {"cgroups: unified 252, entered by a stranger", SHOW_CGROUPS, HOST_UNIFIED, 252, true, .change = entered_by_a_stranger},
        {"cgroups: hybrid 252, entered by a stranger", SHOW_CGROUPS, HOST_HYBRID, 252, .change = entered_by_a_stranger},
        {"cgroups: unified 252, a cgroup that the user names", SHOW_CGROUPS, HOST_UNIFIED, 252, .change = cgroup_by_name},
        {"cgroups: unified 252, a cgroup that the user names, with others", SHOW_CGROUPS, HOST_UNIFIED, 252, .change = cgroup_by_name_with_others},
        {"cgroups: hybrid, cgroup=legacy, the host's cgroup2 in it", SHOW_CGROUPS, HOST_HYBRID, 252, .settings = "cgroup=legacy", .change = hosts_cgroups_with_unified},
        {"refused: outside of its cgroup namespace", SHOW_CGROUPS, HOST_UNIFIED, 252, true, .change = outside_of_its_namespace},
        {"refused: outside of the hook's cgroup namespace", SHOW_CGROUPS, HOST_UNIFIED, 252, true, .change = outside_of_ours},
        {"refused: the two paths do not agree", SHOW_CGROUPS, HOST_UNIFIED, 252, true, .change = paths_that_do_not_agree},

        /* what else is mounted */
        {"mounts: nothing", SHOW_MOUNTS, HOST_HYBRID, 252},
        {"mounts: nothing, read-only", SHOW_MOUNTS, HOST_HYBRID, 252, .read_only = true},
        {"mounts: nothing, read-only, user namespace", SHOW_MOUNTS, HOST_HYBRID, 252, .user = true, .read_only = true},
        {"mounts: the user's tmpfs on /run", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {TMPFS("/run"), ON("/run/secrets")}},
        {"mounts: the user's tmpfs on /run and /run/lock", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {TMPFS("/run"), TMPFS("/run/lock")}},
        {"mounts: the user's tmpfs on /run, read-only", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {{"/run", true, false, true}}},
        {"mounts: a volume on /run", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/run"), ON("/run/secrets")}},
        {"mounts: a volume over the tmpfs on /run", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {TMPFS("/run"), ON("/run")}},
        {"mounts: a volume on /run/lock", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/run/lock")}},
        {"mounts: a volume on /run/host", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/run/host")}},
        {"mounts: a volume below /run/host", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/run/host/home")}},
        {"mounts: a volume on /tmp", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/tmp")}},
        {"mounts: a volume on /var/log/journal", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/var/log/journal")}},
        {"mounts: a volume on /var/log", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/var/log")}},
        {"mounts: a volume on /var, read-only", SHOW_MOUNTS, HOST_HYBRID, 252, .read_only = true, .mounts = {ON("/var")}},
        {"mounts: a volume on /var/lib and one on /var/tmp, read-only", SHOW_MOUNTS, HOST_HYBRID, 252, .read_only = true, .mounts = {ON("/var/lib"), ON("/var/tmp")}},
        {"mounts: a volume below /var/lib/systemd, read-only", SHOW_MOUNTS, HOST_HYBRID, 252, .read_only = true, .mounts = {ON("/var/lib/systemd/linger")}},
        {"mounts: what engines mount", SHOW_MOUNTS, HOST_HYBRID, 252, .change = what_engines_mount},
        {"mounts: /runner, /tmpfiles and /var/log/journals", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/runner"), ON("/tmpfiles"), ON("/var/log/journals")}},
        {"mounts: names that need care", SHOW_MOUNTS, HOST_HYBRID, 252, .change = odd_names},
        {"mounts: a volume on /etc/machine-id", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/etc/machine-id")}},
        {"mounts: a file on /etc/machine-id with an id", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/etc/machine-id")}, .change = id_of_a_volume},
        {"mounts: an empty file on /etc/machine-id", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/etc/machine-id")}, .change = id_is_empty},
        {"mounts: an empty file on /etc/machine-id, read-only", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {{"/etc/machine-id", .read_only = true}}, .change = id_is_empty},
        {"mounts: an empty file on /etc/machine-id, read-only, and a script", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {{"/etc/machine-id", .read_only = true}}, .change = id_is_empty_and_a_script},
        {"mounts: a file on /etc/machine-id that is uninitialized", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/etc/machine-id")}, .change = id_is_uninitialized},
        {"mounts: a volume on /etc with an id", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/etc")}, .change = id_of_a_volume},
        {"refused: /etc/machine-id is a directory", SHOW_MOUNTS, HOST_HYBRID, 252, .change = id_is_a_directory},
        {"refused: /etc/machine-id leads in a loop", SHOW_MOUNTS, HOST_HYBRID, 252, .change = id_leads_in_a_loop},
        {"mounts: /etc/machine-id is a link onto a volume", SHOW_MOUNTS, HOST_HYBRID, 252, .change = id_behind_a_link},
        {"mounts: a volume on /etc without an id", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/etc")}, .change = id_is_missing},
        {"mounts: a read-only volume on /etc without an id", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {{"/etc", .read_only = true}}, .change = id_is_missing},
        {"mounts: a link leads a volume onto /run", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {TMPFS("/run")}, .change = led_onto_run},
        {"mounts: a script before systemd", SHOW_MOUNTS, HOST_HYBRID, 252, .change = a_script},
        {"mounts: a script before systemd, and an id", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "machine-id=0123456789abcdef0123456789abcdef", .change = a_script},
        {"refused: the host's /run", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {{"/run", .is_bind = true, .source = "/run"}}},
        {"refused: the host's /run/systemd", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {{"/run/systemd", .is_bind = true, .source = "/run/systemd"}}},
        {"mounts: a socket of the host's", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {{"/run/docker.sock", .is_bind = true, .source = "/run/docker.sock"}}},
        {"mounts: more than fits, everywhere", SHOW_MOUNTS, HOST_HYBRID, 257, .change = too_much},
        {"mounts: more than fits, everywhere, read-only", SHOW_MOUNTS, HOST_HYBRID, 257, .read_only = true, .change = too_much},
        {"mounts: a size that the memory limit does not carry", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "tmpfs.tmp=1g tmpfs.run=1g", .memory_limit = 64 << 20, .change = forty_mib},
        {"mounts: more than fits in /run/lock", SHOW_MOUNTS, HOST_HYBRID, 257, .change = much_in_run_lock},
        {"mounts: /var/tmp is a link to /tmp, read-only", SHOW_MOUNTS, HOST_HYBRID, 257, .read_only = true, .change = var_tmp_leads_to_tmp},
        {"mounts: more than fits into the memory", SHOW_MOUNTS, HOST_HYBRID, 257, .memory_limit = 64 << 20, .change = forty_mib},
        {"mounts: more than fits together", SHOW_MOUNTS, HOST_HYBRID, 257, .change = forty_mib},
        {"mounts: /tmp and the journal lead onto a volume", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "tmpfs.tmp=1g", .change = links_onto_a_volume},
        {"mounts: /tmp and the journal are files", SHOW_MOUNTS, HOST_HYBRID, 257, .change = files},
        {"mounts: a volume on /etc", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/etc")}},

        /* settings */
        {"refused: tmpfs.run=off without a mount", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "tmpfs.run=off", .mounts = {ON("/run/secrets")}},
        {"settings: tmpfs.run=off and a tmpfs of the user's", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "tmpfs.run=off", .mounts = {TMPFS("/run")}},
        {"settings: tmpfs.tmp=off", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "tmpfs.tmp=off tmpfs.journal=off"},
        {"settings: tmpfs.tmp=off, read-only", SHOW_MOUNTS, HOST_HYBRID, 257, .read_only = true, .settings = "tmpfs.tmp=off tmpfs.journal=off"},
        {"settings: tmpfs.tmp=off and a volume on /run", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "tmpfs.tmp=off", .mounts = {ON("/run")}},
        {"settings: sizes where the engine has a tmpfs without one", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "tmpfs.run=64m tmpfs.tmp=1g", .mounts = {TMPFS("/run"), TMPFS("/tmp")}},
        {"settings: sizes where the user has mounts", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "tmpfs.run=64m tmpfs.tmp=1g tmpfs.journal=2g", .mounts = {ON("/run"), {"/tmp", .is_tmpfs = true, .has_size = true, .no_exec = true}, ON("/var/log")}},
        {"settings: sizes", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "tmpfs.run=1 tmpfs.tmp=64m tmpfs.journal=1024t"},
        {"settings: sizes that are too small", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "tmpfs.run=64k tmpfs.tmp=1 tmpfs.journal=1023k"},
        {"settings: shares that are too small", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "tmpfs.run=1% tmpfs.tmp=1% tmpfs.journal=2%", .memory_limit = 64 << 20},
        {"settings: a size that is too small for the engine's tmpfs", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "tmpfs.run=1k", .mounts = {TMPFS("/run")}},
        {"settings: the least sizes", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "tmpfs.run=1m tmpfs.tmp=4k tmpfs.journal=1m"},
        {"settings: shares of 1 GiB", SHOW_MOUNTS, HOST_HYBRID, 252, .memory_limit = UINT64_C(1) << 30},
        {"settings: shares of 1 GiB, and a size", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "tmpfs.run=1% tmpfs.tmp=100% tmpfs.journal=2g", .memory_limit = UINT64_C(1) << 30},
        {"settings: shares of next to nothing", SHOW_MOUNTS, HOST_HYBRID, 252, .memory_limit = 4096},
        {"settings: shares of a limit that is none", SHOW_MOUNTS, HOST_HYBRID, 252, .memory_limit = INT64_MAX},
        {"settings: journal=image with a size", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "journal=image tmpfs.journal=5m"},
        {"refused: journal=host, which no --allow names", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "journal=host"},
        {"settings: journal=host with a share", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "journal=host tmpfs.journal=5%", .change = journal_is_allowed},
        {"settings: journal=volatile where the user has a mount", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "journal=volatile", .mounts = {ON("/var/log/journal")}},
        {"settings: journal.keep=on without journal=host", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "journal.keep=on"},
        {"settings: journal=image", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "journal=image"},
        {"settings: machine-id=image", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "machine-id=image"},
        {"settings: machine-id=image, which is missing", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "machine-id=image", .change = id_is_nowhere},
        {"settings: machine-id=image, which is missing, with CAP_SYS_ADMIN", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "machine-id=image", .change = id_is_nowhere_but_may_be_mounted},
        {"settings: machine-id=image, which is uninitialized", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "machine-id=image", .change = id_is_uninitialized},
        {"settings: machine-id=image, which is empty, read-only", SHOW_MOUNTS, HOST_HYBRID, 252, .read_only = true, .settings = "machine-id=image"},
        {"settings: a machine-id and a file with an id", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "machine-id=0123456789abcdef0123456789abcdef", .mounts = {ON("/etc/machine-id")}, .change = id_of_a_volume},
        {"settings: a machine-id and an empty file", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "machine-id=0123456789abcdef0123456789abcdef", .mounts = {ON("/etc/machine-id")}, .change = id_is_empty},
        {"settings: a machine-id and a volume on /run/host", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "machine-id=0123456789abcdef0123456789abcdef", .mounts = {ON("/run/host")}},
        {"settings: a volume on /run/host, and no machine-id", SHOW_MOUNTS, HOST_HYBRID, 252, .mounts = {ON("/run/host")}, .change = id_is_nowhere},
        {"settings: what has no effect where a link leads a volume onto /run", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "machine-id=0123456789abcdef0123456789abcdef tmpfs.run=64m boot=lean", .mounts = {TMPFS("/run")}, .change = led_onto_run},
        {"settings: a machine-id", SHOW_MOUNTS, HOST_HYBRID, 252, .settings = "machine-id=0123456789ABCDEF0123456789abcdef"},
        {"settings: Docker's id", SHOW_MOUNTS, HOST_HYBRID, 252, .change = id_of_docker},
        {"settings: a label", SHOW_MOUNTS, HOST_HYBRID, 252, .label = "system_u:object_r:container_file_t:s0:c1,c2"},
        {"settings: a label without SELinux", SHOW_MOUNTS, HOST_HYBRID, 252, .label = "system_u:object_r:container_file_t:s0", .change = no_selinux},
        {"settings: boot=lean, an image without work", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "boot=lean"},
        {"settings: boot=lean, an image with all work", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "boot=lean", .change = image_with_all_work},
        {"settings: boot=lean, a unit that is enabled by hand", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "boot=lean", .change = image_with_a_change},
        {"settings: boot=lean, a terminal", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "boot=lean", .change = a_terminal},
        {"settings: boot=lean, a terminal, and words for a kernel", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "boot=lean", .change = words_for_the_kernel},
        {"settings: boot=lean, credentials by a mount", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "boot=lean", .mounts = {ON("/run/credentials/@initrd")}},
        {"settings: boot=lean, a volume on /run", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "boot=lean", .mounts = {ON("/run")}},
        {"settings: boot=lean, a volume on /run/systemd", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "boot=lean", .mounts = {ON("/run/systemd")}},
        {"settings: boot=lean, a volume on /run/systemd/system", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "boot=lean", .mounts = {ON("/run/systemd/system")}},
        {"settings: boot=lean, volumes on /run and in /run/systemd", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "boot=lean", .mounts = {ON("/run"), ON("/run/systemd/notify")}},
        {"settings: tmpfs.tmp=off, volumes on /run and in /run/systemd/system", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "tmpfs.tmp=off", .mounts = {ON("/run"), ON("/run/systemd/system")}},
        {"settings: tmpfs.tmp=off, volumes on /run/systemd and in it", SHOW_MOUNTS, HOST_HYBRID, 257, .settings = "tmpfs.tmp=off", .mounts = {ON("/run/systemd"), ON("/run/systemd/system")}},
        {"mounts: a small tmpfs on /run, a read-only volume on /var/lib", SHOW_MOUNTS, HOST_HYBRID, 257, .mounts = {{"/run", .is_tmpfs = true, .has_size = true, .size = 65536}, {"/var/lib", .is_bind = true, .source = "/x", .read_only = true}}},
        {"units: all, a volume on /run/systemd/system", SHOW_MOUNTS, HOST_LEGACY, 229, .mounts = {ON("/run/systemd/system")}, .change = units_of_all_kinds},
        {"units: all, an old payload without the capabilities", SHOW_MOUNTS, HOST_LEGACY, 229, .change = units_of_all_kinds},
        {"units: all, a new payload without the capabilities", SHOW_MOUNTS, HOST_HYBRID, 257, .change = units_of_all_kinds},
        {"units: all, with the capabilities in a user namespace", SHOW_MOUNTS, HOST_HYBRID, 257, .user = true, .change = units_and_the_capability},
        {"units: all, with the capabilities", SHOW_MOUNTS, HOST_HYBRID, 257, .change = units_and_the_capability},
        {"units: all, units=keep", SHOW_MOUNTS, HOST_LEGACY, 229, .settings = "units=keep", .change = units_of_all_kinds},
        {"settings: a host without os-release", SHOW_MOUNTS, HOST_HYBRID, 252, .change = no_os_release},
        {NULL},
};
/* clang-format on */
