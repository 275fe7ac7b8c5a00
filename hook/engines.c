/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engines.h"

#include "base/file.h"
#include "base/json.h"
#include "base/scope.h"
#include "base/shell.h"

#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRY_MOST (1 << 20) /* bytes of a file of hooks.d or CDI */

/* A file of hooks.d or CDI: what of it concerns us. */
struct entry {
        struct arena *arena;
        char path[256]; /* of the hook */
        bool is_ours, is_device;
        bool prestart, create_runtime, poststop;
};

static int set_path(void *to, const struct json_value *v, struct err *e)
{
        struct entry *entry = to;

        (void)e;
        if (v->length < sizeof entry->path && strstr(v->text, "oci-systemd-hook")) {
                entry->is_ours = true;
                memcpy(entry->path, v->text, v->length + 1);
        }
        return 0;
}

static int set_stage(void *to, const struct json_value *v, struct err *e)
{
        struct entry *entry = to;

        (void)e;
        entry->prestart |= strcmp(v->text, "prestart") == 0;
        entry->create_runtime |= strcmp(v->text, "createRuntime") == 0;
        entry->poststop |= strcmp(v->text, "poststop") == 0;
        return 0;
}

static int set_kind(void *to, const struct json_value *v, struct err *e)
{
        (void)e;
        ((struct entry *)to)->is_device = strcmp(v->text, "oci-systemd-hook.org/systemd") == 0;
        return 0;
}

static const struct json_field hook[] = {{"path", JSON_STRING, .set = set_path}, {NULL}};
static const struct json_field stage[] = {{"", JSON_STRING, .set = set_stage}};
static const struct json_field of_hooks_d[] = {
        {"hook", JSON_OBJECT, hook}, {"stages", JSON_ARRAY, stage}, {NULL}};
/* The predecessor's: "hook" is the path itself. */
static const struct json_field of_old_hooks_d[] = {{"hook", JSON_STRING, .set = set_path}, {NULL}};
static const struct json_field device_hook[] = {
        {"hookName", JSON_STRING, .set = set_stage}, {"path", JSON_STRING, .set = set_path}, {NULL}};
static const struct json_field device_hooks[] = {{"", JSON_OBJECT, device_hook}};
static const struct json_field edits[] = {{"hooks", JSON_ARRAY, device_hooks}, {NULL}};
static const struct json_field device[] = {{"containerEdits", JSON_OBJECT, edits}, {NULL}};
static const struct json_field devices[] = {{"", JSON_OBJECT, device}};
static const struct json_field of_cdi[] = {
        {"kind", JSON_STRING, .set = set_kind}, {"devices", JSON_ARRAY, devices}, {NULL}};

static int read_entry(const char *file, const struct json_field *fields, struct entry *ret, struct err *e)
{
        struct entry entry = {0};
        scoped_fd fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        int r = fd < 0 ? err_set(e, errno, "open %s", file)
                       : json_read(fd, file, ENTRY_MOST, fields, &entry, e);

        if (r >= 0)
                *ret = entry;
        return r < 0 ? r : 0;
}

/* What to type: before, the file as a word of a shell, and after. */
static const char *command(struct findings *f, const char *before, const char *file, const char *after)
{
        const char *word = shell_word(f->arena, file);

        return word ? arena_print(f->arena, "%s%s%s", before, word, after) : NULL;
}

static void check_mode(struct findings *f, const char *topic, const char *file)
{
        struct stat st;

        if (stat(file, &st) < 0)
                return;
        if (!(st.st_mode & 0004))
                findings_add(f, FINDING_STOPS, topic, command(f, "chmod 644 ", file, ""),
                        "%s is not readable by all, and every container of every rootless user fails", file);
        if (st.st_mode & 0022)
                findings_add(f, FINDING_STOPS, topic, command(f, "chmod 644 ", file, ""),
                        "%s is writable by others, who can be root by it", file);
}

static void check_program(struct findings *f, const char *topic, const char *file, const char *path)
{
        struct stat there, ours;

        if (stat(path, &there) < 0 || access(path, X_OK) < 0)
                findings_add(f, FINDING_STOPS, topic, "install the package, or remove that file",
                        "%s names %s, which cannot be executed", file, path);
        else if (stat("/proc/self/exe", &ours) == 0 &&
                 (ours.st_ino != there.st_ino || ours.st_dev != there.st_dev))
                findings_add(f, FINDING_NOTE, topic, command(f, "", path, " check"),
                        "%s calls %s, which is another file than this program", file, path);
}

static bool check_hooks_d(struct findings *f, const char *topic, const char *file)
{
        struct entry entry = {0};
        struct err e, old;

        if (read_entry(file, of_hooks_d, &entry, &e) < 0) {
                if (read_entry(file, of_old_hooks_d, &entry, &old) == 0 && entry.is_ours)
                        findings_add(f, FINDING_STOPS, topic, command(f, "rm ", file, ""),
                                "%s is an entry of the package of 2019, and engines of today stop at it",
                                file);
                else if (strstr(file, "systemd-hook"))
                        findings_add(f, FINDING_STOPS, topic, "install the package again", "%s", e.text);
                return false;
        }
        if (!entry.is_ours)
                return false;
        check_mode(f, topic, file);
        check_program(f, topic, file, entry.path);
        if (!(entry.prestart || entry.create_runtime) || !entry.poststop)
                findings_add(f, FINDING_STOPS, topic, "stages: [\"prestart\", \"poststop\"]",
                        "%s lacks the stage prestart or poststop", file);
        else if (entry.prestart && entry.create_runtime)
                findings_add(f, FINDING_NOTE, topic, "leave one of the two out",
                        "%s has prestart and createRuntime, so that the hook runs twice", file);
        findings_add(f, FINDING_OK, topic, NULL, "%s calls %s", file, entry.path);
        return true;
}

static bool check_cdi(struct findings *f, const char *topic, const char *file)
{
        struct entry entry = {0};
        struct err e;

        if (read_entry(file, of_cdi, &entry, &e) < 0) {
                if (strstr(file, "systemd-hook"))
                        findings_add(f, FINDING_STOPS, topic, "install the package again", "%s", e.text);
                return false;
        }
        if (!entry.is_device)
                return false;
        check_mode(f, topic, file);
        check_program(f, topic, file, entry.path);
        findings_add(f, FINDING_OK, topic, NULL, "%s has the devices, and calls %s", file, entry.path);
        return true;
}

typedef bool check_fn(struct findings *f, const char *topic, const char *file);

/* How many files of the directory are ours. */
static size_t check_directory(struct findings *f, const char *topic, const char *path, check_fn *check)
{
        scoped_dir directory = opendir(path);
        size_t found = 0;

        for (struct dirent *d = directory ? readdir(directory) : NULL; d; d = readdir(directory)) {
                const size_t n = strlen(d->d_name);
                const char *file = n > 5 && strcmp(d->d_name + n - 5, ".json") == 0
                                           ? arena_print(f->arena, "%s/%s", path, d->d_name)
                                           : NULL;

                found += file && check(f, topic, file);
        }
        return found;
}

/* Behind "hooks_dir = [", where no comment has it; NULL: nowhere in text. */
static char *next_list(char *text)
{
        static const char key[] = "hooks_dir";

        for (char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
                char *list = memmem(at, strcspn(at, "\n#"), key, sizeof key - 1);

                if (!list)
                        continue;
                list += sizeof key - 1;
                list += strspn(list, " \t");
                list += *list == '=' ? 1 + strspn(list + 1, " \t") : 0;
                if (*list == '[')
                        return list + 1;
        }
        return NULL;
}

/* The next text of the list, cut out, and in *list what follows; NULL: the list ends. A list may have several lines and comments. */
static const char *next_text(char **list)
{
        char *at = *list + strcspn(*list, "\"'#]"), *end;

        while (*at == '#') {
                at += strcspn(at, "\n");
                at += strcspn(at, "\"'#]");
        }
        end = *at == '"' || *at == '\'' ? strchr(at + 1, *at) : NULL;
        if (!end)
                return NULL;
        *end = '\0';
        *list = end + 1;
        return at + 1;
}

static bool is_customary(const char *directory)
{
        return strcmp(directory, "/usr/share/containers/oci/hooks.d") == 0 ||
               strcmp(directory, "/etc/containers/oci/hooks.d") == 0;
}

/* Directories that hooks_dir = ["…", "…"] of an engine's configuration (TOML) names, besides the customary ones. */
static size_t check_configured(struct findings *f, const char *topic, const char *configuration)
{
        struct err unused;
        char *text = file_copy(AT_FDCWD, configuration, ENTRY_MOST, f->arena, &unused);
        size_t found = 0;

        for (char *list = text ? next_list(text) : NULL; list; list = next_list(list))
                for (const char *directory; (directory = next_text(&list));)
                        if (!is_customary(directory))
                                found += check_directory(f, topic, directory, check_hooks_d);
        return found;
}

/* The same for its drop-ins. */
static size_t check_dropins(struct findings *f, const char *topic, const char *pattern)
{
        size_t found = 0;
        glob_t files;

        if (glob(pattern, 0, NULL, &files) != 0)
                return 0;
        for (size_t i = 0; i < files.gl_pathc; i++)
                found += check_configured(f, topic, files.gl_pathv[i]);
        globfree(&files);
        return found;
}

static bool is_installed(const char *program)
{
        static const char directories[][16] = {
                "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin"};
        char path[128];

        for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
                snprintf(path, sizeof path, "%s/%s", directories[i], program);
                if (access(path, X_OK) == 0)
                        return true;
        }
        return false;
}

static bool says(struct findings *f, const char *file, const char *word)
{
        struct err unused;
        const char *text = file_copy(AT_FDCWD, file, ENTRY_MOST, f->arena, &unused);

        return text && strstr(text, word);
}

/* Of daemon.json the path of the runtime that adds the hook, or NULL. */
static const char *docker_runtime(struct findings *f)
{
        struct err unused;
        char *text = file_copy(AT_FDCWD, "/etc/docker/daemon.json", ENTRY_MOST, f->arena, &unused);
        char *at = text ? strstr(text, "/oci-systemd-runtime\"") : NULL;

        if (!at)
                return NULL;
        at[strcspn(at, "\"")] = '\0';
        while (at > text && at[-1] != '"')
                at--;
        return at;
}

static void check_docker(struct findings *f, bool has_devices)
{
        const char *runtime = docker_runtime(f);

        if (runtime && access(runtime, X_OK) < 0)
                findings_add(f, FINDING_STOPS, "docker", "oci-systemd-hook-configure --engine docker --undo",
                        "daemon.json names %s, which cannot be executed: install oci-systemd-hook-docker, or "
                        "take it out",
                        runtime);
        else if (runtime)
                findings_add(
                        f, FINDING_OK, "docker", NULL, "daemon.json names the runtime that adds the hook");
        else if (!has_devices)
                findings_add(f, FINDING_NOTE, "docker", "oci-systemd-hook-configure --engine docker",
                        "neither a CDI device nor a runtime of Docker's calls the hook: install "
                        "oci-systemd-hook-cdi, or let it be written");
        if (has_devices && !says(f, "/etc/docker/daemon.json", "\"cdi\""))
                findings_add(f, FINDING_NOTE, "docker", "oci-systemd-hook-configure --engine docker",
                        "Docker 25 to 27 knows CDI devices only with {\"features\": {\"cdi\": true}} in "
                        "/etc/docker/daemon.json; 28 has it on");
}

void engines_check(struct findings *f)
{
        const bool podman = is_installed("podman"), crio = is_installed("crio"),
                   docker = is_installed("dockerd"), containerd = is_installed("containerd");
        const size_t cdi = check_directory(f, "cdi", "/etc/cdi", check_cdi) +
                           check_directory(f, "cdi", "/var/run/cdi", check_cdi);
        const size_t usual =
                check_directory(f, "hooks.d", "/usr/share/containers/oci/hooks.d", check_hooks_d);
        const size_t more = check_directory(f, "hooks.d", "/etc/containers/oci/hooks.d", check_hooks_d) +
                            check_configured(f, "hooks.d", "/usr/share/containers/containers.conf") +
                            check_configured(f, "hooks.d", "/etc/containers/containers.conf") +
                            check_dropins(f, "hooks.d", "/etc/containers/containers.conf.d/*.conf");
        const size_t crios = crio ? check_configured(f, "hooks.d", "/etc/crio/crio.conf") +
                                             check_dropins(f, "hooks.d", "/etc/crio/crio.conf.d/*")
                                  : 0;

        if (usual + more > 1)
                findings_add(f, FINDING_NOTE, "hooks.d", "remove all but one",
                        "%zu entries call the hook; it does its work once", usual + more);
        if (podman && usual + more + cdi == 0)
                findings_add(f, FINDING_STOPS, "podman", "oci-systemd-hook-configure --engine podman",
                        "no entry in a hooks.d directory that Podman reads calls the hook");
        if (crio && usual + crios == 0)
                findings_add(f, FINDING_STOPS, "crio", "oci-systemd-hook-configure --engine crio",
                        "no entry in a hooks.d directory that CRI-O reads calls the hook");
        if (docker)
                check_docker(f, cdi > 0);
        if (containerd && !docker && cdi == 0)
                findings_add(f, FINDING_NOTE, "containerd", "oci-systemd-hook-configure --engine containerd",
                        "no CDI device calls the hook; a base specification of a runtime handler may");
        if (!podman && !crio && !docker && !containerd)
                findings_add(f, FINDING_NOTE, "engines", NULL,
                        "none is installed; with runc and crun the hook goes into a bundle's config.json");
}
