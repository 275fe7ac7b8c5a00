/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "findings.h"

/* Which hooks.d and CDI directories each installed engine reads, and whether our entry is there, readable and current. */
void engines_check(struct findings *f);
