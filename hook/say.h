/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The one place that speaks: stderr for the engine that passes it on, the host's log for the one that does not. */

#include "base/err.h"

#include <stdbool.h>

/*
 * Connects to the host's log. To be called before the container's mount namespace is entered: no path of the host is opened
 * after that, and the container may have a socket of its own at the log's place.
 */
void say_hold(void);

/* The error as one line. id: of the container, or NULL. in_log: an engine called, whose user may never see stderr. */
void say_error(const char *id, const struct err *e, bool in_log);

/* From a signal handler: this line on stderr. */
void say_at_once(const char *line);
