/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "screen.h"

#include "plan/plan.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NARROWEST   40 /* columns: below that, or unknown, it is 80 */
#define STEP_INDENT 12 /* "  tmpfs     " */

size_t screen_width(void)
{
        struct winsize size;

        if (!isatty(STDOUT_FILENO))
                return SIZE_MAX;
        return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= NARROWEST ? size.ws_col : 80;
}

bool screen_has_colour(void)
{
        const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

        return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

bool screen_has_utf8(void)
{
        const char *locale = getenv("LC_ALL");

        if (!locale || !*locale)
                locale = getenv("LC_CTYPE");
        if (!locale || !*locale)
                locale = getenv("LANG");
        return locale && (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
}

/* The next piece that is not divided: up to a space, or behind a comma. */
static size_t piece(const char *text)
{
        const size_t n = strcspn(text, " ,");

        return text[n] == ',' ? n + 1 : n;
}

/* What is not printable is escaped. */
static void print_piece(const char *text, size_t n)
{
        char part[512];

        for (size_t done = 0; done < n; done += sizeof part - 1) {
                snprintf(part, sizeof part, "%.*s", (int)(n - done), text + done);
                plan_print_text(stdout, part);
        }
}

void screen_words(const char *text, size_t at, size_t indent)
{
        const size_t most = screen_width();
        bool space = false;

        while (*text) {
                const size_t n = piece(text);

                if (at > indent && at + space + n > most) {
                        printf("\n%*s", (int)indent, "");
                        at = indent;
                } else if (space) {
                        putchar(' ');
                        at++;
                }
                print_piece(text, n);
                at += n;
                text += n;
                space = *text == ' ';
                text += strspn(text, " ");
        }
        putchar('\n');
}

/* The colour of a line that begins so. */
static const char *colour_of(const char *line, size_t length)
{
        static const struct {
                char word[9], colour[6];
        } words[] = {{"acts", "\33[32m"}, {"skips", "\33[33m"}, {"refuses", "\33[31m"}, {"note", "\33[33m"},
                {"missing", "\33[33m"}};

        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (strlen(words[i].word) == length && strncmp(words[i].word, line, length) == 0)
                        return words[i].colour;
        return NULL;
}

static void print_line(const char *line)
{
        const size_t label = strcspn(line, ":");
        const char *colour = screen_has_colour() && line[label] ? colour_of(line, label) : NULL;
        size_t indent = 2;

        if (*line == ' ') { /* of a step, which begins with its action */
                indent = STEP_INDENT;
                printf("%.*s", STEP_INDENT, line);
                line += strlen(line) < STEP_INDENT ? strlen(line) : STEP_INDENT;
                screen_words(line, indent, indent);
                return;
        }
        if (colour) {
                printf("%s%.*s\33[m", colour, (int)label, line);
                screen_words(line + label, label, indent);
        } else {
                screen_words(line, 0, indent);
        }
}

void screen_lines(char *text)
{
        char *rest = NULL;

        if (screen_width() == SIZE_MAX) {
                fputs(text, stdout);
                return;
        }
        for (const char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
                print_line(line);
}
