/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a step can be: one row an action. The enum, the words of `plan`, what lib/apply checks before it carries a
 * step out, and which function does so all come from this table. An action without its function does not link.
 *
 *   X(ACTION, "word", FUNCTION, PHASES, NEEDS)
 *
 * FUNCTION is that of lib/apply, apply_prepare_FUNCTION or apply_attach_FUNCTION. PHASES: PREPARE, on the host;
 * ATTACH, in the container; or BOTH. NEEDS: the members of struct step that must be there, or-ed.
 */

/* clang-format off */
#define PLAN_ACTIONS(X)                                                                                                \
        /* keep a mount of the hierarchy; source is the directory of the host that it shows, or NULL: a fresh mount, \
         * whose root is the root of the container's cgroup namespace. record: the runtime's cgroup for poststop, which \
         * is removed when nobody lives in it where the step is optional */ \
        X(HOLD, "hold", hold, PREPARE, NEEDS_HIERARCHY)                                                                \
        /* make the cgroup path; record is its path for poststop, or NULL: it goes with the one above */               \
        X(MAKE, "make", make, PREPARE, NEEDS_HIERARCHY | NEEDS_PATH)                                                   \
        /* move the container's process into the cgroup path */                                                        \
        X(JOIN, "join", join, PREPARE, NEEDS_HIERARCHY | NEEDS_PATH)                                                   \
        /* keep a mount of the host's directory source, too, which is what SHOW attaches */                            \
        X(VIEW, "view", view, PREPARE, NEEDS_HIERARCHY | NEEDS_SOURCE)                                                 \
        /* no more than most cgroups below the cgroup path, and no deeper than depth */                                \
        X(BOUND, "bound", bound, PREPARE, NEEDS_HIERARCHY | NEEDS_PATH)                                                \
        /* hand every controller of the cgroup path down to its children */                                            \
        X(ENABLE, "enable", enable, PREPARE, NEEDS_HIERARCHY | NEEDS_PATH)                                             \
        /* the cgroup path and its delegation files become the container root's */                                     \
        X(DELEGATE, "delegate", delegate, PREPARE, NEEDS_HIERARCHY | NEEDS_PATH)                                       \
        /* hold on to what is mounted at target, which a tmpfs will cover */                                           \
        X(STASH, "stash", stash, ATTACH, NEEDS_TARGET)                                                                 \
        /* a tmpfs at target */                                                                                        \
        X(TMPFS, "tmpfs", tmpfs, BOTH, NEEDS_TARGET | NEEDS_TMPFS)                                                     \
        /* the mount that target is on is the user's, and mounts of ours may go on it: none of them leaves the container */ \
        X(CLAIM, "claim", claim, ATTACH, NEEDS_TARGET)                                                                 \
        /* the tmpfs at target is the user's and claimed: only its entries are made in it */                           \
        X(FILL, "fill", fill, ATTACH, NEEDS_TARGET | NEEDS_TMPFS)                                                      \
        /* the tmpfs at target is the user's: it gets another size */                                                  \
        X(RESIZE, "resize", resize, ATTACH, NEEDS_TARGET | NEEDS_TMPFS)                                                \
        /* what was stashed of target, to the same place again */                                                      \
        X(RESTORE, "restore", restore, ATTACH, NEEDS_TARGET)                                                           \
        /* all that is mounted on and below target, once more and read-only over it */                                 \
        X(READ_ONLY, "read-only", read_only, ATTACH, NEEDS_TARGET)                                                     \
        /* the mount at target once more and read-only over it, with what is mounted below as it is */                 \
        X(TOP_READ_ONLY, "top-ro", top_read_only, ATTACH, NEEDS_TARGET)                                                \
        /* a directory in the engine's tmpfs at /sys/fs/cgroup */                                                      \
        X(DIRECTORY, "directory", directory, ATTACH, NEEDS_TARGET)                                                     \
        /* attach the cgroup path of the hierarchy that is held at target, or source below it, read-only or not */     \
        X(SHOW, "show", show, ATTACH, NEEDS_TARGET | NEEDS_HIERARCHY | NEEDS_PATH)                                     \
        /* the cgroup path below it once more over what SHOW or REPEAT attached last, writable */                      \
        X(WRITABLE, "writable", writable, ATTACH, NEEDS_TARGET | NEEDS_HIERARCHY | NEEDS_PATH)                         \
        /* the container's own cgroup on path of what SHOW attached, read-only or not */                               \
        X(REPEAT, "repeat", repeat, ATTACH, NEEDS_TARGET | NEEDS_HIERARCHY | NEEDS_PATH)                               \
        /* the file source of the tmpfs at /run/host, read-only over target */                                         \
        X(FILE, "file", file, ATTACH, NEEDS_TARGET | NEEDS_SOURCE)                                                     \
        /* what was asked for beside: the feature's own files of lib/feature do it; source says what, for people */    \
        X(FEATURE, "feature", feature, BOTH, NEEDS_SOURCE)
/* clang-format on */

enum step_needs {
        NEEDS_HIERARCHY = 1 << 0,
        NEEDS_PATH = 1 << 1,
        NEEDS_TARGET = 1 << 2,
        NEEDS_SOURCE = 1 << 3,
        NEEDS_TMPFS = 1 << 4,
};

#define PLAN_ACTION_MEMBER(action, word, function, phases, needs) STEP_##action,
enum step_action { PLAN_ACTIONS(PLAN_ACTION_MEMBER) STEP_ACTIONS };
#undef PLAN_ACTION_MEMBER

/* enum step_needs of an action. */
unsigned plan_action_needs(enum step_action action);

/* The word for people. */
const char *plan_action_word(enum step_action action);
