/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli.h"
#include "harden.h"
#include "say.h"

#include <stdlib.h>
#include <unistd.h>

static int fail(enum say_kind kind, const struct oci_state *state, const struct err *e)
{
        say_error(kind, &(struct say_about){.id = state->id, .bundle = state->bundle}, e);
        return 1;
}

static int run_command(const struct call *call)
{
        const struct oci_state none = {0};
        struct err e;
        int r = call->command->run(call, &e);

        return r < 0 ? fail(SAY_NOWHERE, &none, &e) : r;
}

/* A container that lives is being started, one that does not has stopped. */
static const struct command *derive(const struct oci_state *state)
{
        return cli_find(state->pid == 0 || state->stopped ? "poststop" : "prestart");
}

static int run_stage(struct call call)
{
        struct oci_state state = {0};
        enum say_kind kind = SAY_CALL;
        struct err e;
        int r = harden(&e);

        if (r == 0)
                r = oci_read_state(STDIN_FILENO, call.arena, &state, &e);
        if (r == 0) {
                call.state = &state;
                const struct command *command = call.command ? call.command : derive(&state);
                kind = command->run == stop ? SAY_LEFT : SAY_REFUSED;
                r = command->run(&call, &e);
        }
        return r < 0 ? fail(kind, &state, &e) : r;
}

int main(int argc, char **argv)
{
        static struct arena arena; /* its pages cost only when they are used */
        struct call call = {.settings = SETTINGS_DEFAULT, .arena = &arena};
        struct err e;
        int status = cli_parse(argc, argv, &call);

        if (status >= 0)
                return status;
        const char *stage = call.command ? NULL : getenv("stage");

        if (stage && *stage && cli_stage(stage, &call.command, &e) < 0)
                return fail(SAY_CALL, &(struct oci_state){0}, &e);
        if (!call.command && isatty(STDIN_FILENO)) {
                cli_usage(stderr);
                return 2;
        }
        status = call.command && call.command->kind == COMMAND_FOR_PEOPLE ? run_command(&call)
                                                                          : run_stage(call);
        arena_free(&arena);
        return status;
}
