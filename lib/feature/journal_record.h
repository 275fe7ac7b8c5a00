/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which directory below /var/log/journal poststop removes for a container: the file JOURNAL_RECORDS/ID with two lines, the
 * machine-id and the bundle. It is there before the directory is made.
 */

#include "base/err.h"

#define JOURNAL_RECORDS "/run/oci-systemd-hook-journal"

/* One of another bundle gives way to it: its directory bears the same name. */
int journal_record_write(const char *id, const char *bundle, const char *machine_id, struct err *e)
        must_check;

/* Returns 1, or 0 when there is none, or it is another bundle's. bundle NULL: anyone's. */
int journal_record_read(const char *id, const char *bundle, char ret_machine_id[33], struct err *e)
        must_check;

/* Removes the file, and the directory when it was the last. */
int journal_record_remove(const char *id, struct err *e) must_check;
