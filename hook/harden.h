/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/err.h"

/*
 * What the caller left us may be the image's (environment), or anybody's (descriptors, masks, signals, directory). Descriptors 0 to 2
 * are there afterwards, so that no file of ours ever becomes one of them. From here on the process has TIME_LIMIT seconds.
 */
int harden(struct err *e) must_check;
