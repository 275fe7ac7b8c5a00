/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A container on a host, described by lines, from there to its plan. What is promised of every plan is what
 * tests/unit/plan.c promises of the samples. The first letter of a line says what it is:
 *
 *   h  host: 0 unified, 1 hybrid, 2 legacy, 3 bare
 *   g  at /sys/fs/cgroup: 0 nothing, 1 a tmpfs, 2 cgroup2, 3 the host's
 *   f  letters of what is so: see is_said
 *   v  version of the payload's systemd
 *   p  line of /proc/PID/cgroup as the hook sees it
 *   n  the same as the container sees it
 *   c  mount of config.json: letters, a space, path
 *   m  mount that only the kernel knows
 *   o  option KEY=VALUE
 *   a  annotation KEY=VALUE
 *   e  environment entry
 *   i  id
 *   l  SELinux label
 *   u  who root is outside
 *   b  memory limit
 */
#define main unit_main
#include "../unit/plan.c"
#undef main

#include "fuzz.h"
#include "kernel/proc_text.h"
#include "plan/decide.h"

#define LINE_KINDS 128

struct description {
        char *lines[LINES_MOST];
        size_t count;
        const char *last[LINE_KINDS]; /* the last line of its kind, "" without one */
};

static void describe(struct description *d, char *text)
{
        char *rest = NULL;

        for (int i = 0; i < LINE_KINDS; i++)
                d->last[i] = "";
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
                if (d->count == LINES_MOST)
                        return;
                d->lines[d->count++] = line;
                if ((unsigned char)*line < LINE_KINDS)
                        d->last[(unsigned char)*line] = line + 1;
        }
}

/*
 * f: u user namespace, p cgroup namespace, r read-only rootfs, x SELinux, o os-release, a another payload,
 * 1 and 2 others are in name=systemd and cgroup2, S and U the directories of these are there.
 */
static bool is_said(const struct description *d, char letter)
{
        return strchr(d->last['f'], letter) != NULL;
}

static unsigned number(const struct description *d, char kind)
{
        return (unsigned)strtoul(d->last[(unsigned char)kind], NULL, 10);
}

/* "LETTERS PATH" */
static void write_mount(FILE *f, const char *line, bool first)
{
        const char *path = strchr(line, ' ');

        if (!path)
                path = line;
        fprintf(f,
                "%s{\"type\": \"%s\", \"options\": [\"nosuid\"%s%s%s], \"destination\": ", first ? "" : ", ",
                memchr(line, 't', (size_t)(path - line))   ? "tmpfs"
                : memchr(line, 'c', (size_t)(path - line)) ? "cgroup"
                                                           : "bind",
                memchr(line, 'r', (size_t)(path - line)) ? ", \"ro\"" : "",
                memchr(line, 'w', (size_t)(path - line)) ? ", \"rw\"" : "",
                memchr(line, 'b', (size_t)(path - line)) ? ", \"rbind\"" : "");
        json_write_string(f, path + (*path == ' '));
        fputc('}', f);
}

static void write_annotation(FILE *f, const char *line, bool first)
{
        char key[512];
        const int length = (int)strcspn(line, "=");

        snprintf(key, sizeof key, SETTINGS_PREFIX "%.*s", length, line);
        fputs(first ? "" : ", ", f);
        json_write_string(f, key);
        fputs(": ", f);
        json_write_string(f, line + length + (line[length] == '='));
}

static void write_environment(FILE *f, const char *line, bool first)
{
        fputs(first ? "" : ", ", f);
        json_write_string(f, line);
}

static void write_each(
        const struct description *d, FILE *f, char kind, void (*one)(FILE *f, const char *line, bool first))
{
        bool first = true;

        for (size_t i = 0; i < d->count; i++)
                if (*d->lines[i] == kind) {
                        one(f, d->lines[i] + 1, first);
                        first = false;
                }
}

static void write_config_of(const struct description *d, FILE *f)
{
        fputs("{\"process\": {\"args\": [\"/sbin/init\"], \"env\": [", f);
        write_each(d, f, 'e', write_environment);
        fprintf(f, "]}, \"root\": {\"path\": \"rootfs\", \"readonly\": %s}, \"mounts\": [",
                is_said(d, 'r') ? "true" : "false");
        write_each(d, f, 'c', write_mount);
        fputs("], \"annotations\": {", f);
        write_each(d, f, 'a', write_annotation);
        fprintf(f, "}, \"linux\": {\"namespaces\": [{\"type\": \"pid\"}%s%s], ",
                is_said(d, 'p') ? ", {\"type\": \"cgroup\"}" : "",
                is_said(d, 'u') ? ", {\"type\": \"user\"}" : "");
        if (is_said(d, 'u'))
                fprintf(f,
                        "\"uidMappings\": [{\"containerID\": 0, \"hostID\": %u}], "
                        "\"gidMappings\": [{\"containerID\": 0, \"hostID\": %u}], ",
                        number(d, 'u'), number(d, 'u'));
        fprintf(f, "\"resources\": {\"memory\": {\"limit\": %lld}}, \"mountLabel\": ",
                strtoll(d->last['b'], NULL, 10));
        json_write_string(f, d->last['l']);
        fputs("}}", f);
}

static void write_state_of(const struct description *d, FILE *f)
{
        fputs("{\"pid\": 1, \"bundle\": \"/b\", \"id\": ", f);
        json_write_string(f, d->last['i']);
        fputc('}', f);
}

/* A document of the description, to be freed. */
static char *document(
        const struct description *d, void (*write)(const struct description *d, FILE *f), size_t *ret_length)
{
        char *text = NULL;
        FILE *f = open_memstream(&text, ret_length);

        must_hold(f);
        write(d, f);
        fclose(f);
        return text;
}

static bool read_documents(const struct description *d, struct scenario *s, struct arena *a, struct err *e)
{
        struct oci_state state = {0};
        size_t length;
        char *text = document(d, write_state_of, &length);
        int r = oci_read_state(fuzz_file(text, length), a, &state, e);

        free(text);
        if (r < 0)
                return false;
        s->id = state.id;
        text = document(d, write_config_of, &length);
        r = oci_read_config(fuzz_bundle(text, length), NULL, NULL, a, &s->config, e);
        free(text);
        return r == 1 && oci_annotate(&s->config.annotations, &s->settings, e) == 0;
}

static bool read_options(const struct description *d, struct scenario *s, struct err *e)
{
        s->settings = SETTINGS_DEFAULT;
        for (size_t i = 0; i < d->count; i++) {
                char *value = strchr(d->lines[i], '=');

                if (*d->lines[i] != 'o' || !value)
                        continue;
                *value++ = '\0';
                if (settings_set(&s->settings, d->lines[i] + 1, value, e) < 0)
                        return false;
        }
        return true;
}

static bool read_membership(const struct description *d, char kind, struct arena *a,
        const char *ret_path[HIERARCHIES], struct err *e)
{
        char *text = arena_print(a, "%s", "");

        for (size_t i = 0; i < d->count && text; i++)
                if (*d->lines[i] == kind)
                        text = arena_print(a, "%s%s\n", text, d->lines[i] + 1);
        must_hold(text);
        return proc_text_cgroups(text, ret_path, e) == 0;
}

/* As the kernel writes them; ".." it has, for what is outside of the namespace. */
static bool is_of_kernel(const char *path)
{
        return path[0] == '/' && !strstr(path, "//") && !strstr(path, "/./") &&
               (!path[1] || path[strlen(path) - 1] != '/') &&
               (strlen(path) < 2 || strcmp(path + strlen(path) - 2, "/.") != 0);
}

static bool place_it(const struct description *d, struct facts *f, struct arena *a, struct err *e)
{
        const char *path[HIERARCHIES] = {NULL}, *seen[HIERARCHIES] = {NULL};

        if (!read_membership(d, 'p', a, path, e) || !read_membership(d, 'n', a, seen, e))
                return false;
        for (int h = 0; h < HIERARCHIES; h++) {
                f->place[h] = (struct place){0};
                if (!path[h] || !seen[h])
                        continue;
                if (!is_of_kernel(path[h]) || !is_of_kernel(seen[h]))
                        return false;
                f->place[h] = (struct place){path[h], seen[h],
                        strcmp(path[h], "/") == 0 || is_said(d, h == HIERARCHY_UNIFIED ? '2' : '1')};
        }
        return true;
}

static void mount_one(struct facts *f, struct arena *a, const char *path)
{
        f->mounts = arena_grow(a, f->mounts, f->mount_count, sizeof *f->mounts);
        must_hold(f->mounts);
        f->mounts[f->mount_count++] = path;
}

static void mount_it(const struct description *d, struct facts *f, struct arena *a)
{
        /* what is expected from config.json is in a table that does not grow */
        const char **expected = f->mounts;
        const size_t count = f->mount_count;

        f->mounts = NULL;
        f->mount_count = 0;
        for (size_t i = 0; i < count; i++)
                mount_one(f, a, expected[i]);
        for (size_t i = 0; i < d->count; i++)
                if (*d->lines[i] == 'm' && fuzz_is_clean(d->lines[i] + 1) && oci_concerns_us(d->lines[i] + 1))
                        mount_one(f, a, d->lines[i] + 1);
}

static bool find_facts(const struct description *d, struct scenario *s, struct arena *a, struct err *e)
{
        static const char *const systemd[] = {NULL, "/sys/fs/cgroup/systemd", "/mnt/systemd", NULL};
        static const char *const unified[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", NULL, NULL};
        struct facts *f = &s->facts;

        f->host = (enum host_mode)(*d->last['h'] & 3);
        f->mounted_at[HIERARCHY_SYSTEMD] = systemd[f->host];
        f->mounted_at[HIERARCHY_UNIFIED] = unified[f->host];
        f->selinux = is_said(d, 'x');
        f->os_release = is_said(d, 'o') ? "NAME=host\n" : NULL;
        if (facts_expect(&s->config, a, f, e) < 0)
                return false;
        if ((*d->last['p'] || *d->last['n']) && !place_it(d, f, a, e))
                return false;
        if (*d->last['g']) {
                f->cgroup_mount = (enum cgroup_mount)(*d->last['g'] & 3);
                f->has_directory[HIERARCHY_UNIFIED] = is_said(d, 'U');
                f->has_directory[HIERARCHY_SYSTEMD] = is_said(d, 'S');
        }
        mount_it(d, f, a);
        s->payload.version = number(d, 'v');
        s->payload.is_systemd = !is_said(d, 'a');
        snprintf(s->payload.reason, sizeof s->payload.reason, "the description says so");
        return true;
}

/* RFC 3629, to the letter: yajl takes what is longer than need be, and halves of UTF-16. */
static bool is_utf8(const char *text)
{
        for (const unsigned char *c = (const unsigned char *)text; *c;) {
                const size_t length = *c < 0x80 ? 1 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : 4;
                unsigned code = length == 1 ? *c : *c & (0x7fu >> length);

                for (size_t i = 1; i < length; i++) {
                        if ((c[i] & 0xc0) != 0x80)
                                return false;
                        code = code << 6 | (c[i] & 0x3f);
                }
                if ((length == 2 && code < 0x80) || (length == 3 && code < 0x800) ||
                        (length == 4 && (code < 0x10000 || code > 0x10ffff)) || (code >> 11) == 0x1b ||
                        (*c >= 0x80 && *c < 0xc0) || *c > 0xf4)
                        return false;
                c += length;
        }
        return true;
}

static void check_text_of(const struct plan *p, void (*print)(const struct plan *p, FILE *f), bool json)
{
        char *text = NULL;
        size_t length;
        FILE *f = open_memstream(&text, &length);

        must_hold(f);
        print(p, f);
        fclose(f);
        must_hold(strlen(text) == length);
        if (json)
                must_hold(is_utf8(text));
        for (const char *c = text; *c && !json; c++)
                must_hold((*c >= ' ' && *c < 0x7f) || *c == '\n');
        free(text);
}

static void check_plan(const struct scenario *s, const struct plan *p)
{
        static void (*const checks[])(const struct scenario *s, const struct plan *p) = {check_paths,
                check_tmpfs, check_kept, check_nothing_is_covered, check_filled, check_hierarchies,
                check_isolation, check_hybrid_paths, check_machine_id, check_json};

        for (size_t i = 0; i < count_of(checks); i++)
                checks[i](s, p);
        check_text_of(p, plan_print, false);
        check_text_of(p, plan_print_json, true);
        must_hold(broken == 0);
}

/* Most of its time would go into looks at what printf is given, which the other targets take. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
        return "check_printf=0";
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        char *text = fuzz_text(bytes, length);
        struct description d = {0};
        struct scenario s = {0};
        struct arena a = {0};
        struct plan plan = {0};
        struct err e = {0};

        describe(&d, text);
        if (read_options(&d, &s, &e) && read_documents(&d, &s, &a, &e) && find_facts(&d, &s, &a, &e) &&
                decide(&s.settings, &s.config, &s.payload).acts && scenario_plan(&s, &a, &plan, &e) == 0)
                check_plan(&s, &plan);
        if (e.code)
                fuzz_check_refusal(&e);
        arena_free(&a);
        free(text);
        return 0;
}
