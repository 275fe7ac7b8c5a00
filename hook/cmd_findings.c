/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "findings.h"

#include "base/json.h"
#include "plan/plan.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

static size_t width(void)
{
        struct winsize size;

        if (!isatty(STDOUT_FILENO))
                return SIZE_MAX;
        return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 2 * INDENT ? size.ws_col : 80;
}

/* Words of text, from column at on; a word that has no room begins a line. What is not printable is escaped. */
static void print_words(const char *text, size_t at, size_t most)
{
        while (*text) {
                const size_t n = strcspn(text, " ");
                char word[512];

                snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), text);
                if (at > INDENT && at + 1 + n > most) {
                        printf("\n%*s", INDENT, "");
                        at = INDENT;
                } else if (at > INDENT) {
                        putchar(' ');
                        at++;
                }
                plan_print_text(stdout, word);
                at += n;
                text += n + strspn(text + n, " ");
        }
        putchar('\n');
}

static bool has_colour(void)
{
        const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

        return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

void findings_print(const struct findings *f)
{
        static const char words[][6] = {"ok", "note", "stops"},
                          colours[][6] = {"\33[32m", "\33[33m", "\33[31m"};
        const bool colour = has_colour();
        const size_t most = width();

        for (size_t i = 0; i < f->count; i++) {
                const struct finding *at = &f->list[i];

                printf("%s%-6s%s%-11.11s ", colour ? colours[at->level] : "", words[at->level],
                        colour ? "\33[0m" : "", at->topic);
                print_words(at->text, INDENT, most);
                if (at->cure) {
                        printf("%*s", INDENT, "");
                        print_words(at->cure, INDENT, SIZE_MAX);
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
