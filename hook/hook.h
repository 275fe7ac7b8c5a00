/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The stages and the commands. Each returns 0 or -errno with e, and main alone speaks and exits. */

#include "base/arena.h"
#include "base/err.h"
#include "oci/oci.h"
#include "oci/settings.h"

/* settings: the defaults, with the administrator's options. */
int prestart(const struct oci_state *state, const struct settings *settings, struct arena *a, struct err *e)
        must_check;
int poststop(const struct oci_state *state, struct arena *a, struct err *e) must_check;

/* To be called before the container's mount namespace is entered: no path of the host is opened after that.
 */
void keep_log(void);

/* Prints what prestart would do for the bundle, a directory of the host. */
int plan_command(const char *bundle, const struct settings *settings, bool json, struct arena *a,
        struct err *e) must_check;
