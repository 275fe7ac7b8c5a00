/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"
#include "oci/private.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

struct target {
        struct arena *arena;
        struct oci_state *state;
        bool has_bundle; /* by its current name */
};

int oci_check_id(const char *id, struct err *e)
{
        const size_t length = strlen(id);

        if (length == 0 || length > OCI_ID_MOST)
                return err_refuse(e, "an id has 1 to %d bytes", OCI_ID_MOST);
        if (strchr(id, '/') || strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
                return err_refuse(e, "\"%s\" cannot be the id of a container", id);
        for (const char *c = id; *c; c++)
                if ((unsigned char)*c < ' ' || *c == 0x7f)
                        return err_refuse(e, "a control byte in the id");
        return 0;
}

static int set_id(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;
        int r = oci_check_id(v->text, e);

        return r < 0 ? r : oci_copy(t->arena, v, &t->state->id, e);
}

static int set_pid(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        if (v->integer < 0 || v->integer > INT_MAX)
                return err_refuse(e, "%lld is not a process id", (long long)v->integer);
        t->state->pid = (pid_t)v->integer;
        return 0;
}

static int set_status(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        (void)e;
        t->state->stopped = strcmp(v->text, "stopped") == 0;
        return 0;
}

static int set_bundle(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        if (v->text[0] != '/')
                return err_refuse(e, "\"%.128s\" is not an absolute path", v->text);
        t->has_bundle = true;
        return oci_copy(t->arena, v, &t->state->bundle, e);
}

/* What the runtimes before version 1.0 of the specification wrote. */
static int set_bundle_path(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;
        bool has_bundle = t->has_bundle;
        int r = has_bundle ? 0 : set_bundle(to, v, e);

        t->has_bundle = has_bundle;
        return r;
}

static int set_annotation(void *to, const struct json_value *v, struct err *e)
{
        struct target *t = to;

        t->state->has_annotations = true;
        oci_take_stop_signal(v, &t->state->stop_signal);
        return oci_keep_annotation(t->arena, v, &t->state->annotations, e);
}

static const struct json_field fields[] = {
        {"id", JSON_STRING, NULL, set_id},
        {"pid", JSON_INTEGER, NULL, set_pid},
        {"status", JSON_STRING, NULL, set_status},
        {"bundle", JSON_STRING, NULL, set_bundle},
        {"bundlePath", JSON_STRING, NULL, set_bundle_path},
        {"annotations", JSON_MAP, NULL, set_annotation},
        {NULL, 0, NULL, NULL},
};

int oci_read_state(int fd, struct arena *a, struct oci_state *ret_state, struct err *e)
{
        struct oci_state state = {0};
        struct target target = {a, &state};
        int r = json_read(fd, "the container's state on standard input", OCI_CONFIG_MOST, fields, &target, e);

        if (r == -ENODATA || r == -EBADF)
                return err_hint(
                        e, "a runtime calls this program and writes the state; see oci-systemd-hook(8)");
        if (r < 0)
                return r;
        if (!state.id)
                return err_refuse(e, "the container's state on standard input: no id in it");
        *ret_state = state;
        return 0;
}
