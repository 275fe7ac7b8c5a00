/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "findings.h"
#include "screen.h"

#include "base/json.h"
#include "plan/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define INDENT 18 /* columns of level and topic */

void findings_add(struct findings *f, enum finding_level level, const char *topic, const char *cure,
        const char *format, ...)
{
        char text[1024];
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof text, format, ap);
        va_end(ap);

        struct finding *grown = arena_grow(f->arena, f->list, f->count, sizeof *grown);
        const char *kept = grown ? arena_copy(f->arena, text, strlen(text)) : NULL;

        f->stops |= level == FINDING_STOPS;
        if (!kept) {
                f->has_failed = true;
                return;
        }
        f->list = grown;
        f->list[f->count++] = (struct finding){level, topic, kept, cure};
}

void findings_print(const struct findings *f)
{
        static const char words[][6] = {"ok", "note", "stops"},
                          colours[][6] = {"\33[32m", "\33[33m", "\33[31m"};
        const bool colour = screen_has_colour();

        for (size_t i = 0; i < f->count; i++) {
                const struct finding *at = &f->list[i];

                printf("%s%-6s%s%-11.11s ", colour ? colours[at->level] : "", words[at->level],
                        colour ? "\33[0m" : "", at->topic);
                screen_words(at->text, INDENT, INDENT);
                if (at->cure) {
                        printf("%*s", INDENT, "");
                        plan_print_text(stdout, at->cure);
                        putchar('\n');
                }
        }
}

void findings_print_json(const struct findings *f)
{
        static const char words[][6] = {"ok", "note", "stops"};

        putchar('[');
        for (size_t i = 0; i < f->count; i++) {
                const struct finding *at = &f->list[i];

                printf("%s\n  {\"level\": \"%s\", \"topic\": ", i ? "," : "", words[at->level]);
                json_write_string(stdout, at->topic);
                fputs(", \"text\": ", stdout);
                json_write_string(stdout, at->text);
                if (at->cure) {
                        fputs(", \"cure\": ", stdout);
                        json_write_string(stdout, at->cure);
                }
                putchar('}');
        }
        fputs("\n]", stdout);
}
