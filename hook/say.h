/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The one place that speaks: on stderr to the engine that passes it on, and in the host's journal, by one datagram of its
 * native protocol, to whoever looks later; in the syslog where there is no journald.
 */

#include "base/err.h"

#include <stdbool.h>

/*
 * What a line in the journal is about. The number is the end of its MESSAGE_ID and never changes: contrib/journal has a text
 * for each of them.
 */
enum say_kind {
        SAY_NOWHERE = 0, /* a person called, who reads stderr */
        SAY_ACTED = 1,   /* the container is prepared */
        SAY_SKIPPED = 2, /* it asked for the hook, and is none of its */
        SAY_REFUSED = 3, /* the start failed */
        SAY_LACKS = 4,   /* it has less than systemd needs */
        SAY_NOTE = 5,    /* something was left out, or has no effect */
        SAY_LEFT = 6,    /* poststop could not remove all that a start had made */
        SAY_CALL = 7,    /* the hook was called wrongly */
};

#define SAY_MESSAGE_IDS "8c9b3450ee3e4ceaac48c2468dc914" /* and two digits: the kind */

/* Whose start it is, as far as it is known: all may be NULL or 0. */
struct say_about {
        const char *id, *bundle, *layout;
        unsigned version; /* of systemd */
};

/*
 * Connects to the host's journal. To be called before the container's mount namespace is entered: no path of the host is
 * opened after that, and the container may have a socket of its own in the journal's place.
 */
void say_hold(void);

/* A line in the journal. text is one sentence, "ID: " comes before it. */
void say(enum say_kind kind, const struct say_about *about, const char *text);

/* The error as one line on stderr; and in the journal, but for SAY_NOWHERE: an engine called. */
void say_error(enum say_kind kind, const struct say_about *about, const struct err *e);
