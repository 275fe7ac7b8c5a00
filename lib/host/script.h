/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Scripts that start systemd. They are not followed: what is asked is who is named in them and beside them. */

#include "host/looked.h"
#include "oci/oci.h"

/* The manager that a text or the tree's customary places name. */
struct script_find {
        struct croot root;
        bool has_manager;
        bool names_systemd;  /* by a path that a variable begins, such as "$root/systemd/systemd" */
        bool sets_container; /* "container=" is */
        unsigned version;
        char path[101];
};

/* Looks for managers among the paths that text has; the last one counts, as exec is the last thing that a script does.
 * Comments are taken out of text. */
void script_find_in_text(struct script_find *f, char *text);

/* In words of a command line, as long as no manager is found. */
void script_find_in_words(struct script_find *f, const char *const *words, size_t count);

/* In a file that was looked at and is no ELF file. */
void script_find_in_file(struct script_find *f, const struct looked *l);

/* At the places where distributions have systemd. */
void script_find_installed(struct script_find *f);

/* What the first line of a script says of its interpreter. */
enum script_kind {
        SCRIPT_SHELL,  /* one that command_follow knows, also by env */
        SCRIPT_PARENT, /* an init that stays process 1 */
        SCRIPT_OTHER,
};
enum script_kind script_kind(const struct looked *l);
