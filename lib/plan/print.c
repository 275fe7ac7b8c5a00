/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan.h"

#include "base/json.h"
#include "plan/private.h"

#include <inttypes.h>
#include <string.h>

static bool has_hierarchy(const struct step *s)
{
        return plan_action_needs(s->action) & NEEDS_HIERARCHY;
}

void plan_print_text(FILE *f, const char *text)
{
        for (const unsigned char *c = (const unsigned char *)text; *c; c++)
                fprintf(f, *c >= ' ' && *c < 0x7f ? "%c" : "\\x%02x", *c);
}

void plan_size_text(struct size size, char *text, size_t most)
{
        static const char *const units[] = {"", "k", "m", "g", "t"};
        unsigned unit = 0;

        if (size.unit == SIZE_PERCENT) {
                snprintf(text, most, "%" PRIu64 "%%", size.value);
                return;
        }
        for (; size.value && size.value % 1024 == 0 && unit < 4; unit++)
                size.value /= 1024;
        snprintf(text, most, "%" PRIu64 "%s", size.value, units[unit]);
}

static void print_tmpfs(const struct step *s, FILE *f)
{
        const struct tmpfs *t = s->tmpfs;
        char size[32];

        if (s->action == STEP_RESIZE) {
                plan_size_text(t->size, size, sizeof size);
                fprintf(f, " size=%s", size);
        }
        if (s->action == STEP_TMPFS) {
                plan_size_text(t->size, size, sizeof size);
                fprintf(f, " size=%s inodes=%" PRIu64 " nosuid nodev%s%s%s%s%s", size, t->inodes,
                        t->attributes & MOUNT_ATTR_NOEXEC ? " noexec" : "",
                        t->attributes & MOUNT_ATTR_RDONLY ? " ro" : "", t->shared ? " shared" : "",
                        t->copy ? " copy-in" : "", s->optional ? " optional" : "");
                if (t->image_mode)
                        fprintf(f, " mode=image");
                else
                        fprintf(f, " mode=%04o", (unsigned)t->mode);
        }
        for (size_t i = 0; i < t->entry_count; i++)
                fprintf(f, "%s%s", i ? "," : " with ", t->entries[i].path);
}

static void print_step(const struct step *s, FILE *f)
{
        fprintf(f, "  %-10s", plan_action_word(s->action));
        if (s->target)
                plan_print_text(f, s->target);
        if (has_hierarchy(s))
                fprintf(f, "%s%s", s->target ? " " : "", hierarchy_names[s->hierarchy]);
        if (s->path) {
                fputc(' ', f);
                plan_print_text(f, s->path);
        }
        if (s->action == STEP_HOLD) {
                fputs(s->source ? " from " : " mounted anew", f);
                plan_print_text(f, s->source ? s->source : "");
        }
        if (s->action == STEP_VIEW || (s->action == STEP_SHOW && s->source)) {
                fputs(s->action == STEP_VIEW ? " from " : " below it ", f);
                plan_print_text(f, s->source);
        }
        if (s->action == STEP_SHOW || s->action == STEP_REPEAT)
                fputs(s->read_only ? " ro" : " rw", f);
        if (s->action == STEP_BOUND)
                fprintf(f, " most=%u depth=%u", s->most, s->depth);
        if (s->action == STEP_FEATURE) {
                fputs(s->target ? ": " : "", f);
                plan_print_text(f, s->source);
        }
        if (s->action == STEP_FILE)
                fprintf(f, " from /run/host/%s ro", s->source);
        if (s->record)
                fputs(s->action == STEP_HOLD && s->optional ? " noted for poststop if unused"
                                                            : " noted for poststop",
                        f);
        if (s->tmpfs)
                print_tmpfs(s, f);
        fputc('\n', f);
}

void plan_print(const struct plan *p, FILE *f)
{
        fprintf(f, "layout: %s (%s)\n", layout_names[p->layout], p->layout_reason);
        fprintf(f, "machine-id: %s\n",
                p->machine_id_by_id ? "derived from the container's id (--id ID shows it)"
                : *p->machine_id    ? p->machine_id
                                    : "the image's");
        if (p->owner || p->group)
                fprintf(f, "container root: %u:%u\n", p->owner, p->group);
        if (p->label) {
                fputs("label: ", f);
                plan_print_text(f, p->label);
                fputc('\n', f);
        }
        fputs("steps:\n", f);
        for (size_t i = 0; i < p->count; i++)
                print_step(&p->steps[i], f);
        for (size_t i = 0; i < p->note_count; i++) {
                fputs("note: ", f);
                plan_print_text(f, p->notes[i]);
                fputc('\n', f);
        }
}

static void member(FILE *f, const char *key, const char *value)
{
        if (!value)
                return;
        fprintf(f, ", \"%s\": ", key);
        json_write_string(f, value);
}

static void print_json_tmpfs(const struct step *s, FILE *f)
{
        const struct tmpfs *t = s->tmpfs;
        char size[32];

        if (s->action == STEP_TMPFS) {
                plan_size_text(t->size, size, sizeof size);
                member(f, "size", size);
                fprintf(f,
                        ", \"inodes\": %" PRIu64
                        ", \"noexec\": %s, \"readOnly\": %s, \"shared\": %s, \"copyIn\": %s",
                        t->inodes, t->attributes & MOUNT_ATTR_NOEXEC ? "true" : "false",
                        t->attributes & MOUNT_ATTR_RDONLY ? "true" : "false", t->shared ? "true" : "false",
                        t->copy ? "true" : "false");
        }
        fputs(", \"entries\": [", f);
        for (size_t i = 0; i < t->entry_count; i++) {
                fputs(i ? ", " : "", f);
                json_write_string(f, t->entries[i].path);
        }
        fputc(']', f);
}

static void print_json_step(const struct step *s, FILE *f)
{
        fprintf(f, "{\"action\": \"%s\"", plan_action_word(s->action));
        member(f, "target", s->target);
        if (has_hierarchy(s))
                member(f, "hierarchy", hierarchy_names[s->hierarchy]);
        member(f, "path", s->path);
        member(f, "source", s->source);
        member(f, "record", s->record);
        if (s->action == STEP_BOUND)
                fprintf(f, ", \"most\": %u, \"depth\": %u", s->most, s->depth);
        if (s->action == STEP_SHOW || s->action == STEP_REPEAT)
                fprintf(f, ", \"readOnly\": %s", s->read_only ? "true" : "false");
        if (s->optional)
                fputs(", \"optional\": true", f);
        if (s->tmpfs)
                print_json_tmpfs(s, f);
        fputc('}', f);
}

void plan_print_json(const struct plan *p, FILE *f)
{
        fprintf(f, "\"layout\": \"%s\"", layout_names[p->layout]);
        member(f, "layoutReason", p->layout_reason);
        member(f, "machineId", *p->machine_id && !p->machine_id_by_id ? p->machine_id : NULL);
        if (p->machine_id_by_id)
                fputs(", \"machineIdDependsOnId\": true", f);
        member(f, "label", p->label);
        fprintf(f, ", \"containerRoot\": [%u, %u], \"steps\": [", p->owner, p->group);
        for (size_t i = 0; i < p->count; i++) {
                fputs(i ? ",\n  " : "\n  ", f);
                print_json_step(&p->steps[i], f);
        }
        fputs("\n], \"notes\": [", f);
        for (size_t i = 0; i < p->note_count; i++) {
                fputs(i ? ",\n  " : "\n  ", f);
                json_write_string(f, p->notes[i]);
        }
        fputs(p->note_count ? "\n]" : "]", f);
}
