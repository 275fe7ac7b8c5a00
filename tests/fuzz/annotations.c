/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings, a line "KEY=VALUE" each: as options of the administrator, and as annotations. */
#include "fuzz.h"

#include "oci/oci.h"

#define LINES_MOST 64

static void check_size(struct size size)
{
        must_hold(size.unit == SIZE_OFF || size.unit == SIZE_BYTES || size.unit == SIZE_PERCENT);
        must_hold((size.unit == SIZE_OFF) == (size.value == 0));
        must_hold(size.value <= (size.unit == SIZE_PERCENT ? 100 : UINT64_C(1) << 50));
}

static void check(const struct settings *s)
{
        must_hold(s->mode <= MODE_OFF && s->cgroup <= CGROUP_LEGACY && s->journal <= JOURNAL_IMAGE);
        must_hold(s->machine_id <= MACHINE_ID_GIVEN);
        if (s->machine_id == MACHINE_ID_GIVEN)
                must_hold(strlen(s->given_machine_id) == 32 &&
                          strspn(s->given_machine_id, "0123456789abcdef") == 32);
        check_size(s->run);
        check_size(s->tmp);
        check_size(s->journal_size);
}

static bool is_same_size(struct size a, struct size b)
{
        return a.unit == b.unit && a.value == b.value;
}

static bool is_same(const struct settings *a, const struct settings *b)
{
        return a->mode == b->mode && a->cgroup == b->cgroup && a->machine_id == b->machine_id &&
               strcmp(a->given_machine_id, b->given_machine_id) == 0 && a->journal == b->journal &&
               is_same_size(a->run, b->run) && is_same_size(a->tmp, b->tmp) &&
               is_same_size(a->journal_size, b->journal_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        char *text = fuzz_text(bytes, length), *rest = NULL;
        struct annotation list[LINES_MOST];
        struct annotations annotations = {list, 0};
        struct settings options = SETTINGS_DEFAULT, annotated = SETTINGS_DEFAULT, before;
        struct err e = {0};
        bool refused = false;

        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
                char *value = strchr(line, '=');

                if (!value || annotations.count == LINES_MOST)
                        continue;
                *value++ = '\0';
                list[annotations.count++] = (struct annotation){line, value};
                if (refused)
                        continue;
                before = options;
                refused = settings_set(&options, line, value, &e) < 0;
                if (refused)
                        must_hold(is_same(&before, &options));
                check(&options);
        }
        must_hold((oci_annotate(&annotations, &annotated, &e) < 0) == refused);
        must_hold(is_same(&options, &annotated));
        if (refused)
                fuzz_check_refusal(&e);
        free(text);
        return 0;
}
