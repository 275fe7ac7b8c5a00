/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"
#include "base/scope.h"
#include "hook.h"
#include "host/facts.h"
#include "plan/decide.h"
#include "plan/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

struct preview {
        struct oci_config config;
        struct settings settings;
        struct payload payload;
        struct facts facts;
        struct plan plan;
        struct decision decision;
};

static int inspect(struct preview *v, const char *bundle, struct arena *a, struct err *e)
{
        const char *path = oci_root(&v->config, bundle, a);
        scoped_fd fd = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

        if (fd < 0)
                return err_set(e, path ? errno : ENOMEM, "open the rootfs %s", path ? path : "");

        struct croot root = {fd};
        int r = payload_inspect(root, &v->config, &v->payload, e);

        if (r < 0)
                return r;
        if (!v->payload.is_systemd)
                v->payload.version = payload_installed_version(root);
        v->decision = decide(&v->settings, &v->config, &v->payload);
        return 0;
}

static int look(struct preview *v, const char *bundle, struct arena *a, struct err *e)
{
        int r = oci_read_config(bundle, NULL, NULL, a, &v->config, e);

        if (r == 1)
                r = oci_annotate(&v->config.annotations, &v->settings, e);
        if (r == 0)
                r = inspect(v, bundle, a, e);
        if (r < 0 || !v->decision.acts)
                return r;
        r = facts_host(a, &v->facts, e);
        v->facts.selinux = facts_has_selinux();
        if (r == 0)
                r = facts_expect(&v->config, a, &v->facts, e);

        const struct plan_input in = {"ID", &v->config, &v->settings, &v->facts, &v->payload};

        return r == 0 ? plan_make(&in, a, &v->plan, e) : r;
}

static void print(const struct preview *v)
{
        printf("%s: ", v->decision.acts ? "it acts" : "it does nothing");
        plan_print_text(stdout, v->decision.reason);
        putchar('\n');
        if (!v->decision.acts)
                return;
        if (v->payload.version)
                printf("payload: systemd %u\n", v->payload.version);
        printf("host: %s\n", host_mode_names[v->facts.host]);
        plan_print(&v->plan, stdout);
}

static void print_json(const struct preview *v)
{
        printf("{\"acts\": %s, \"reason\": ", v->decision.acts ? "true" : "false");
        json_write_string(stdout, v->decision.reason);
        if (v->decision.acts) {
                printf(", \"payloadVersion\": %u, \"host\": \"%s\",\n ", v->payload.version,
                        host_mode_names[v->facts.host]);
                plan_print_json(&v->plan, stdout);
        }
        puts("}");
}

int plan_command(
        const char *bundle, const struct settings *settings, bool json, struct arena *a, struct err *e)
{
        struct preview v = {.settings = *settings};
        int r = look(&v, bundle, a, e);

        if (r < 0)
                return r;
        if (json)
                print_json(&v);
        else
                print(&v);
        return ferror(stdout) || fflush(stdout) ? err_set(e, errno, "write the plan") : 0;
}
