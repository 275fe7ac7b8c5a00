/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The name of a kernel call that the hook needs and this kernel lacks, or that a filter keeps from us; NULL: all are there. */
const char *calls_missing(void);
