/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What people read on standard output: on a terminal in its width and in colours, elsewhere as it is. */

#include <stdbool.h>
#include <stddef.h>

/* Columns; SIZE_MAX where there is no terminal. */
size_t screen_width(void);

/* NO_COLOR and TERM=dumb say no, as does a file or a pipe. */
bool screen_has_colour(void);

/* Whether the locale has more than ASCII: UTF-8 in LC_ALL, LC_CTYPE or LANG. */
bool screen_has_utf8(void);

/* Words of text, from column at on; a word that has no room begins a line at column indent. Ends the line. */
void screen_words(const char *text, size_t at, size_t indent);

/* Lines "WORD: text" and "  word      text": the words of those that matter in colour, long ones wrapped. Cuts text up. */
void screen_lines(char *text);
