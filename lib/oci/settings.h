/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The words that steer one container: the administrator's options (--KEY=VALUE in the hooks.d entry) first,
 * the container's annotations (org.oci-systemd-hook.KEY) over them. Contract section 3.
 */

#include "base/err.h"
#include "base/size.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SETTINGS_PREFIX "org.oci-systemd-hook."

enum mode { MODE_AUTO, MODE_ALWAYS, MODE_OFF };
enum cgroup_choice { CGROUP_AUTO, CGROUP_UNIFIED, CGROUP_HYBRID, CGROUP_LEGACY };
enum machine_id_choice { MACHINE_ID_AUTO, MACHINE_ID_IMAGE, MACHINE_ID_GIVEN };
enum journal_choice { JOURNAL_VOLATILE, JOURNAL_IMAGE };

struct settings {
        enum mode mode;
        enum cgroup_choice cgroup;
        enum machine_id_choice machine_id;
        char given_machine_id[33];
        struct size run, tmp, journal_size;
        enum journal_choice journal;
};

#define SETTINGS_DEFAULT                                                                                     \
        ((struct settings){                                                                                  \
                .run = {SIZE_PERCENT, 20}, .tmp = {SIZE_PERCENT, 50}, .journal_size = {SIZE_PERCENT, 10}})

/*
 * Sets key (without the prefix). An unknown key or value is refused with a sentence that names the key and
 * the values it takes; what a later version will take is refused as not there yet.
 */
int settings_set(struct settings *s, const char *key, const char *value, struct err *e) must_check;

/* A line for each key and its values, as --help prints them. */
void settings_usage(FILE *f);
