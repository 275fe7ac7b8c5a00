/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words of the container's command, separated by line ends, and the paths that a script names. */
#include "fuzz.h"

#include "host/command.h"
#include "host/looked.h"

#include <limits.h>
#include <stdlib.h>

#define PATHS 16

static int count(void *to, const char *path)
{
        size_t *found = to;

        must_hold(*path == '/' && strlen(path) > 1 && strlen(path) < PATH_MAX && ++*found <= PATHS);
        return 0;
}

/* What is followed gets shorter or comes from the room, and has a first word. */
static void follow(struct command *c)
{
        struct command_room room = {.text_used = 0};

        for (int depth = 0; depth < 20; depth++) {
                const char *why = NULL;
                enum command_step step = command_follow(c, &room, &why);

                must_hold(c->count > 0 && c->words[0] && room.text_used <= sizeof room.text);
                must_hold(room.words_used <= COMMAND_WORDS_MOST);
                if (step == COMMAND_UNCLEAR || step == COMMAND_PARENT)
                        must_hold(why && *why);
                if (step != COMMAND_FOLLOWED)
                        return;
                must_hold(c->wrapper && c->path);
                (void)command_boots(c);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        char *text = malloc(length + 1), *rest = text, *word;
        const char *words[COMMAND_WORDS_MOST];
        struct command c = {.words = words, .path = "/bin"};
        size_t found = 0;

        must_hold(text);
        memcpy(text, bytes, length);
        text[length] = '\0';
        looked_each_path(text, PATHS, count, &found);
        while (c.count < COMMAND_WORDS_MOST && (word = strsep(&rest, "\n")))
                words[c.count++] = word;
        follow(&c);
        free(text);
        return 0;
}
