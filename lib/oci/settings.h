/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The words that steer one container: the administrator's options (--KEY=VALUE in the hooks.d entry) first,
 * the container's annotations (org.oci-systemd-hook.KEY) over them. docs/contract.md, section 3.
 *
 * A new key is one row of the table in settings.c, one member of struct settings, and one member of enum setting.
 */

#include "base/err.h"
#include "base/size.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SETTINGS_PREFIX "org.oci-systemd-hook."

/* The keys, in the order of the table and of --help. */
enum setting {
        SETTING_MODE,
        SETTING_CGROUP,
        SETTING_MACHINE_ID,
        SETTING_RUN,
        SETTING_TMP,
        SETTING_JOURNAL_SIZE,
        SETTING_BOOT,
        SETTING_UNITS,
        SETTING_CREDENTIALS,
        SETTING_CONSOLE,
        SETTING_JOURNAL,
        SETTING_JOURNAL_KEEP,
        SETTING_LXCFS,
        SETTING_MACHINE,
        SETTINGS,
};

/* The values of each key, in the order of its words. */
enum mode { MODE_AUTO, MODE_ALWAYS, MODE_OFF };
enum cgroup_choice { CGROUP_AUTO, CGROUP_UNIFIED, CGROUP_HYBRID, CGROUP_LEGACY };
enum machine_id_choice { MACHINE_ID_AUTO, MACHINE_ID_IMAGE, MACHINE_ID_GIVEN };
enum boot_choice { BOOT_FULL, BOOT_LEAN };
enum units_choice { UNITS_CONDITION, UNITS_KEEP };
enum console_choice { CONSOLE_ENGINE, CONSOLE_JOURNAL, CONSOLE_LOG };
enum journal_choice { JOURNAL_VOLATILE, JOURNAL_HOST, JOURNAL_IMAGE };
enum on_off { OFF, ON };

/* What reaches the host, and works only where the administrator's --allow names it. */
enum allow { ALLOW_CONSOLE = 1 << 0, ALLOW_JOURNAL = 1 << 1, ALLOW_LXCFS = 1 << 2, ALLOW_MACHINE = 1 << 3 };

#define CREDENTIALS_PATH_MOST 256u
#define CGROUPS_MOST          4096u /* the default of --cgroups-max */

struct settings {
        enum mode mode;
        enum cgroup_choice cgroup;
        enum machine_id_choice machine_id;
        char given_machine_id[33];
        struct size run, tmp, journal_size;
        enum boot_choice boot;
        enum units_choice units;
        char credentials[CREDENTIALS_PATH_MOST]; /* an absolute path of the container, clean; empty: none */
        enum console_choice console;
        enum journal_choice journal;
        enum on_off journal_keep;
        enum on_off lxcfs;
        enum on_off machine;
        unsigned allow;       /* enum allow */
        unsigned cgroups_max; /* how many cgroups a container may make */
        unsigned given;       /* a bit, 1 << enum setting, for each key that somebody has set */
        unsigned annotated;   /* likewise, by an annotation */
};

#define SETTINGS_DEFAULT                                                                                     \
        ((struct settings){.run = {SIZE_PERCENT, 20},                                                        \
                .tmp = {SIZE_PERCENT, 50},                                                                   \
                .journal_size = {SIZE_PERCENT, 10},                                                          \
                .cgroups_max = CGROUPS_MOST})

/*
 * Sets key (without the prefix), as an annotation may. An unknown key or value is refused with a sentence that
 * names the key and the values that it takes.
 */
int settings_set(struct settings *s, const char *key, const char *value, struct err *e) must_check;

/* Sets an option of the administrator's: every key, and allow and cgroups-max, which no annotation can set. */
int settings_option(struct settings *s, const char *key, const char *value, struct err *e) must_check;

/* What the option of that name takes, for people: "auto, always, off". false: there is no such option. */
bool settings_option_takes(const char *key, char *text, size_t most);

/* Refuses what was asked for and not allowed. To be called for a container that the hook acts on. */
int settings_check_allowed(const struct settings *s, struct err *e) must_check;

/* A line for each key and its values, as --help prints them. */
void settings_usage(FILE *f);
