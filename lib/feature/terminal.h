/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a console prints, as a log wants it. Pure.
 *
 * "\r\n" becomes "\n". systemd asks its terminal for its size (ECMA-48 and xterm: CSI 18 t; CSI 6 n, where the cursor
 * is) and waits a third of a second for each answer: the questions are taken out, so that no reader's terminal
 * answers them, and reported. Everything else passes as it is.
 */

#include <stddef.h>

#define TERMINAL_HELD 32 /* what may come out beside what went in */

enum terminal_question { TERMINAL_SIZE = 1, TERMINAL_CURSOR = 2 };

/* All zero is the beginning. */
struct terminal {
        unsigned state;
        size_t held; /* bytes of a sequence that has not ended */
        char sequence[TERMINAL_HELD];
};

/*
 * Appends to out, which has room for length + TERMINAL_HELD bytes, and returns how many. Adds to *questions.
 */
size_t terminal_text(struct terminal *t, const char *in, size_t length, char *out, unsigned *questions);

/* What a terminal of TERMINAL_ROWS and TERMINAL_COLUMNS answers to one of the questions. */
#define TERMINAL_ROWS    24
#define TERMINAL_COLUMNS 160
const char *terminal_answer(enum terminal_question question);
