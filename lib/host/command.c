/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/command.h"

#include "oci/oci.h"

#include <string.h>

#define SYSTEMS_PATH "/bin:/usr/bin" /* where programs are looked for without a PATH */

static const char *last_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

static bool is_one_of(const char *word, const char *const *list)
{
        while (*list && strcmp(word, *list) != 0)
                list++;
        return *list;
}

static bool has_prefix(const char *word, const char *prefix)
{
        return strncmp(word, prefix, strlen(prefix)) == 0;
}

static bool is_shell(const char *name)
{
        static const char *const shells[] = {"sh", "bash", "dash", "ash", NULL};

        return is_one_of(name, shells);
}

bool command_is_wrapper(const char *word)
{
        const char *name = last_name(word);

        return is_shell(name) || strcmp(name, "env") == 0 || strcmp(name, "busybox") == 0;
}

bool command_boots(const struct command *c)
{
        static const char *const others[] = {"--help", "-h", "--version", "--test", "--user",
                "--dump-configuration-items", "--dump-bus-properties", "--bus-introspect", NULL};

        for (size_t i = 1; i < c->count && strcmp(c->words[i], "--") != 0; i++)
                if (is_one_of(c->words[i], others) || has_prefix(c->words[i], "--bus-introspect="))
                        return false;
        return true;
}

static void drop(struct command *c, size_t words)
{
        c->words += words;
        c->count -= words;
}

/* NAME=VALUE, with a name as a shell takes it. */
static bool is_assignment(const char *word)
{
        size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

        return n > 0 && word[n] == '=' && !(*word >= '0' && *word <= '9');
}

static void assign(struct command *c, const char *word)
{
        if (has_prefix(word, "PATH="))
                c->path = word + 5;
        if (has_prefix(word, "container="))
                c->has_container = word[10] != '\0';
}

static void unset(struct command *c, const char *name)
{
        if (strcmp(name, "PATH") == 0)
                c->path = SYSTEMS_PATH;
        if (strcmp(name, "container") == 0)
                c->has_container = false;
}

/* One option of env at words[0]. Returns how many words it takes, 0 when there are no more. -1: one that is not followed. */
static int take_env_option(struct command *c)
{
        static const char *const clears[] = {"-", "-i", "--ignore-environment", NULL};
        static const char *const harmless[] = {"-v", "--debug", "--default-signal", "--ignore-signal",
                "--block-signal", "--list-signal-handling", NULL};
        const char *word = c->words[0];

        if (is_one_of(word, clears)) {
                unset(c, "PATH");
                unset(c, "container");
        } else if (strcmp(word, "-u") == 0 || strcmp(word, "--unset") == 0) {
                if (c->count < 2)
                        return -1;
                unset(c, c->words[1]);
                return 2;
        } else if (has_prefix(word, "--unset=")) {
                unset(c, word + 8);
        } else if (has_prefix(word, "-u")) {
                unset(c, word + 2);
        } else if (!is_one_of(word, harmless) && !has_prefix(word, "--default-signal=") &&
                   !has_prefix(word, "--ignore-signal=") && !has_prefix(word, "--block-signal=")) {
                return *word == '-' ? -1 : 0;
        }
        return 1;
}

static enum command_step follow_env(struct command *c, const char **why)
{
        int taken = 1;

        for (drop(c, 1); c->count && taken > 0;) {
                if (strcmp(c->words[0], "--") == 0) {
                        drop(c, 1);
                        break;
                }
                taken = take_env_option(c);
                if (taken < 0) {
                        *why = "has an option that is not followed";
                        return COMMAND_UNCLEAR;
                }
                drop(c, (size_t)taken);
        }
        for (; c->count && strchr(c->words[0], '='); drop(c, 1))
                assign(c, c->words[0]);
        return c->count ? COMMAND_FOLLOWED : COMMAND_PROGRAM; /* which prints its environment */
}

/* [N]>&M, [N]<&M and with M "-": a descriptor is copied or closed, and no file is opened. */
static bool is_redirection(const char *word)
{
        const char *at = word + strspn(word, "0123456789");

        if ((*at != '>' && *at != '<') || at[1] != '&')
                return false;
        at += 2;
        return strcmp(at, "-") == 0 || (*at && at[strspn(at, "0123456789")] == '\0');
}

/* Of characters that no shell does anything with. */
static bool is_plain(const char *word)
{
        return word[strspn(word,
                       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+=,:@%")] == '\0';
}

/* Splits text into words of room, for in. Returns their first, or NULL when one is not plain, or there is no room. */
static const char **split(const char *text, struct command_room *room, struct command *in)
{
        const char **first = room->words + room->words_used;
        const size_t length = strlen(text);
        char *copy = room->text + room->text_used, *rest = copy;

        if (length >= sizeof room->text - room->text_used)
                return NULL;
        memcpy(copy, text, length + 1);
        room->text_used += length + 1;
        /* a line that ends is no second command */
        for (size_t n = length; n && strchr(" \t\n", copy[n - 1]); n--)
                copy[n - 1] = '\0';
        rest += strspn(rest, " \t\n");
        for (char *word; (word = strsep(&rest, " \t"));) {
                in->is_redirected |= is_redirection(word);
                if (!*word || is_redirection(word))
                        continue;
                if (!is_plain(word) || room->words_used == COMMAND_WORDS_MOST)
                        return NULL;
                room->words[room->words_used++] = word;
                in->count++;
        }
        return first;
}

/* sh -c TEXT: one plain command. */
static enum command_step follow_text(
        struct command *c, const char *text, struct command_room *room, const char **why)
{
        struct command in = {.path = c->path, .has_container = c->has_container, .wrapper = c->wrapper};
        const char **words = split(text, room, &in);

        *why = "does not run one plain command";
        if (!words)
                return COMMAND_UNCLEAR;
        in.words = words;
        while (in.count && is_assignment(in.words[0])) {
                assign(&in, in.words[0]);
                drop(&in, 1);
        }
        in.without_exec = in.count && strcmp(in.words[0], "exec") != 0;
        if (in.count && !in.without_exec)
                drop(&in, in.count > 1 && strcmp(in.words[1], "--") == 0 ? 2 : 1);
        if (!in.count || in.words[0][0] == '-') /* an option of exec's */
                return COMMAND_UNCLEAR;
        *c = in;
        return COMMAND_FOLLOWED;
}

/*
 * One word of a shell's options. Returns how many words it takes, 0 when it is no option, -1 for one that changes what is run.
 * ret_ends: no option follows. ret_text: -c is among them.
 */
static int take_shell_option(const struct command *c, bool *ret_ends, bool *ret_text)
{
        static const char *const longs[] = {
                "--login", "--noprofile", "--norc", "--posix", "--verbose", "--noediting", NULL};
        const char *word = c->words[0];
        int taken = 1;

        if (strcmp(word, "-") == 0 || strcmp(word, "--") == 0) {
                *ret_ends = true;
                return 1;
        }
        if (is_one_of(word, longs))
                return 1;
        if ((*word != '-' && *word != '+') || !word[1])
                return 0;
        for (const char *letter = word + 1; *letter; letter++) {
                if (*letter == 'c' && *word == '-')
                        *ret_text = true;
                else if (*letter == 'o')
                        taken++;
                else if (!strchr("abefhilmpuvxBCEHPT", *letter))
                        return -1;
        }
        return taken;
}

static enum command_step follow_shell(struct command *c, struct command_room *room, const char **why)
{
        bool ends = false, has_text = false;
        int taken = 1;

        for (drop(c, 1); c->count && !ends && taken > 0;) {
                taken = take_shell_option(c, &ends, &has_text);
                if (taken < 0 || (size_t)taken > c->count ||
                        (taken > 1 && is_one_of(c->words[1],
                                              (const char *const[]){"noexec", "restricted", NULL}))) {
                        *why = "has an option that is not followed";
                        return COMMAND_UNCLEAR;
                }
                drop(c, (size_t)taken);
        }
        if (!c->count) /* it reads its input */
                return COMMAND_PROGRAM;
        if (has_text)
                return follow_text(c, c->words[0], room, why);
        c->is_operand = true;
        return COMMAND_FOLLOWED;
}

enum command_step command_follow(struct command *c, struct command_room *room, const char **ret_why)
{
        struct command next = *c;
        const char *name = last_name(c->words[0]);
        enum command_step step = COMMAND_PROGRAM;

        next.is_operand = next.without_exec = next.is_redirected = false;
        if (oci_is_small_init(c->words[0])) {
                *ret_why = "stays process 1, which systemd has to be; leave it out (--init)";
                return COMMAND_PARENT;
        }
        next.wrapper = c->words[0];
        if (strcmp(name, "busybox") == 0 && c->count > 1) {
                drop(&next, 1);
                name = next.words[0]; /* an applet, which has no path */
        }
        if (is_shell(name))
                step = follow_shell(&next, room, ret_why);
        else if (strcmp(name, "env") == 0)
                step = follow_env(&next, ret_why);
        if (step == COMMAND_FOLLOWED)
                *c = next;
        return step;
}
