/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "containers.h"

#include "base/file.h"
#include "base/json.h"
#include "base/scope.h"
#include "base/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_MOST (16 << 20)

struct target {
        struct arena *arena;
        struct known_container *container;
};

static int set_pid(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        (void)e;
        if (v->integer > 0 && v->integer <= INT_MAX)
                t->container->pid = (pid_t)v->integer;
        return 0;
}

static int set_bundle(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        t->container->bundle = arena_copy(t->arena, v->text, v->length);
        return t->container->bundle ? 0 : err_set(e, ENOMEM, "keep the bundle");
}

static int set_label(void *to, const struct json_value *v, struct err *e)
{
        static const char bundle[] = "bundle=";
        const struct json_value value = {
                .text = v->text + sizeof bundle - 1, .length = v->length - sizeof bundle + 1};

        return strncmp(v->text, bundle, sizeof bundle - 1) == 0 ? set_bundle(to, &value, e) : 0;
}

/* runc's state.json and crun's status, which have no member of one name for different things. */
static const struct json_field label[] = {{"", JSON_STRING, .set = set_label}};
static const struct json_field config[] = {{"labels", JSON_ARRAY, label}, {NULL}};
static const struct json_field fields[] = {
        {"init_process_pid", JSON_INTEGER, .set = set_pid},
        {"pid", JSON_INTEGER, .set = set_pid},
        {"bundle", JSON_STRING, .set = set_bundle},
        {"config", JSON_OBJECT, config},
        {NULL},
};

static int read_state(const char *file, struct arena *a, struct known_container *ret, struct err *e)
{
        struct known_container c = {.is_containerds = strncmp(file, "/run/containerd/", 16) == 0};
        struct target t = {a, &c};
        scoped_fd fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        int r = fd < 0 ? err_set(e, errno, "open %s", file) : json_read(fd, file, STATE_MOST, fields, &t, e);
        char *id = arena_copy(a, file, strlen(file));

        if (r < 0)
                return r;
        if (!id)
                return err_set(e, ENOMEM, "keep the state");
        *strrchr(id, '/') = '\0';
        c.id = strrchr(id, '/') + 1;
        if (!c.bundle)
                return err_refuse(e, "%s names no bundle", file);
        *ret = c;
        return 0;
}

static int refuse_many(size_t found, const char *id, struct err *e)
{
        return err_refuse(e, "%zu containers have an id that begins with %s; give more of it", found, id);
}

/* The first file of the pattern, of which %s is the id and its end; adds to found how many there are. */
static const char *find_file(
        const char *before, const char *id, const char *after, struct arena *a, size_t *found)
{
        const char *pattern = arena_print(a, "%s%s%s", before, id, after), *file = NULL;
        glob_t files;

        if (!pattern || glob(pattern, GLOB_NOSORT, NULL, &files) != 0)
                return NULL;
        *found += files.gl_pathc;
        file = arena_copy(a, files.gl_pathv[0], strlen(files.gl_pathv[0]));
        globfree(&files);
        return file;
}

/* The file of the one container whose id is, or begins with, id. */
static int find_state(const char *id, struct arena *a, const char **ret_file, struct err *e)
{
        static const char places[][2][40] = {{"/run/runc/", "/state.json"}, {"/run/crun/", "/status"},
                {"/run/containerd/runc/*/", "/state.json"}, {"/run/docker/runtime-*/moby/", "/state.json"},
                {"/run/user/*/runc/", "/state.json"}, {"/run/user/*/crun/", "/status"}};
        const size_t count = sizeof places / sizeof *places;
        const char *begins = arena_print(a, "%s*", id), *file = NULL;
        size_t found = 0;

        for (size_t i = 0; begins && i < 2 * count; i++) {
                if (i >= count && found) /* a whole id goes before the beginning of one */
                        break;
                const char *one = find_file(
                        places[i % count][0], i < count ? id : begins, places[i % count][1], a, &found);

                file = one ? one : file;
        }
        if (found > 1)
                return refuse_many(found, id, e);
        *ret_file = file;
        return file ? 0 : -ENOENT;
}

#define KEPT_BY_PODMAN "/var/lib/containers/storage/*-containers/"
#define KEPT_BY_DOCKER "/var/lib/docker/containers/"

/* What its engine keeps of a container that no runtime knows; id may be the beginning of one. */
static int find_kept(const char *id, struct arena *a, struct known_container *ret, struct err *e)
{
        struct known_container c = {.is_kept = true};
        const char *begins = arena_print(a, "%s*", id);
        size_t found = 0;
        char *file;

        if (!begins)
                return err_set(e, ENOMEM, "look for %s", id);
        const char *podmans = find_file(KEPT_BY_PODMAN, begins, "/userdata", a, &found);

        c.docker = find_file(KEPT_BY_DOCKER, begins, "/config.v2.json", a, &found);
        if (found > 1)
                return refuse_many(found, id, e);
        if (!podmans && !c.docker)
                return -ENOENT;
        file = arena_copy(a, podmans ? podmans : c.docker, strlen(podmans ? podmans : c.docker));
        if (!file)
                return err_set(e, ENOMEM, "look for %s", id);
        *strrchr(file, '/') = '\0';
        c.id = strrchr(file, '/') + 1;
        c.bundle = podmans;
        *ret = c;
        return 0;
}

/* Podman's list of containers has "id":"…","names":["…"]; of the last id before the name. */
static const char *id_by_podman(const char *name, struct arena *a)
{
        static const char files[][64] = {"/var/lib/containers/storage/overlay-containers/containers.json",
                "/var/lib/containers/storage/vfs-containers/containers.json"};
        const char *wanted = arena_print(a, "\"%s\"", name);
        struct err unused;

        for (size_t i = 0; wanted && i < sizeof files / sizeof *files; i++) {
                char *text = file_copy(AT_FDCWD, files[i], STATE_MOST, a, &unused);
                char *names = text ? strstr(text, wanted) : NULL, *id = NULL;

                for (char *at = text; names && at && (at = strstr(at, "\"id\":\"")) && at < names;)
                        id = at += 6;
                if (id)
                        return arena_copy(a, id, strcspn(id, "\""));
        }
        return NULL;
}

static const char *id_by_docker(const char *name, struct arena *a)
{
        const char *wanted = arena_print(a, "\"Name\":\"/%s\"", name), *id = NULL;
        struct err unused;
        glob_t files;

        if (!wanted || glob(KEPT_BY_DOCKER "*/config.v2.json", GLOB_NOSORT, NULL, &files) != 0)
                return NULL;
        for (size_t i = 0; !id && i < files.gl_pathc; i++) {
                char *text = file_copy(AT_FDCWD, files.gl_pathv[i], STATE_MOST, a, &unused);

                if (text && strstr(text, wanted)) {
                        *strrchr(files.gl_pathv[i], '/') = '\0';
                        id = strrchr(files.gl_pathv[i], '/') + 1;
                        id = arena_copy(a, id, strlen(id));
                }
        }
        globfree(&files);
        return id;
}

static int find_by_id(const char *id, struct arena *a, struct known_container *ret, struct err *e)
{
        const char *file = NULL;
        size_t found = 0;
        int r = find_state(id, a, &file, e);

        if (r == -ENOENT)
                return find_kept(id, a, ret, e);
        if (file)
                r = read_state(file, a, ret, e);
        if (r == 0)
                ret->docker = find_file(KEPT_BY_DOCKER, ret->id, "/config.v2.json", a, &found);
        return r;
}

static int refuse_unknown(const char *name, struct arena *a, struct err *e)
{
        const char *word = shell_word(a, name);

        err_refuse(e, "no container %s is known to runc, crun, Podman, Docker or containerd", name);
        if (word)
                err_hint(e,
                        "%swhat a start did that is over, by its whole id: journalctl -t oci-systemd-hook "
                        "CONTAINER_ID=%s",
                        geteuid() ? "root's are seen by root alone; " : "", word);
        return -ENOENT;
}

int containers_find(const char *name, struct arena *a, struct known_container *ret, struct err *e)
{
        const char *id;
        int r;

        /* a pattern would be one of glob's, too */
        if (!*name || strpbrk(name, "/*?[]\\"))
                return err_refuse(e, "\"%s\" is not a container's id or name", name);
        r = find_by_id(name, a, ret, e);
        if (r == -ENOENT) {
                id = id_by_podman(name, a);
                if (!id)
                        id = id_by_docker(name, a);
                r = id && !strpbrk(id, "/*?[]\\") ? find_by_id(id, a, ret, e) : -ENOENT;
        }
        return r == -ENOENT ? refuse_unknown(name, a, e) : r;
}
