/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/proc_text.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int proc_text_cgroups(char *text, const char *ret_path[HIERARCHIES], struct err *e)
{
        for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
                *end = '\0';

                char *controllers = strchr(line, ':');
                char *path = controllers ? strchr(controllers + 1, ':') : NULL;

                if (!path || path[1] != '/')
                        return err_refuse(e, "/proc/PID/cgroup: \"%.200s\" is not ID:CONTROLLERS:PATH", line);
                *path++ = '\0';
                if (strcmp(controllers + 1, "name=systemd") == 0)
                        ret_path[HIERARCHY_SYSTEMD] = path;
                else if (strcmp(line, "0:") == 0)
                        ret_path[HIERARCHY_UNIFIED] = path;
        }
        return 0;
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

        *ret_is_v1 = false;
        for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
                *end = '\0';

                char *controllers = strchr(line, ':');
                char *path = controllers ? strchr(controllers + 1, ':') : NULL;

                if (!path)
                        return NULL;
                *path++ = '\0';
                if (has_memory(controllers + 1)) {
                        *ret_is_v1 = true;
                        return path;
                }
                if (controllers[1] == '\0')
                        unified = path;
        }
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
