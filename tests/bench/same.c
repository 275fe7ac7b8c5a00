/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * same HOOK FLOOR EMPTY ROOTFS: keeps the floor honest: of one container each, hook and floor leave the same
 * mounts, files and cgroups. Prints what differs, "<" for the floor and ">" for the hook, and fails.
 */
#include "container.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static FILE *out;
static size_t skipped; /* of a path, what is before the rootfs's own */

static int one_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void)type, (void)ftw;
        fprintf(out, "file %s %o %u:%u %" PRIdMAX "\n", path + skipped, st->st_mode, st->st_uid, st->st_gid,
                S_ISREG(st->st_mode) ? (intmax_t)st->st_size : 0);
        return 0;
}

/* Where, what of it, how, and whether it is shared. */
static void mounts(const struct room *r, pid_t pid)
{
        char path[64], *line = NULL, *type;
        char root[4096], point[4096], options[256], tag[64];
        size_t size = 0;

        snprintf(path, sizeof path, "/proc/%d/mountinfo", pid);
        FILE *f = fopen(path, "re");

        if (!f)
                die(path);
        while (getline(&line, &size, f) > 0)
                if (sscanf(line, "%*d %*d %*s %4095s %4095s %255s %63s", root, point, options, tag) == 4 &&
                        strncmp(point, r->rootfs, strlen(r->rootfs)) == 0 && (type = strstr(line, " - ")))
                        fprintf(out, "mount %s %s %s %.6s %.*s\n", point + strlen(r->rootfs), root, options,
                                strncmp(tag, "shared", 6) == 0 ? tag : "-", (int)strcspn(type + 3, " "),
                                type + 3);
        free(line);
        fclose(f);
}

static void memberships(pid_t pid)
{
        char path[64], line[4096];

        snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
        FILE *f = fopen(path, "re");

        if (!f)
                die(path);
        while (fgets(line, sizeof line, f))
                fprintf(out, "cgroup %s", line);
        fclose(f);
}

static void look(const struct room *r, pid_t pid, const char *file)
{
        static const char *const places[] = {"/run", "/tmp", "/var/log/journal", "/etc/machine-id"};
        char path[4096];

        out = fopen(file, "we");
        if (!out)
                die(file);
        mounts(r, pid);
        memberships(pid);
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
                skipped = (size_t)snprintf(path, sizeof path, "/proc/%d/root%s", pid, r->rootfs);
                strncat(path, places[i], sizeof path - strlen(path) - 1);
                if (nftw(path, one_file, 16, FTW_PHYS) != 0)
                        die(path);
        }
        if (fclose(out) != 0)
                die(file);
}

int main(int argc, char **argv)
{
        char state[STATE_SIZE], by_floor[128], by_hook[128], command[512];
        struct room room;

        if (argc != 5)
                return 2;
        room_open(&room, argv + 1);
        bundle_make(&room, "systemd", &(struct load){.command = "/sbin/init"});
        snprintf(by_floor, sizeof by_floor, "%s/floor", room.directory);
        snprintf(by_hook, sizeof by_hook, "%s/hook", room.directory);

        pid_t container = container_start(&room, 0);
        finish(start_floor(&room, 0, container));
        look(&room, container, by_floor);
        container_stop(&room, 0, container);

        container = container_start(&room, 0);
        state_make(&room, "systemd", 0, container, 0, state);
        finish(start((char *[]){(char *)room.hook, (char *)"prestart", NULL}, state));
        look(&room, container, by_hook);
        container_stop(&room, 0, container);

        snprintf(command, sizeof command,
                "for f in floor hook; do sort -o %1$s/$f %1$s/$f; done; diff %1$s/floor %1$s/hook",
                room.directory);
        int status = system(command);

        room_close(&room);
        return status != 0;
}
