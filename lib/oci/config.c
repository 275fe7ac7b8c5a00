/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"
#include "base/path.h"
#include "base/scope.h"
#include "oci/capabilities.h"
#include "oci/private.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define MOUNTS_MOST 32768 /* that concern us */
/* as runc and crun have it */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct target {
        struct arena *arena;
        struct oci_config *config;
        struct oci_mount mount; /* the one that is being read */
        bool bind;              /* has the option bind or rbind: runtimes ignore the type of such a mount */
        oci_known_fn *known;
        void *with;
        bool has_process, has_root, has_mounts, has_resources;
        int needs; /* enum oci_needs, or -errno of known, whose sentence is not config.json's */
        struct err why;
        struct mapping { /* likewise, of linux.uidMappings or gidMappings */
                int64_t inside, outside;
        } mapping;
        char namespace_type[16]; /* likewise */
        bool namespace_joined;   /* likewise */
};

struct oci_config *oci_filled(void *to)
{
        return ((struct target *)to)->config;
}

static int set_arg(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        return oci_take_argument(t->config, t->arena, v, e);
}

static int set_cwd(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        return oci_copy(t->arena, v, &t->config->cwd, e);
}

static int set_env(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        if (strcmp(v->text, "oci-systemd-hook=disabled") == 0)
                t->config->disabled = true;
        oci_take_variable(t->config, v->text);
        if (strncmp(v->text, "PATH=", 5) != 0)
                return 0;
        int r = oci_copy(t->arena, v, &t->config->path, e);
        if (r == 0)
                t->config->path += 5;
        return r;
}

static int set_capability(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        (void)e;
        t->config->capabilities |= oci_capability(v->text);
        return 0;
}

static int set_root(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        if (v->length == 0)
                return err_refuse(e, "an empty path");
        return oci_copy(t->arena, v, &t->config->root, e);
}

static int set_root_read_only(void *to, const struct json_value *v, struct err *e)
{
        (void)e;
        ((struct target *)to)->config->root_read_only = v->boolean;
        return 0;
}

static int set_mount_label(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        return v->length ? oci_copy(t->arena, v, &t->config->mount_label, e) : 0;
}

static int set_process_label(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        return v->length ? oci_copy(t->arena, v, &t->config->process_label, e) : 0;
}

static int set_destination(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;
        filled_later char path[PATH_MAX + 1];

        if (v->length >= PATH_MAX) /* no kernel mounts there */
                return 0;
        path[0] = '/';
        memcpy(path + 1, v->text, v->length + 1);
        path_clean(path);
        if (!oci_concerns_us(path))
                return 0;
        t->mount.destination = arena_copy(t->arena, path, strlen(path));
        return t->mount.destination ? 0 : err_set(e, ENOMEM, "keep a mount");
}

static int set_mount_source(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;
        return v->length < PATH_MAX && v->text[0] == '/' ? oci_copy(t->arena, v, &t->mount.source, e) : 0;
}

static int set_mount_type(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        (void)e;
        t->mount.is_tmpfs = strcmp(v->text, "tmpfs") == 0;
        t->mount.is_sysfs = strcmp(v->text, "sysfs") == 0;
        t->mount.is_cgroup = strcmp(v->text, "cgroup") == 0 || strcmp(v->text, "cgroup2") == 0;
        return 0;
}

static int set_mount_option(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        (void)e;
        if (!oci_mount_option(&t->mount, v->text) &&
                (strcmp(v->text, "bind") == 0 || strcmp(v->text, "rbind") == 0))
                t->bind = true;
        return 0;
}

static int end_mount(void *to, struct err *e)
{
        struct target *t = to;
        struct oci_config *c = t->config;
        struct oci_mount mount = t->mount;

        mount.is_bind = t->bind;
        mount.is_tmpfs = mount.is_tmpfs && !t->bind;
        mount.is_cgroup = mount.is_cgroup && !t->bind;
        mount.is_sysfs = mount.is_sysfs && !t->bind;
        t->mount = (struct oci_mount){0};
        t->bind = false;
        if (!mount.destination)
                return 0;
        if (c->mount_count == MOUNTS_MOST)
                return err_refuse(e, "more than %d mounts on places that systemd needs", MOUNTS_MOST);

        struct oci_mount *grown = arena_grow(t->arena, c->mounts, c->mount_count, sizeof *grown);

        if (!grown)
                return err_set(e, ENOMEM, "keep a mount");
        c->mounts = grown;
        c->mounts[c->mount_count++] = mount;
        return 0;
}

static int set_namespace_type(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        (void)e;
        snprintf(t->namespace_type, sizeof t->namespace_type, "%s", v->text);
        return 0;
}

static int set_namespace_path(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        (void)e;
        t->namespace_joined = v->length > 0;
        return 0;
}

static int end_namespace(void *to, struct err *e)
{
        struct target *t = to;

        (void)e;
        if (strcmp(t->namespace_type, "pid") == 0)
                t->config->pid_namespace = !t->namespace_joined; /* with a path it is somebody else's */
        else if (strcmp(t->namespace_type, "cgroup") == 0)
                t->config->cgroup_namespace = true;
        else if (strcmp(t->namespace_type, "user") == 0)
                t->config->user_namespace = true;
        t->namespace_type[0] = '\0';
        t->namespace_joined = false;
        return 0;
}

static int set_inside(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        (void)e;
        t->mapping.inside = v->integer;
        return 0;
}

static int set_outside(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        t->mapping.outside = v->integer;
        if (v->integer < 0 || v->integer >= UINT32_MAX)
                return err_refuse(e, "%lld is not an id", (long long)v->integer);
        return 0;
}

static void take_root(struct target *t, uint32_t *id)
{
        if (t->mapping.inside == 0 && t->mapping.outside >= 0)
                *id = (uint32_t)t->mapping.outside;
        t->mapping = (struct mapping){-1, -1};
}

static int end_uid_mapping(void *to, struct err *e)
{
        struct target *t = to;

        (void)e;
        take_root(t, &t->config->root_uid);
        return 0;
}

static int end_gid_mapping(void *to, struct err *e)
{
        struct target *t = to;

        (void)e;
        take_root(t, &t->config->root_gid);
        return 0;
}

/* JSON_STOP when there is all that is needed. root.path is checked here, as known will need it. */
static int is_enough(struct target *t, struct err *e)
{
        if (t->known && t->has_process && t->has_root) {
                if (!t->config->root)
                        return err_refuse(e, "no root.path in it");
                t->needs = t->known(t->with, t->config, &t->why);
                t->known = NULL;
        }
        if (t->known || t->needs == OCI_NEEDS_ALL ||
                (t->needs == OCI_NEEDS_MOUNTS && !(t->has_mounts && t->has_resources)))
                return 0;
        return JSON_STOP;
}

static int end_process(void *to, struct err *e)
{
        struct target *t = to;

        t->has_process = true;
        return is_enough(t, e);
}

static int end_root(void *to, struct err *e)
{
        struct target *t = to;

        t->has_root = true;
        return is_enough(t, e);
}

static int end_mounts(void *to, struct err *e)
{
        struct target *t = to;

        t->has_mounts = true;
        return is_enough(t, e);
}

static int end_resources(void *to, struct err *e)
{
        struct target *t = to;

        t->has_resources = true;
        return is_enough(t, e);
}

static int set_annotation(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        oci_take_stop_signal(v, &t->config->stop_signal);
        return oci_keep_annotation(t->arena, v, &t->config->annotations, e);
}

static const struct json_field arg[] = {{"", JSON_STRING, .set = set_arg}};
static const struct json_field environment[] = {{"", JSON_STRING, .set = set_env}};
static const struct json_field capability[] = {{"", JSON_STRING, .set = set_capability}};
static const struct json_field capabilities[] = {{"bounding", JSON_ARRAY, capability}, {NULL}};
static const struct json_field process[] = {
        {"args", JSON_ARRAY, arg},
        {"capabilities", JSON_OBJECT, capabilities},
        {"cwd", JSON_STRING, .set = set_cwd},
        {"env", JSON_ARRAY, environment},
        {"noNewPrivileges", JSON_BOOL, .set = oci_set_no_new_privileges},
        {"selinuxLabel", JSON_STRING, .set = set_process_label},
        {"terminal", JSON_BOOL, .set = oci_set_terminal},
        {"user", JSON_OBJECT, oci_user},
        {NULL},
};
static const struct json_field root[] = {
        {"path", JSON_STRING, .set = set_root},
        {"readonly", JSON_BOOL, .set = set_root_read_only},
        {NULL},
};
static const struct json_field option[] = {{"", JSON_STRING, .set = set_mount_option}};
static const struct json_field mount_members[] = {
        {"destination", JSON_STRING, .set = set_destination},
        {"type", JSON_STRING, .set = set_mount_type},
        {"source", JSON_STRING, .set = set_mount_source},
        {"options", JSON_ARRAY, option},
        {NULL},
};
static const struct json_field mount_element[] = {{"", JSON_OBJECT, mount_members, .end = end_mount}};
static const struct json_field namespace_members[] = {{"path", JSON_STRING, .set = set_namespace_path},
        {"type", JSON_STRING, .set = set_namespace_type}, {NULL}};
static const struct json_field namespace_element[] = {
        {"", JSON_OBJECT, namespace_members, .end = end_namespace}};
static const struct json_field mapping_members[] = {
        {"containerID", JSON_INTEGER, .set = set_inside},
        {"hostID", JSON_INTEGER, .set = set_outside},
        {NULL},
};
static const struct json_field uid_mapping[] = {{"", JSON_OBJECT, mapping_members, .end = end_uid_mapping}};
static const struct json_field gid_mapping[] = {{"", JSON_OBJECT, mapping_members, .end = end_gid_mapping}};
static const struct json_field resources[] = {{"memory", JSON_OBJECT, oci_memory},
        {"pids", JSON_OBJECT, oci_pids}, {"unified", JSON_OBJECT, oci_unified}, {NULL}};
static const struct json_field linux_members[] = {
        {"mountLabel", JSON_STRING, .set = set_mount_label},
        {"namespaces", JSON_ARRAY, namespace_element},
        {"uidMappings", JSON_ARRAY, uid_mapping},
        {"gidMappings", JSON_ARRAY, gid_mapping},
        {"resources", JSON_OBJECT, resources, .end = end_resources},
        {NULL},
};
static const struct json_field fields[] = {
        {"process", JSON_OBJECT, process, .end = end_process},
        {"root", JSON_OBJECT, root, .end = end_root},
        {"mounts", JSON_ARRAY, mount_element, .end = end_mounts},
        {"linux", JSON_OBJECT, linux_members},
        {"annotations", JSON_MAP, .set = set_annotation},
        {NULL},
};

int oci_read_config(const char *bundle, oci_known_fn *known, void *with, struct arena *a,
        struct oci_config *ret_config, struct err *e)
{
        struct oci_config config = {.cwd = "/", .path = DEFAULT_PATH};
        struct target target = {.arena = a,
                .config = &config,
                .known = known,
                .with = with,
                .needs = OCI_NEEDS_ALL,
                .mapping = {-1, -1}};
        scoped_fd fd = oci_open_config(bundle, a, e);

        if (fd < 0)
                return fd;

        int r = json_read(fd, "config.json", OCI_CONFIG_MOST, fields, &target, e);

        if (r < 0)
                return r;
        if (target.known && config.root) /* no process: there is no more to come */
                target.needs = known(with, &config, &target.why);
        if (target.needs < 0) {
                *e = target.why;
                return target.needs;
        }
        if (!config.root)
                return err_refuse(e, "config.json: no root.path in it");
        *ret_config = config;
        return target.needs != OCI_NEEDS_NOTHING;
}
