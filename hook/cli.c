/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli.h"

#include "say.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* clang-format off */
static const struct command commands[] = {
        {"prestart",        COMMAND_STAGE, TAKES_SETTINGS, "", "container state (JSON) on stdin", start},
        {"createRuntime",   COMMAND_STAGE, TAKES_SETTINGS, "", "the same, by its newer name", start},
        {"poststop",        COMMAND_STAGE, TAKES_SETTINGS, "", "removes what the start has made on the host", stop},
        {"createContainer", COMMAND_UNTRUSTED_STAGE, 0, "", "", NULL},
        {"startContainer",  COMMAND_UNTRUSTED_STAGE, 0, "", "", NULL},
        {"plan",            COMMAND_FOR_PEOPLE, TAKES_SETTINGS | TAKES_BUNDLE | TAKES_ID | TAKES_JSON | TAKES_TREE,
                "--bundle DIR [--id ID] [--json|--tree]", "what prestart would do, and why; changes nothing", cmd_plan},
        {"check",           COMMAND_FOR_PEOPLE, TAKES_SETTINGS | TAKES_JSON, "[--json]",
                "this host and its engines: what is missing, and what to type", cmd_check},
        {"explain",         COMMAND_FOR_PEOPLE, TAKES_JSON | TAKES_NAME, "CONTAINER [--json]",
                "what was decided at a container's start, and what differs now", cmd_explain},
};
/* clang-format on */

#define COMMANDS (commands + sizeof commands / sizeof *commands)

const struct command *cli_find(const char *name)
{
        for (const struct command *c = commands; c < COMMANDS; c++)
                if (strcmp(c->name, name) == 0)
                        return c;
        return NULL;
}

void cli_usage(FILE *f)
{
        fputs("oci-systemd-hook [OPTION...] [STAGE]    called by an OCI runtime\n", f);
        for (const struct command *c = commands; c < COMMANDS; c++)
                if (c->kind == COMMAND_FOR_PEOPLE)
                        fprintf(f, "oci-systemd-hook %s%s %s\n",
                                c->takes & TAKES_SETTINGS ? "[OPTION...] " : "", c->name, c->synopsis);
        fputs("oci-systemd-hook --help | -h | help | --version\n\n"
              "Prepares an unprivileged container for systemd as its PID 1.\n\n"
              "Stages and commands:\n",
                f);
        for (const struct command *c = commands; c < COMMANDS; c++)
                if (c->kind != COMMAND_UNTRUSTED_STAGE)
                        fprintf(f, "  %-14s %s\n", c->name, c->says);
        fputs("\nOptions, the defaults for the annotations org.oci-systemd-hook.KEY:\n", f);
        settings_usage(f);
        fputs("\nSee oci-systemd-hook(8).\n", f);
}

/* "prestart, createRuntime or poststop"; with the commands for people where they are expected, too. */
static const char *expected(bool with_commands, char *text, size_t size)
{
        const struct command *last = NULL;
        size_t at = 0;

        text[0] = '\0';
        for (const struct command *c = commands; c <= COMMANDS; c++) {
                const bool is_end = c == COMMANDS;

                if (!is_end && c->kind != COMMAND_STAGE && !(with_commands && c->kind == COMMAND_FOR_PEOPLE))
                        continue;
                if (last && at < size)
                        at += (size_t)snprintf(text + at, size - at, "%s%s",
                                at == 0  ? ""
                                : is_end ? " or "
                                         : ", ",
                                last->name);
                last = c;
        }
        return text;
}

int cli_stage(const char *name, const struct command **ret_command, struct err *e)
{
        const struct command *c = cli_find(name);
        char stages[128];

        if (c && c->kind == COMMAND_UNTRUSTED_STAGE)
                return err_refuse(e,
                        "stage %s runs with the container's environment and cannot be trusted; register the "
                        "hook as prestart or createRuntime",
                        name);
        if (!c || c->kind != COMMAND_STAGE)
                return err_refuse(e, "unknown stage %.64s; expected %s", *name ? name : "\"\"",
                        expected(false, stages, sizeof stages));
        *ret_command = c;
        return 0;
}

/* The options that are no settings. */
static const struct {
        char name[12];
        char takes[20]; /* for people; empty: no value */
        unsigned bit;   /* enum takes */
} options[] = {{"bundle", "a directory", TAKES_BUNDLE}, {"id", "a container's id", TAKES_ID},
        {"json", "", TAKES_JSON}, {"tree", "", TAKES_TREE}, {"help", "", 0}, {"version", "", 0}};

/* An option as it stands on the command line: "--NAME", "--NAME=VALUE" or "--NAME VALUE". */
struct option {
        char name[64];
        char takes[96];
        unsigned bit;
        bool is_known, has_next; /* has_next: the value is the next word */
        const char *value;       /* NULL: there is none */
};

static void find_option(struct option *o)
{
        for (size_t i = 0; i < sizeof options / sizeof *options && !o->is_known; i++)
                if (strcmp(options[i].name, o->name) == 0) {
                        o->is_known = true;
                        o->bit = options[i].bit;
                        memcpy(o->takes, options[i].takes, sizeof options[i].takes);
                }
        if (!o->is_known && settings_option_takes(o->name, o->takes, sizeof o->takes)) {
                o->is_known = true;
                o->bit = TAKES_SETTINGS;
        }
}

/* next may be NULL. A word that begins with "--" is never a value. */
static struct option read_option(const char *word, const char *next)
{
        const size_t n = strcspn(word, "=");
        struct option o = {.value = word[n] ? word + n + 1 : NULL};

        if (strncmp(word, "--", 2) != 0 || n - 2 >= sizeof o.name)
                return (struct option){0};
        memcpy(o.name, word + 2, n - 2);
        find_option(&o);
        o.has_next = *o.takes && !o.value && next && strncmp(next, "--", 2) != 0;
        if (o.has_next)
                o.value = next;
        return o;
}

static int check_value(const struct option *o, struct err *e)
{
        if (!o->is_known)
                return err_refuse(e, "unknown option");
        if (o->value && !*o->takes)
                return err_refuse(e, "the option takes no value");
        if (*o->takes && !o->value)
                return err_refuse(e, "the value is missing; it takes %s", o->takes);
        if (o->bit & (TAKES_BUNDLE | TAKES_ID) && o->value && !*o->value)
                return err_refuse(e, "the value is empty; it takes %s", o->takes);
        return 0;
}

static int take_option(const struct option *o, struct call *call, struct err *e)
{
        /* a misspelt key is answered with those that there are */
        const bool is_key = !o->is_known && o->value;
        int r = is_key ? 0 : check_value(o, e);

        if (r < 0)
                return r;
        call->given |= o->bit;
        if (o->bit == TAKES_BUNDLE)
                call->bundle = o->value;
        else if (o->bit == TAKES_ID)
                call->id = o->value;
        call->json |= o->bit == TAKES_JSON;
        call->tree |= o->bit == TAKES_TREE;
        if (o->bit != TAKES_SETTINGS && !is_key)
                return 0;
        call->asks |= strcmp(o->name, "mode") == 0 && o->value && strcmp(o->value, "off") != 0;
        return settings_option(&call->settings, o->name, o->value, e);
}

static int take_word(const char *word, struct call *call, struct err *e)
{
        const struct command *c = cli_find(word);
        char names[256];

        if (call->command && call->command->takes & TAKES_NAME && !call->name) {
                call->name = word;
                return 0;
        }
        if (!c && call->command)
                return err_refuse(e, "unexpected word after %s", call->command->name);
        if (!c)
                return err_refuse(
                        e, "unknown stage or command; expected %s", expected(true, names, sizeof names));
        if (call->command)
                return err_refuse(e, "more than one stage or command given");
        call->command = c;
        return 0;
}

static int take(int argc, char **argv, int *i, struct call *call, struct err *e)
{
        const char *word = argv[*i];

        if (word[0] != '-')
                return take_word(word, call, e);

        const struct option o = read_option(word, *i + 1 < argc ? argv[*i + 1] : NULL);

        *i += o.has_next;
        return take_option(&o, call, e);
}

/* Options that only some commands take. */
static int check_taken(const struct call *call, struct err *e)
{
        const struct command *command = call->command;
        const unsigned takes = command ? command->takes : TAKES_SETTINGS;

        for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
                char with[64] = "";
                size_t at = 0;

                if (!(call->given & options[i].bit & ~takes))
                        continue;
                for (const struct command *c = commands; c < COMMANDS; c++)
                        if (c->takes & options[i].bit && at < sizeof with)
                                at += (size_t)snprintf(
                                        with + at, sizeof with - at, "%s%s", at ? ", " : "", c->name);
                return err_refuse(e, "--%s is only valid with: %s", options[i].name, with);
        }
        if (call->given & TAKES_SETTINGS & ~takes)
                return err_refuse(e, "%s takes no settings", command->name);
        if (call->json && call->tree)
                return err_refuse(e, "--json and --tree are two ways to print; choose one");
        if (command && command->takes & TAKES_NAME && !call->name)
                return err_refuse(e, "%s: the container's id or name is missing", command->name);
        if (command && command->takes & TAKES_BUNDLE && !call->bundle)
                return err_refuse(e, "%s: --bundle DIR is missing", command->name);
        return 0;
}

static bool is_help(const char *word)
{
        return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

static int print_and_end(const char *word)
{
        if (is_help(word))
                cli_usage(stdout);
        else
                puts("oci-systemd-hook " VERSION);
        return ferror(stdout) || fflush(stdout) ? 1 : 0;
}

/*
 * An engine calls: a stage is given, or no word at all and the state comes by a pipe. Then nobody may read stderr, and an
 * error belongs in the host's log; a person's mistyped word does not.
 */
static bool is_called_by_engine(int argc, char **argv)
{
        bool has_word = false;
        struct stat st;

        for (int i = 1; i < argc; i++) {
                const struct command *c = cli_find(argv[i]);

                if (c && c->kind != COMMAND_FOR_PEOPLE)
                        return true;
                if (argv[i][0] != '-')
                        has_word = true;
                else
                        i += read_option(argv[i], i + 1 < argc ? argv[i + 1] : NULL).has_next;
        }
        return !has_word && fstat(STDIN_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

int cli_parse(int argc, char **argv, struct call *call)
{
        struct err e;
        int r = 0, i;

        for (i = 1; i < argc && r == 0; i++) {
                if (is_help(argv[i]) || strcmp(argv[i], "--version") == 0)
                        return print_and_end(argv[i]);

                const char *word = argv[i];

                r = take(argc, argv, &i, call, &e);
                if (r < 0)
                        err_within(&e, "%.128s", *word ? word : "\"\"");
        }
        if (r == 0)
                r = check_taken(call, &e);
        if (r < 0) {
                err_hint(&e, "see oci-systemd-hook --help");
                say_error(
                        is_called_by_engine(argc, argv) ? SAY_CALL : SAY_NOWHERE, &(struct say_about){0}, &e);
                return 2;
        }
        if (call->command && call->command->kind == COMMAND_UNTRUSTED_STAGE &&
                cli_stage(call->command->name, &call->command, &e) < 0) {
                say_error(SAY_CALL, &(struct say_about){0}, &e);
                return 1;
        }
        return -1;
}
