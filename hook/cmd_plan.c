/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"
#include "cli.h"
#include "road.h"
#include "screen.h"

#include <errno.h>
#include <stdlib.h>

/* Without an id what is derived from it is not known either. */
static bool depends_on_id(const struct road *road)
{
        return !road->id && road->settings.machine_id == MACHINE_ID_AUTO && *road->plan.machine_id;
}

static void print_decision(const struct road *road, const struct err *refused, FILE *f)
{
        fprintf(f, "%s: ", refused ? "refuses" : road->decision.acts ? "acts" : "skips");
        plan_print_text(f, refused ? refused->text : road->decision.reason);
        fputc('\n', f);
        if (road->unseen && !road->decision.acts) {
                fputs("note: ", f);
                plan_print_text(f, road->unseen);
                fputc('\n', f);
        }
}

static void print_plan(const struct road *road, FILE *f)
{
        if (!road->decision.acts)
                return;
        if (road->payload.version)
                fprintf(f, "payload: systemd %u\n", road->payload.version);
        if (!road->has_plan)
                return;
        fprintf(f, "host: %s\n", host_mode_names[road->facts.host]);
        plan_print(&road->plan, f);
        if (road->lacks.slow)
                fprintf(f, "note: %s\n", road->lacks.slow);
        for (size_t i = 0; i < road->lacks.count; i++)
                fprintf(f, "missing: %s\n", road->lacks.list[i]);
}

/* The tree has its own width; all else is wrapped to that of the terminal. */
static int print(const struct road *road, const struct err *refused, bool tree, struct err *e)
{
        char *text = NULL;
        size_t length;
        FILE *f = open_memstream(&text, &length);

        if (!f)
                return err_set(e, errno, "print the plan");
        print_decision(road, refused, f);
        if (!tree)
                print_plan(road, f);

        const bool failed = ferror(f), whole = fclose(f) == 0 && !failed;

        if (whole)
                screen_lines(text);
        free(text);
        if (!whole || (tree && road->has_plan && !refused &&
                              plan_print_tree(
                                      &road->plan, &road->facts, road->arena, screen_has_utf8(), stdout) < 0))
                return err_set(e, ENOMEM, "print the plan");
        return 0;
}

static void print_json_lacks(const struct lacks *lacks)
{
        fputs(", \"missing\": [", stdout);
        for (size_t i = 0; i < lacks->count; i++) {
                fputs(i ? ", " : "", stdout);
                json_write_string(stdout, lacks->list[i]);
        }
        fputs("]", stdout);
        if (lacks->slow) {
                fputs(", \"slow\": ", stdout);
                json_write_string(stdout, lacks->slow);
        }
}

static void print_json(const struct road *road, const struct err *refused)
{
        printf("{\"schema\": 1, \"acts\": %s", road->decision.acts && !refused ? "true" : "false");
        if (road->decision.reason) {
                fputs(", \"reason\": ", stdout);
                json_write_string(stdout, road->decision.reason);
        }
        if (refused) {
                fputs(", \"refused\": ", stdout);
                json_write_string(stdout, refused->text);
        }
        if (road->has_plan) {
                printf(", \"payloadVersion\": %u, \"host\": \"%s\",\n ", road->payload.version,
                        host_mode_names[road->facts.host]);
                plan_print_json(&road->plan, stdout);
                print_json_lacks(&road->lacks);
        }
        puts("}");
}

int cmd_plan(const struct call *call, struct err *e)
{
        struct road road = ROAD_START;
        struct err refused;
        int r = call->id ? oci_check_id(call->id, e) : 0;

        if (r < 0)
                return err_within(e, "--id");
        road.arena = call->arena;
        road.bundle = call->bundle;
        road.id = call->id;
        road.settings = call->settings;
        r = road_take(&road, &refused);
        if (r < 0 && !road.has_config) {
                *e = refused;
                return r;
        }
        road.plan.machine_id_by_id = depends_on_id(&road);

        int printed = 0;

        if (call->json)
                print_json(&road, r < 0 ? &refused : NULL);
        else
                printed = print(&road, r < 0 ? &refused : NULL, call->tree, e);
        road_end(&road);
        if (printed < 0)
                return printed;
        if (ferror(stdout) || fflush(stdout))
                return err_set(e, errno, "write the plan");
        return r < 0 ? 1 : 0;
}
