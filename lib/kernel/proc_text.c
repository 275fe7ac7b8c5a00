/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/proc_text.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct membership {
        const char *controllers, *path;
        bool is_unified;
};

/* Cuts the next line off. 1: *ret is it, 0: there is none, -EINVAL: it is something else. */
static int next_membership(char **text, struct membership *ret, struct err *e)
{
        char *line = *text, *end = strchr(line, '\n');

        if (!end)
                return 0;
        *end = '\0';
        *text = end + 1;

        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;

        if (!path || path[1] != '/') {
                err_refuse(e, "/proc/PID/cgroup: \"%.200s\" is not ID:CONTROLLERS:PATH", line);
                return -EINVAL; /* said here, for the analyzers: no refusal is a membership */
        }
        *path = '\0';
        *ret = (struct membership){controllers + 1, path + 1, strcmp(line, "0:") == 0};
        return 1;
}

int proc_text_cgroups(char *text, const char *ret_path[HIERARCHIES], struct err *e)
{
        struct membership m;
        int r;

        while ((r = next_membership(&text, &m, e)) > 0) {
                if (strcmp(m.controllers, "name=systemd") == 0)
                        ret_path[HIERARCHY_SYSTEMD] = m.path;
                else if (m.is_unified)
                        ret_path[HIERARCHY_UNIFIED] = m.path;
        }
        return r;
}

/* Whether the list "cpu,memory" has it. */
static bool has_memory(const char *controllers)
{
        for (const char *at = controllers; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
                if (strncmp(at, "memory", 6) == 0 && (at[6] == ',' || at[6] == '\0'))
                        return true;
        return false;
}

const char *proc_text_memory_cgroup(char *text, bool *ret_is_v1)
{
        const char *unified = NULL;
        struct membership m;
        struct err unused;

        while (next_membership(&text, &m, &unused) > 0) {
                *ret_is_v1 = has_memory(m.controllers);
                if (*ret_is_v1)
                        return m.path;
                if (m.is_unified)
                        unified = m.path;
        }
        *ret_is_v1 = false;
        return unified;
}

bool proc_text_maps_root(const char *text)
{
        for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
                char *outside, *end;

                strtoul(line, &outside, 10);
                if (outside > line && strtoul(outside, &end, 10) == 0 && end > outside)
                        return true;
        }
        return false;
}

int proc_text_root_id(const char *text, uid_t *ret_id)
{
        for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
                char *outside, *end;
                unsigned long inside = strtoul(line, &outside, 10), id = strtoul(outside, &end, 10);

                if (outside > line && inside == 0 && end > outside && id < UINT32_MAX) {
                        *ret_id = (uid_t)id;
                        return 0;
                }
        }
        return -ENOENT;
}
