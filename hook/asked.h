/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whether and how a container has asked for the hook, by what its engine keeps of it: for `explain`. */

#include "containers.h"
#include "findings.h"
#include "oci/oci.h"

/* Of a container that is not prepared although its command is systemd, or that does not run: why the hook was not called. */
void asked_explain(struct findings *f, const char *bundle);

/* The stop signal by Docker's words about the container. */
enum stop_signal asked_stop_signal(const struct known_container *c);
