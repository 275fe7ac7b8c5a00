/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Golden plans. Facts, configurations and settings that a host, an engine and a user could bring are planned,
 * and what `plan` would print for them is compared with golden.txt. What the contract promises of every plan
 * is checked on each.
 *
 *   golden            compares, and shows the difference
 *   golden --update   writes golden.txt anew, to be read before it is committed
 *
 * It is run from the top of the tree.
 */
#include "samples.h"

static const char golden_file[] = "tests/plan/golden.txt";

/* The part of the plan that a sample is about. Its lines that are the same everywhere are left out of all but
 * whole plans. */
static char *print(const struct plan *whole, enum show show)
{
        char *text = NULL, *line, *rest = NULL, *kept = NULL;
        size_t length;
        struct plan part = *whole;
        FILE *f = open_memstream(&text, &length);

        assert_non_null(f);
        part.steps = calloc(whole->count, sizeof *part.steps);
        assert_non_null(part.steps);
        part.count = 0;
        for (size_t i = 0; i < whole->count; i++)
                if (show == SHOW_ALL || step_is_of_cgroups(&whole->steps[i]) == (show == SHOW_CGROUPS))
                        part.steps[part.count++] = whole->steps[i];
        plan_print(&part, f);
        free(part.steps);
        fclose(f);
        if (show == SHOW_ALL)
                return text;

        f = open_memstream(&kept, &length);
        assert_non_null(f);
        for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
                if (strcmp(line, "steps:") != 0 &&
                        strncmp(line, show == SHOW_CGROUPS ? "machine-id:" : "layout:", 7) != 0)
                        fprintf(f, "%s\n", line);
        fclose(f);
        free(text);
        return kept;
}

/* The plan of a scenario as text, or the sentence that refuses it. */
static char *plan_text_of(struct scenario *s, enum show show)
{
        struct arena a = {0};
        struct plan plan = {0};
        struct err e;
        char *text = NULL;

        if (scenario_plan(s, &a, &plan, &e) == 0)
                text = print(&plan, show);
        else if (asprintf(&text, "refused: %s\n", e.text) < 0)
                text = NULL;
        assert_non_null(text);
        arena_free(&a);
        return text;
}

/* One cell of host, namespaces: the payloads that get the same are printed together. */
static void print_cell(FILE *f, enum host_mode host, bool private, bool user)
{
        char *texts[SAMPLE_PAYLOADS];

        for (size_t i = 0; i < SAMPLE_PAYLOADS; i++) {
                struct sample sample = {.host = host,
                        .version = sample_payloads[i],
                        .private = private,
                        .user = user,
                        .read_only = false};
                struct scenario s;

                scenario_make(&s, &sample);
                texts[i] = plan_text_of(&s, SHOW_CGROUPS);
                sample.read_only = true;
                scenario_make(&s, &sample);

                char *read_only = plan_text_of(&s, SHOW_CGROUPS);

                assert_string_equal(texts[i], read_only); /* the rootfs has no part in this */
                free(read_only);
        }
        for (size_t i = 0; i < SAMPLE_PAYLOADS; i++) {
                if (i && strcmp(texts[i], texts[i - 1]) == 0)
                        continue;
                fprintf(f, "# %s host, cgroup namespace %s, user namespace %s, payload", sample_hosts[host],
                        private ? "private" : "host", user ? "yes" : "no");
                for (size_t k = i; k < SAMPLE_PAYLOADS && strcmp(texts[k], texts[i]) == 0; k++)
                        fprintf(f, " %u", sample_payloads[k]);
                fprintf(f, "\n%s\n", texts[i]);
        }
        for (size_t i = 0; i < SAMPLE_PAYLOADS; i++)
                free(texts[i]);
}

static char *print_everything(void)
{
        char *text = NULL;
        size_t length;
        FILE *f = open_memstream(&text, &length);

        assert_non_null(f);
        fputs("# Made by tests/plan/golden --update. What is the same for every rootfs and payload is "
              "printed once.\n\n",
                f);
        for (int host = HOST_UNIFIED; host <= HOST_BARE; host++)
                for (int cell = 0; cell < 4; cell++)
                        print_cell(f, (enum host_mode)host, cell & 1, cell & 2);
        for (const struct sample *sample = samples; sample->name; sample++) {
                struct scenario s;

                scenario_make(&s, sample);

                char *plan = plan_text_of(&s, sample->show);

                fprintf(f, "# %s\n%s\n", sample->name, plan);
                free(plan);
        }
        fclose(f);
        return text;
}

static char *read_golden(void)
{
        char *text = NULL;
        size_t length, n;
        char buffer[4096];
        FILE *in = fopen(golden_file, "re"), *f = open_memstream(&text, &length);

        assert_non_null(f);
        if (!in)
                fail_msg("%s: %s; it is run from the top of the tree", golden_file, strerror(errno));
        while ((n = fread(buffer, 1, sizeof buffer, in)) > 0)
                fwrite(buffer, 1, n, f);
        fclose(in);
        fclose(f);
        return text;
}

struct text {
        char *lines[LINES_MOST];
        size_t count;
};

static void split(char *text, struct text *ret)
{
        ret->count = 0;
        for (char *line = text; *line && ret->count < LINES_MOST; ret->count++) {
                char *end = strchrnul(line, '\n');

                ret->lines[ret->count] = line;
                line = *end ? end + 1 : end;
                *end = '\0';
        }
}

/* The longest common subsequence, as diff(1) has it; common[i][j] is its length for what follows i and j. */
static void show_difference(const struct text *was, const struct text *is)
{
        const size_t width = is->count + 1;
        unsigned short *common = calloc((was->count + 1) * width, sizeof *common);
        size_t i = 0, j = 0;
        const char *title = "";

        assert_non_null(common);
        for (size_t x = was->count; x-- > 0;)
                for (size_t y = is->count; y-- > 0;) {
                        const unsigned short right = common[x * width + y + 1],
                                             down = common[(x + 1) * width + y];

                        common[x * width + y] = strcmp(was->lines[x], is->lines[y]) == 0
                                                        ? common[(x + 1) * width + y + 1] + 1
                                                : right > down ? right
                                                               : down;
                }
        while (i < was->count || j < is->count) {
                const bool same = i < was->count && j < is->count && strcmp(was->lines[i], is->lines[j]) == 0;

                if (same && is->lines[j][0] == '#')
                        title = is->lines[j];
                if (!same && *title) {
                        print_message("@@ %s\n", title);
                        title = "";
                }
                if (same)
                        i++, j++;
                else if (j < is->count &&
                         (i == was->count || common[i * width + j + 1] > common[(i + 1) * width + j]))
                        print_message("+%s\n", is->lines[j++]);
                else
                        print_message("-%s\n", was->lines[i++]);
        }
        free(common);
}

static void test_plans_are_the_golden_ones(void **state)
{
        char *is = print_everything(), *was = read_golden();
        static struct text old, new;

        (void)state;
        if (strcmp(is, was) == 0) {
                free(is);
                free(was);
                return;
        }
        split(was, &old);
        split(is, &new);
        show_difference(&old, &new);
        free(is);
        free(was);
        fail_msg("the plans are not those of %s; tests/plan/golden --update takes them over", golden_file);
}

static void test_the_same_input_gives_the_same_plan(void **state)
{
        char *first = print_everything(), *second = print_everything();

        (void)state;
        assert_string_equal(first, second);
        free(first);
        free(second);
}

static int update(void)
{
        char *text = print_everything();
        FILE *f = fopen(golden_file, "we");
        int status = !f || fputs(text, f) < 0 || fclose(f) != 0;

        if (status)
                perror(golden_file);
        free(text);
        return status;
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_plans_are_the_golden_ones),
                cmocka_unit_test(test_the_same_input_gives_the_same_plan),
        };

        if (argc > 1 && strcmp(argv[1], "--update") == 0)
                return update();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
