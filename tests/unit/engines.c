/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `check` finds of engines' entries, and by what words `explain` knows a container: over files of the test's own. */
#include "engines.h"
#include "containers.h"
#include "support.h"

static const char hooks_d[] = "/etc/containers/oci/hooks.d";

/* The whole path, below a directory that is the test's. */
static bool make_file(const char *path, const char *text, mode_t mode)
{
        char above[PATH_MAX];
        int fd;

        snprintf(above, sizeof above, "%s", path);
        for (char *slash = above + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
                *slash = '\0';
                if (mkdir(above, 0755) < 0 && errno != EEXIST)
                        return false;
        }
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fchmod(fd, mode) == 0 &&
               close(fd) == 0;
}

static bool make_entry(const char *name, const char *stages, mode_t mode)
{
        char path[128], text[256];

        snprintf(path, sizeof path, "%s/%s", hooks_d, name);
        snprintf(text, sizeof text,
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/etc/oci-systemd-hook\"},\"stages\":[%s]}",
                stages);
        return make_file("/etc/oci-systemd-hook", "#!/bin/sh\n", 0755) && make_file(path, text, mode);
}

/* Whether there is a finding of the level with this text. */
static bool has(const struct findings *f, enum finding_level level, const char *text)
{
        for (size_t i = 0; i < f->count; i++)
                if (f->list[i].level == level && strstr(f->list[i].text, text))
                        return true;
        return false;
}

static struct findings check(struct arena *a)
{
        struct findings f = {.arena = a};

        engines_check(&f);
        return f;
}

static const char *work_entries(const char *directory)
{
        static const char both[] = "\"prestart\",\"poststop\"";
        struct arena a = {0};
        struct findings f;

        (void)directory;
        umask(0);
        if (mount("etc", "/etc", "tmpfs", 0, NULL) < 0)
                return "skip";
        must(make_entry("a.json", both, 0644));
        f = check(&a);
        must(has(&f, FINDING_OK, "/etc/containers/oci/hooks.d/a.json calls /etc/oci-systemd-hook"));
        must(!has(&f, FINDING_STOPS, "a.json") && !has(&f, FINDING_NOTE, "entries call the hook"));
        must(make_entry("a.json", both, 0640));
        f = check(&a);
        must(has(&f, FINDING_STOPS, "a.json is not readable by all, and every container of every rootless"));
        must(!has(&f, FINDING_STOPS, "writable by others"));
        must(make_entry("a.json", both, 0664));
        f = check(&a);
        must(has(&f, FINDING_STOPS, "a.json is writable by others, who can be root by it"));
        must(make_entry("a.json", "\"prestart\"", 0644));
        f = check(&a);
        must(has(&f, FINDING_STOPS, "a.json lacks the stage prestart or poststop"));
        must(make_entry("a.json", "\"poststop\"", 0644));
        f = check(&a);
        must(has(&f, FINDING_STOPS, "a.json lacks the stage prestart or poststop"));
        must(make_entry("a.json", both, 0644) && make_entry("b.json", both, 0644));
        f = check(&a);
        must(has(&f, FINDING_NOTE, "2 entries call the hook; it does its work once"));
        must(chmod("/etc/oci-systemd-hook", 0644) == 0);
        f = check(&a);
        must(has(&f, FINDING_STOPS, "a.json names /etc/oci-systemd-hook, which cannot be executed"));
        arena_free(&a);
        return NULL;
}

static void test_entries(void **state)
{
        with_own_mounts(work_entries, *state);
}

static bool make_container(const char *id)
{
        char path[128], text[128];

        snprintf(path, sizeof path, "/run/runc/%s/state.json", id);
        snprintf(
                text, sizeof text, "{\"init_process_pid\":7,\"config\":{\"labels\":[\"bundle=/b/%s\"]}}", id);
        return make_file(path, text, 0600);
}

static bool is_found(const char *name, const char *id)
{
        struct arena a = {0};
        struct known_container c = {NULL};
        struct err e = {0};
        const bool found = containers_find(name, &a, &c, &e) == 0 && strcmp(c.id, id) == 0 &&
                           strncmp(c.bundle, "/b/", 3) == 0 && strcmp(c.bundle + 3, id) == 0 && c.pid == 7;

        arena_free(&a);
        return found;
}

static bool is_refused(const char *name, const char *sentence)
{
        struct arena a = {0};
        struct known_container c;
        struct err e = {0};
        const bool refused = containers_find(name, &a, &c, &e) < 0 && strstr(e.text, sentence);

        arena_free(&a);
        return refused;
}

static const char *work_names(const char *directory)
{
        static const char *const patterns[] = {"", "*", "web?", "[w]eb1", "../web1", "/web1", "we\\b1"};

        (void)directory;
        if (mount("run", "/run", "tmpfs", 0, NULL) < 0)
                return "skip";
        must(make_container("web1"));
        must(is_found("web1", "web1") && is_found("w", "web1"));
        for (size_t i = 0; i < count_of(patterns); i++)
                if (!is_refused(patterns[i], "is not a container's id or name"))
                        return patterns[i];
        must(is_refused("db", "no container db is known to runc, crun, Podman, Docker or containerd"));
        must(make_container("web2"));
        must(is_refused("web", "2 containers have an id that begins with web; give more of it"));
        must(make_container("web")); /* which is then the one, and not a beginning */
        must(is_found("web", "web"));
        return NULL;
}

static void test_names(void **state)
{
        with_own_mounts(work_names, *state);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_entries, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_names, scratch_make, scratch_remove),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
