/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "asked.h"

#include "base/json.h"
#include "base/scope.h"
#include "oci/settings.h"

#include <fcntl.h>
#include <string.h>

struct asked {
        bool names_hook;    /* the engine has put it into config.json */
        bool is_ours;       /* an annotation of the hook's */
        char misspelt[128]; /* one that only looks like it */
};

static int set_path(void *to, const struct json_value *v, struct err *e)
{
        const char *name = strrchr(v->text, '/');

        (void)e;
        ((struct asked *)to)->names_hook |= name && strcmp(name, "/oci-systemd-hook") == 0;
        return 0;
}

static int set_annotation(void *to, const struct json_value *v, struct err *e)
{
        struct asked *asked = to;

        (void)e;
        if (strncmp(v->key, SETTINGS_PREFIX, sizeof SETTINGS_PREFIX - 1) == 0)
                asked->is_ours = true;
        else if (strstr(v->key, "oci-systemd") || strstr(v->key, "systemd-hook"))
                snprintf(asked->misspelt, sizeof asked->misspelt, "%s", v->key);
        return 0;
}

static const struct json_field entry[] = {{"path", JSON_STRING, .set = set_path}, {NULL}};
static const struct json_field entries[] = {{"", JSON_OBJECT, entry}};
static const struct json_field hooks[] = {
        {"prestart", JSON_ARRAY, entries}, {"createRuntime", JSON_ARRAY, entries}, {NULL}};
static const struct json_field bundle_fields[] = {
        {"annotations", JSON_MAP, .set = set_annotation}, {"hooks", JSON_OBJECT, hooks}, {NULL}};

void asked_explain(struct findings *f, const char *bundle)
{
        static const char annotate[] = "--annotation org.oci-systemd-hook.mode=auto";
        const char *file = arena_print(f->arena, "%s/config.json", bundle);
        scoped_fd fd = file ? open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
        struct asked asked = {0};
        struct err unused;

        if (fd < 0 || json_read(fd, file, OCI_CONFIG_MOST, bundle_fields, &asked, &unused) < 0)
                return;
        if (asked.names_hook)
                return;
        if (*asked.misspelt)
                findings_add(f, FINDING_STOPS, "asked", annotate,
                        "%s is no annotation of the hook's, so that the engine did not add it",
                        asked.misspelt);
        else if (asked.is_ours)
                findings_add(f, FINDING_STOPS, "asked", "oci-systemd-hook check",
                        "the hook is not in its config.json: the engine did not add it");
        else
                findings_add(f, FINDING_STOPS, "asked", annotate,
                        "the hook is not in its config.json: neither an annotation nor a device asks for it; "
                        "Docker takes --device oci-systemd-hook.org/systemd=auto, Podman this:");
}

static int set_stop_signal(void *to, const struct json_value *v, struct err *e)
{
        (void)e;
        *(enum stop_signal *)to = oci_stop_signal(v->text);
        return 0;
}

static const struct json_field config[] = {{"StopSignal", JSON_STRING, .set = set_stop_signal}, {NULL}};
static const struct json_field docker_fields[] = {{"Config", JSON_OBJECT, config}, {NULL}};

enum stop_signal asked_stop_signal(const struct known_container *c)
{
        scoped_fd fd = c->docker ? open(c->docker, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
        enum stop_signal signal = STOP_SIGNAL_UNKNOWN;
        struct err unused;

        if (fd < 0 || json_read(fd, c->docker, OCI_CONFIG_MOST, docker_fields, &signal, &unused) < 0)
                return STOP_SIGNAL_UNKNOWN;
        /* Docker's default is SIGTERM */
        return signal == STOP_SIGNAL_UNKNOWN ? STOP_SIGNAL_OTHER : signal;
}
