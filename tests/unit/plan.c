/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is promised of every plan (lib/plan.h, contract 5 and 6), on the samples of the golden plans. */
#include "../plan/samples.h"

#include "base/json.h"
#include "base/path.h"

/* Which plan is looked at, and how many promises were broken by now: all are told, not only the first. */
static char now[256];
static unsigned broken;

/* Calls check with the plan of every sample and of every cell of the table, rootfs and all. */
static void for_each_plan(void (*check)(const struct scenario *s, const struct plan *p))
{
        const struct sample *sample = samples;
        struct sample cell;

        broken = 0;
        for (unsigned i = 0;; i++) {
                struct arena a = {0};
                struct plan plan = {0};
                struct scenario s;
                struct err e;

                if (i < 4 * SAMPLE_PAYLOADS * 8) {
                        cell = (struct sample){.host = (enum host_mode)(i / (SAMPLE_PAYLOADS * 8)),
                                .version = sample_payloads[i / 8 % SAMPLE_PAYLOADS],
                                .private = i & 1,
                                .user = i & 2,
                                .read_only = i & 4};
                        snprintf(now, sizeof now, "%s host, payload %u, private %d, user %d, read-only %d",
                                sample_hosts[cell.host], cell.version, cell.private, cell.user,
                                cell.read_only);
                        scenario_make(&s, &cell);
                } else if (sample->name) {
                        snprintf(now, sizeof now, "%s", sample->name);
                        scenario_make(&s, sample++);
                } else {
                        assert_int_equal(broken, 0);
                        return;
                }
                if (scenario_plan(&s, &a, &plan, &e) == 0)
                        check(&s, &plan);
                arena_free(&a);
        }
}

static void tell_broken(const struct plan *p, const struct step *s, const char *condition)
{
        const char *about = s->target ? s->target : s->path ? s->path : "";

        print_error("%s: step %zu, %s: not true: %s\n", now, (size_t)(s - p->steps), about, condition);
        broken++;
}

#define promise(condition, step)                                                                             \
        do {                                                                                                 \
                if (!(condition))                                                                            \
                        tell_broken(p, step, #condition);                                                    \
        } while (0)

static bool is_clean(const char *path)
{
        if (path[0] != '/' || (path[1] && path[strlen(path) - 1] == '/'))
                return false;
        return !strstr(path, "//") && !strstr(path, "/./") && !strstr(path, "/../") &&
               (strlen(path) < 2 || strcmp(path + strlen(path) - 2, "/.") != 0) &&
               (strlen(path) < 3 || strcmp(path + strlen(path) - 3, "/..") != 0);
}

static bool is_strictly_below(const char *path, const char *directory)
{
        const char *below = path_below(path, directory);

        return below && *below;
}

static void check_paths(const struct scenario *s, const struct plan *p)
{
        (void)s;
        for (const struct step *t = p->steps; t < p->steps + p->count; t++) {
                promise(t->action < STEP_ACTIONS && t->hierarchy < HIERARCHIES, t);
                promise(!t->target || is_clean(t->target), t);
                promise(!t->path || is_clean(t->path), t);
                promise(!t->record || is_clean(t->record), t);
                promise(t->action == STEP_FILE || !t->source || is_clean(t->source), t);
                promise(t->action != STEP_FILE || !strchr(t->source, '/'), t);
                promise(!t->base || is_strictly_below(t->target, t->base), t);
                promise((t->tmpfs != NULL) == (t->action == STEP_TMPFS || t->action == STEP_FILL ||
                                                      t->action == STEP_RESIZE),
                        t);
                promise((t->target != NULL) == ((plan_action_needs(t->action) & NEEDS_TARGET) != 0), t);
        }
        /* a mount of the user's there is kept in mind while config.json is read: oci/places.h */
        for (const struct step *t = p->steps; t < p->steps + p->count; t++)
                promise(!t->target || oci_concerns_us(t->target) || t->action == STEP_CLAIM, t);
        assert_true(p->count <= 40 + 2 * s->facts.mount_count);
}

/* Each of ours once, what lies in it after it, and within bounds. */
static void check_tmpfs(const struct scenario *s, const struct plan *p)
{
        (void)s;
        for (const struct step *t = p->steps; t < p->steps + p->count; t++) {
                if (t->action != STEP_TMPFS)
                        continue;
                for (const struct step *u = p->steps; u < t; u++) {
                        promise(u->action != STEP_TMPFS || strcmp(u->target, t->target) != 0, t);
                        promise(u->action == STEP_STASH || !u->target || !path_below(u->target, t->target),
                                u);
                }
                promise(t->tmpfs->size.unit != SIZE_OFF && t->tmpfs->size.value > 0, t);
                promise(t->tmpfs->size.unit != SIZE_PERCENT || t->tmpfs->size.value <= 100, t);
                promise(t->tmpfs->inodes > 0, t);
        }
}

/* What a tmpfs covers is held before the first of them and put back after the last, where it can be put back.
 */
static void check_kept(const struct scenario *s, const struct plan *p)
{
        size_t kept = 0, returned = 0;

        (void)s;
        for (const struct step *t = p->steps; t < p->steps + p->count; t++) {
                if (t->action != STEP_STASH && t->action != STEP_RESTORE)
                        continue;
                kept += t->action == STEP_STASH;
                returned += t->action == STEP_RESTORE;

                size_t partners = 0, above = 0;

                for (const struct step *u = p->steps; u < p->steps + p->count; u++) {
                        /* what goes into a volume comes when that is at its place again */
                        const bool is_late = u > t && is_strictly_below(u->target, t->target);
                        const bool covers = u->action == STEP_TMPFS && !step_is_of_cgroups(u) && !is_late;

                        promise(!covers || (t->action == STEP_STASH ? u > t : u < t), t);
                        promise(u == t || u->action != t->action || !path_below(u->target, t->target), t);
                        partners += u->action == (t->action == STEP_STASH ? STEP_RESTORE : STEP_STASH) &&
                                    strcmp(u->target, t->target) == 0;
                        if (!covers || !is_strictly_below(t->target, u->target))
                                continue;
                        above++;
                        promise(t->action == STEP_STASH || !(u->tmpfs->attributes & MOUNT_ATTR_RDONLY), t);
                }
                promise(partners == 1 && above > 0, t);
        }
        assert_int_equal(kept, returned);
}

/* No mount of the engine's or the user's ends up under a tmpfs of ours. */
static void check_nothing_is_covered(const struct scenario *s, const struct plan *p)
{
        for (size_t i = 0; i < s->facts.mount_count; i++) {
                const char *mount = s->facts.mounts[i];
                bool kept = false;

                for (const struct step *t = p->steps; t < p->steps + p->count; t++)
                        kept |= t->action == STEP_STASH && path_below(mount, t->target);
                for (const struct step *t = p->steps; t < p->steps + p->count; t++)
                        if (t->action == STEP_TMPFS && !step_is_of_cgroups(t))
                                promise(kept || !path_below(mount, t->target), t);
        }
}

/* Only the fresh tmpfs that is last mounted there belongs to the container alone. */
static void check_filled(const struct scenario *s, const struct plan *p)
{
        for (const struct step *t = p->steps; t < p->steps + p->count; t++) {
                const struct oci_mount *last = NULL;
                size_t times = 0;

                if (t->action != STEP_FILL)
                        continue;
                for (size_t i = 0; i < s->config.mount_count; i++)
                        if (strcmp(s->config.mounts[i].destination, t->target) == 0)
                                last = &s->config.mounts[i];
                for (size_t i = 0; i < s->facts.mount_count; i++)
                        times += strcmp(s->facts.mounts[i], t->target) == 0;
                promise(last && last->is_tmpfs && !last->read_only, t);
                promise(times == 1, t);
        }
}

/* What the steps on one hierarchy give the payload. */
struct given {
        const struct step *held, *shown, *repeated, *writable, *joined, *made, *bound;
};

static struct given given_of(const struct plan *p, enum hierarchy h)
{
        struct given g = {0};

        for (const struct step *t = p->steps; t < p->steps + p->count; t++) {
                if (t->hierarchy != h || !(plan_action_needs(t->action) & NEEDS_HIERARCHY))
                        continue;
                promise((g.held != NULL) == (t->action != STEP_HOLD), t);
                promise(!g.shown || t->action == STEP_REPEAT || t->action == STEP_WRITABLE, t);
                promise(t->action != STEP_WRITABLE || (g.shown && !g.writable), t);
                promise(t->action != STEP_REPEAT || (g.shown && !g.writable && !g.repeated), t);
                promise(t->action != STEP_MAKE || !g.bound, t); /* what the hook makes is not refused to it */
                if (t->action == STEP_HOLD)
                        g.held = t;
                if (t->action == STEP_MAKE && !g.made)
                        g.made = t;
                if (t->action == STEP_JOIN)
                        g.joined = t;
                if (t->action == STEP_BOUND)
                        g.bound = t;
                if (t->action == STEP_SHOW)
                        g.shown = t;
                if (t->action == STEP_REPEAT)
                        g.repeated = t;
                if (t->action == STEP_WRITABLE)
                        g.writable = t;
        }
        return g;
}

/* Where the process ends up: below what is shown, under the path by which it is going to see itself. */
static void check_hierarchies(const struct scenario *s, const struct plan *p)
{
        for (enum hierarchy h = 0; h < HIERARCHIES; h++) {
                const struct given g = given_of(p, h);
                const char *seen = s->facts.place[h].path ? s->facts.place[h].seen : "/";

                if (!g.held)
                        continue;
                assert_non_null(g.shown);
                promise(g.repeated ? path_below(g.repeated->path, seen) || strcmp(seen, "/") == 0
                                   : strcmp(seen, "/") == 0,
                        g.shown);
                if (!g.joined)
                        continue;

                const char *below = strcmp(g.shown->path, "/") == 0
                                            ? g.joined->path
                                            : path_below(g.joined->path, g.shown->path);

                assert_non_null(below);
                promise(strcmp(below, g.writable ? g.writable->path : "") == 0, g.joined);
        }
}

/*
 * Nothing above the container's own cgroup is held to be shown, or only until it is shown: a part of it then. Its
 * limits stay out of reach but of a container that could remount all the same; what it can make is bounded.
 */
static void check_isolation(const struct scenario *s, const struct plan *p)
{
        const struct facts *f = &s->facts;
        const bool privileged = !f->user_namespace && s->config.capabilities & UINT64_C(1) << 21;

        for (enum hierarchy h = 0; h < HIERARCHIES; h++) {
                const struct given g = given_of(p, h);
                const struct place *place = &f->place[h];

                if (!g.held)
                        continue;

                const bool made = g.made && g.made->record && strstr(g.made->path, "/oci-");
                const bool is_own = !made && f->mounted_at[h] && place->path && strcmp(place->path, "/") != 0;
                const struct step *top = g.repeated ? g.repeated : g.shown;

                if (is_own) {
                        const char *below = path_below(g.held->source, f->mounted_at[h]);

                        promise(below && strcmp(below, place->path) == 0, g.held);
                        promise(g.held->record && strcmp(g.held->record, place->path) == 0, g.held);
                } else {
                        promise(strcmp(g.shown->path, "/") != 0, g.shown);
                }
                promise(privileged || !g.repeated || g.shown->read_only, g.shown);
                if (h == HIERARCHY_UNIFIED && !privileged) {
                        promise(f->user_namespace || (top->read_only && g.writable), top);
                        promise(g.bound && strcmp(g.bound->path, g.shown->path) == 0 && g.bound->most > 0 &&
                                        g.bound->depth > 0,
                                g.held);
                }
                promise(!privileged || (!g.writable && !top->read_only && !g.bound), top);
        }
}

/*
 * systemd takes the path that it reads of cgroup2 for its path in name=systemd, when it is shown both: they
 * have one name, below places which differ where one runtime manages one hierarchy alone and the namespace is
 * the host's.
 */
static void check_hybrid_paths(const struct scenario *s, const struct plan *p)
{
        char path[HIERARCHIES][512];
        const char *seen[HIERARCHIES];

        if (p->layout != LAYOUT_HYBRID)
                return;
        for (enum hierarchy h = 0; h < HIERARCHIES; h++) {
                const struct given g = given_of(p, h);

                seen[h] = s->facts.place[h].path ? s->facts.place[h].seen : "/";
                snprintf(path[h], sizeof path[h], "%s%s", g.repeated ? g.repeated->path : "",
                        g.writable ? g.writable->path : "");
        }
        if (strcmp(path[0], path[1]) == 0 || strcmp(seen[0], seen[1]) != 0)
                return;
        print_error("%s: %s in cgroup2, %s in name=systemd\n", now, path[0], path[1]);
        broken++;
}

/* The id that the plan names is given by some step or by a mount of the user's. */
static void check_machine_id(const struct scenario *s, const struct plan *p)
{
        bool given = !*p->machine_id || scenario_has_mount(s, "/etc/machine-id");

        for (const struct step *t = p->steps; t < p->steps + p->count; t++)
                given |= t->action == STEP_FILE && strcmp(t->target, "/etc/machine-id") == 0;
        if (given)
                return;
        print_error("%s: no step gives the container its machine-id\n", now);
        broken++;
}

static void test_paths(void **state)
{
        (void)state;
        for_each_plan(check_paths);
}

static void test_tmpfs(void **state)
{
        (void)state;
        for_each_plan(check_tmpfs);
}

static void test_kept(void **state)
{
        (void)state;
        for_each_plan(check_kept);
}

static void test_nothing_is_covered(void **state)
{
        (void)state;
        for_each_plan(check_nothing_is_covered);
}

static void test_filled(void **state)
{
        (void)state;
        for_each_plan(check_filled);
}

static void test_hierarchies(void **state)
{
        (void)state;
        for_each_plan(check_hierarchies);
}

static void test_isolation(void **state)
{
        (void)state;
        for_each_plan(check_isolation);
}

static void test_hybrid_paths(void **state)
{
        (void)state;
        for_each_plan(check_hybrid_paths);
}

static void test_machine_id(void **state)
{
        (void)state;
        for_each_plan(check_machine_id);
}

struct counted {
        size_t steps;
};

static int count_step(void *to, const struct json_value *v, struct err *e)
{
        struct counted *c = to;

        (void)v, (void)e;
        c->steps++;
        return 0;
}

static int check_text(void *to, const struct json_value *v, struct err *e)
{
        (void)to;
        return v->length ? 0 : err_refuse(e, "empty");
}

static const struct json_field json_step_members[] = {{"action", JSON_STRING, .set = check_text},
        {"target", JSON_STRING, .set = check_text}, {"hierarchy", JSON_STRING, .set = check_text}, {NULL}};
static const struct json_field json_step[] = {{"", JSON_OBJECT, json_step_members, .set = count_step}};
static const struct json_field json_plan[] = {{"layout", JSON_STRING, .set = check_text},
        {"machineId", JSON_STRING, .set = check_text}, {"steps", JSON_ARRAY, json_step}, {NULL}};

/* Read back by a reader that takes no key twice and no byte that is not UTF-8. */
static void check_json(const struct scenario *s, const struct plan *p)
{
        struct counted counted = {0};
        char *text = NULL;
        size_t length;
        FILE *f = open_memstream(&text, &length);
        struct err e;

        (void)s;
        assert_non_null(f);
        fputc('{', f);
        plan_print_json(p, f);
        fputc('}', f);
        fclose(f);

        int fd = file_of(text, length);
        int r = json_read(fd, "the plan", 1 << 20, json_plan, &counted, &e);

        close(fd);
        free(text);
        if (r == 0 && counted.steps == p->count)
                return;
        print_error("%s: %s\n", now, r < 0 ? e.text : "not as many steps");
        broken++;
}

static void test_json(void **state)
{
        (void)state;
        for_each_plan(check_json);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_paths),
                cmocka_unit_test(test_tmpfs),
                cmocka_unit_test(test_kept),
                cmocka_unit_test(test_nothing_is_covered),
                cmocka_unit_test(test_filled),
                cmocka_unit_test(test_hierarchies),
                cmocka_unit_test(test_isolation),
                cmocka_unit_test(test_hybrid_paths),
                cmocka_unit_test(test_machine_id),
                cmocka_unit_test(test_json),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
