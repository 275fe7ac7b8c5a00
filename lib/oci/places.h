/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The places of the container that the hook covers or looks at: one row a place. What plan/plan.c plans, and
 * which mounts of the user's are kept in mind while config.json and the mount table are read (oci_concerns_us),
 * both come from this table.
 *
 *   X(PLACE, "path", KIND, SIZE, MODE, WHEN, OPTIONAL)
 *
 * KIND: LOOKED_AT, where a mount of the user's matters and no tmpfs of ours comes; DIRECTORY, a tmpfs with what
 * the image has there; RUN, RUN_LOCK and RUN_HOST, which plan/plan.c and plan/run_host.c know more about.
 * SIZE: SETTING(member of struct settings) or FIXED(unit, value). MODE 0: the owner and mode that the image has.
 * WHEN: ALWAYS, JOURNAL_IS_VOLATILE, ROOT_IS_READ_ONLY. OPTIONAL: left out where the mount point cannot be made.
 */
/* clang-format off */
#define PLACES(X)                                                                                            \
        X(RUN, "/run", RUN, SETTING(run), 0755, ALWAYS, false)                                               \
        X(RUN_LOCK, "/run/lock", RUN_LOCK, FIXED(SIZE_BYTES, 5 << 20), 01777, ALWAYS, false)                 \
        X(RUN_HOST, "/run/host", RUN_HOST, FIXED(SIZE_BYTES, 128 << 10), 0755, ALWAYS, true)                 \
        X(TMP, "/tmp", DIRECTORY, SETTING(tmp), 01777, ALWAYS, true)                                         \
        X(JOURNAL, "/var/log/journal", DIRECTORY, SETTING(journal_size), 0, JOURNAL_IS_VOLATILE, true)       \
        X(VAR_LIB_SYSTEMD, "/var/lib/systemd", DIRECTORY, FIXED(SIZE_PERCENT, 10), 0, ROOT_IS_READ_ONLY,     \
                true)                                                                                        \
        X(VAR_TMP, "/var/tmp", DIRECTORY, FIXED(SIZE_PERCENT, 10), 01777, ROOT_IS_READ_ONLY, true)           \
        X(MACHINE_ID, "/etc/machine-id", LOOKED_AT, FIXED(SIZE_OFF, 0), 0, ALWAYS, false)                    \
        X(CGROUP, "/sys/fs/cgroup", LOOKED_AT, FIXED(SIZE_OFF, 0), 0, ALWAYS, false)
/* clang-format on */

/* Links that every distribution with systemd has: X("link", "place"). */
#define PLACE_LINKS(X)                                                                                       \
        X("/var/run", "/run")                                                                                \
        X("/var/lock", "/run/lock")

#define PLACE_MEMBER(place, ...) PLACE_##place,
enum place_id { PLACES(PLACE_MEMBER) PLACE_COUNT };
#undef PLACE_MEMBER
