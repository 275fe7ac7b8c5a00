/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a command line ends up executing as the same process, by its words alone: the wrappers that people write before systemd
 * are a shell with one plain command and env. Pure. The words are the image's or the user's.
 *
 *     sh|bash|dash|ash [OPTIONS] -c "[A=B...] [exec] PROGRAM [WORDS] [N>&M]"        also as applets: busybox sh -c ...
 *     sh|bash|dash|ash [OPTIONS] SCRIPT [WORDS]
 *     env [-i] [-u NAME] [--] [A=B...] PROGRAM [WORDS]                              also busybox env ...
 */

#include <stdbool.h>
#include <stddef.h>

#define COMMAND_WORDS_MOST 128  /* words of a command line that are looked at */
#define COMMAND_TEXT_MOST  1024 /* bytes of a shell's command that is followed */

struct command {
        const char *const *words; /* words[0] is the program's, as it would be looked up */
        size_t count;             /* at least 1 */
        const char *path;         /* PATH that a program without a slash is looked up by */
        bool has_container;       /* container= is in its environment, and not empty */
        bool is_operand;          /* words[0] is a file that a shell reads, and need not be executable */
        bool without_exec;        /* the last wrapper is a shell that is not told to be replaced, */
        bool is_redirected;       /* and is told to copy or close descriptors first */
        const char *wrapper;      /* the name of the last wrapper; NULL: none */
};

/* Where the words of a shell's command are kept. */
struct command_room {
        char text[COMMAND_TEXT_MOST];
        const char *words[COMMAND_WORDS_MOST];
        size_t text_used, words_used;
};

enum command_step {
        COMMAND_PROGRAM,  /* no wrapper: words[0] is what runs */
        COMMAND_FOLLOWED, /* c is what the wrapper executes */
        COMMAND_UNCLEAR, /* a wrapper, of which the words do not tell what it executes; ret_why is one clause */
        COMMAND_PARENT, /* an init that stays process 1 and starts the rest as its child; likewise */
};

/*
 * Takes one wrapper off. words[0] must be known to be a program, as a file of that name can be anything. The words of c live as
 * long as those that it had and as room.
 */
enum command_step command_follow(struct command *c, struct command_room *room, const char **ret_why);

/* words[0] is by its name one that command_follow takes off. */
bool command_is_wrapper(const char *word);

/* The words behind a manager's name let it boot: none asks for its version, its help, a test or a user's instance. */
bool command_boots(const struct command *c);
