/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the hook itself may still do. */

#include "base/err.h"

#include <stdbool.h>

/*
 * Gives up, for good, every capability that attaching mounts and making files in the container does not need:
 * to enter another namespace or trace a process is no longer possible then. What the caller has not given is
 * not asked for.
 */
int caps_drop(struct err *e) must_check;

/*
 * Off: the hook opens what the container's root may open, in whose name it makes files by then. On: what it likes, again.
 */
int caps_override(bool on, struct err *e) must_check;

/* Gives up all of them, for good: for a process that goes on when the hook has ended. */
int caps_drop_all(struct err *e) must_check;
