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
                return err_refuse(
                        e, "unknown stage %.64s; expected %s", name, expected(false, stages, sizeof stages));
        *ret_command = c;
        return 0;
}

/* The option's value: behind '=' or in the next word. NULL: another option, or no value. */
static const char *value_of(const char *option, int argc, char **argv, int *i)
{
        const size_t n = strlen(option);
        const char *word = argv[*i];

        if (!word || strncmp(word, option, n) != 0)
                return NULL;
        if (word[n] == '=')
                return word + n + 1;
        return word[n] == '\0' && *i + 1 < argc ? argv[++*i] : NULL;
}

static int take_setting(const char *option, struct call *call, struct err *e)
{
        const char *equals = strchr(option, '=');
        char key[64];

        if (strncmp(option, "--", 2) != 0 || !equals || (size_t)(equals - option - 2) >= sizeof key)
                return err_refuse(e, "unknown option");
        memcpy(key, option + 2, (size_t)(equals - option - 2));
        key[equals - option - 2] = '\0';
        call->given |= TAKES_SETTINGS;
        call->asks |= strcmp(key, "mode") == 0 && strcmp(equals + 1, "off") != 0;
        return settings_option(&call->settings, key, equals + 1, e);
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
        const char *word = argv[*i], *value;

        if (word[0] != '-')
                return take_word(word, call, e);
        if (strcmp(word, "--json") == 0) {
                call->given |= TAKES_JSON;
                call->json = true;
        } else if (strcmp(word, "--tree") == 0) {
                call->given |= TAKES_TREE;
                call->tree = true;
        } else if ((value = value_of("--bundle", argc, argv, i))) {
                call->given |= TAKES_BUNDLE;
                call->bundle = value;
        } else if ((value = value_of("--id", argc, argv, i))) {
                call->given |= TAKES_ID;
                call->id = value;
        } else if (strcmp(word, "--bundle") == 0 || strcmp(word, "--id") == 0) {
                return err_refuse(e, "the value is missing");
        } else {
                return take_setting(word, call, e);
        }
        return 0;
}

/* Options that only some commands take. */
static int check_taken(const struct call *call, struct err *e)
{
        static const struct {
                unsigned bit;
                char option[12];
        } options[] = {{TAKES_BUNDLE, "--bundle"}, {TAKES_ID, "--id"}, {TAKES_JSON, "--json"},
                {TAKES_TREE, "--tree"}};
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
                return err_refuse(e, "%s is only valid with: %s", options[i].option, with);
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
                has_word |= argv[i][0] != '-';
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
                        err_within(&e, "%.128s", word);
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
