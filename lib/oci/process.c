/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What config.json's process says of the program's means: read for lib/plan/lacks. */
#include "oci/private.h"

#include <string.h>

static int set_uid(void *to, const struct json_value *v, struct err *e)
{
        if (v->integer < 0 || v->integer >= UINT32_MAX)
                return err_refuse(e, "%lld is not an id", (long long)v->integer);
        oci_filled(to)->uid = (uint32_t)v->integer;
        return 0;
}

const struct json_field oci_user[] = {{"uid", JSON_INTEGER, .set = set_uid}, {NULL}};

int oci_set_no_new_privileges(void *to, const struct json_value *v, struct err *e)
{
        (void)e;
        oci_filled(to)->no_new_privileges = v->boolean;
        return 0;
}

int oci_set_terminal(void *to, const struct json_value *v, struct err *e)
{
        (void)e;
        oci_filled(to)->terminal = v->boolean;
        return 0;
}

void oci_take_variable(struct oci_config *c, const char *variable)
{
        if (strncmp(variable, "TERM=", 5) == 0)
                c->has_lively_terminal = variable[5] && strcmp(variable + 5, "dumb") != 0;
        if (strncmp(variable, "container=", 10) == 0) /* the last one counts */
                c->has_container = variable[10] != '\0';
}

void oci_take_stop_signal(const struct json_value *v, enum stop_signal *stop_signal)
{
        static const char suits[][12] = {"", "37", "RTMIN+3", "SIGRTMIN+3"};

        if (strcmp(v->key, "org.opencontainers.image.stopSignal") != 0)
                return;
        *stop_signal = STOP_SIGNAL_OTHER;
        for (size_t i = 0; i < sizeof suits / sizeof *suits; i++)
                if (strcmp(v->text, suits[i]) == 0)
                        *stop_signal = i ? STOP_SIGNAL_SUITS : STOP_SIGNAL_UNKNOWN;
}
