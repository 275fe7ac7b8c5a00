/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The hook as an engine without privileges runs it: root in a user namespace alone, with what one user of the
 * host may do. The kernel says who that is (user_namespaces(7)), never the environment.
 */

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* Whether our user namespace is one that somebody made. */
bool rootless_is(void);

/* Who runs the hook, where that is not even root in a user namespace: added to e, as what to do. Returns
 * -code. */
int rootless_hint_alone(struct err *e);

/* Who our root is in the namespace above. */
int rootless_user(uid_t *ret_user, struct err *e) must_check;

/*
 * What a user lacks whom the kernel kept from a cgroup, or who has no session: added to e, as what to do.
 * Returns -code.
 */
int rootless_hint(struct err *e);
