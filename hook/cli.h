/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The command line. One row of the table in cli.c for each stage and command: usage and parsing read the rows. */

#include "base/arena.h"
#include "base/err.h"
#include "oci/oci.h"
#include "oci/settings.h"

/* Which options and words a command takes besides the settings. */
enum takes {
        TAKES_BUNDLE = 1 << 0,
        TAKES_ID = 1 << 1,
        TAKES_JSON = 1 << 2,
        TAKES_SETTINGS = 1 << 3,
        TAKES_NAME = 1 << 4, /* a word: which container */
        TAKES_TREE = 1 << 5,
};

/* One call of the program. */
struct call {
        const struct command *command; /* NULL: the state decides which stage it is */
        struct settings settings;      /* the defaults, with the administrator's options */
        bool asks;                     /* an option asks for the hook: --mode=auto or --mode=always */
        unsigned given;                /* enum takes */
        const char *bundle;
        const char *id;
        const char *name;
        bool json, tree;
        const struct oci_state *state; /* stages only */
        struct arena *arena;
};

enum command_kind {
        COMMAND_STAGE,
        COMMAND_UNTRUSTED_STAGE, /* runs with the container's environment: refused */
        COMMAND_FOR_PEOPLE,
};

struct command {
        char name[16]; /* in the row itself: a pointer would be a relocation at every start */
        enum command_kind kind;
        unsigned takes; /* enum takes */
        char synopsis[48];
        char says[80];
        /* The exit status, or -errno with e. */
        int (*run)(const struct call *call, struct err *e);
};

/* The row of that name, or NULL. */
const struct command *cli_find(const char *name);

/*
 * Reads the words of the command line into call, whose settings have the defaults. Returns -1, or the exit status where the
 * call ends with that: help and version are printed, an error is said.
 */
int cli_parse(int argc, char **argv, struct call *call) must_check;

/* The stage that the environment names. -EINVAL: there is no such stage, or an untrusted one. */
int cli_stage(const char *name, const struct command **ret_command, struct err *e) must_check;

void cli_usage(FILE *f);

/* One file each. */
int start(const struct call *call, struct err *e) must_check;
int stop(const struct call *call, struct err *e) must_check;
int cmd_plan(const struct call *call, struct err *e) must_check;
int cmd_explain(const struct call *call, struct err *e) must_check;
int cmd_check(const struct call *call, struct err *e) must_check;
