/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The capabilities that config.json gives, as a set of bits. */

#include <stdbool.h>
#include <stdint.h>

/* 1 << CAP_SYS_ADMIN for "CAP_SYS_ADMIN"; 0 for what no kernel of today has. Runtimes compare as written. */
uint64_t oci_capability(const char *name);

#define OCI_CAPABILITY(number) (UINT64_C(1) << (number))
