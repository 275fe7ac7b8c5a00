/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * growth ROUNDS HOOK FLOOR EMPTY ROOTFS: what a start costs when config.json, the host's mount table, its
 * cgroups or the annotations are large. To be run in a mount namespace of its own: mounts are made for it.
 */
#include "container.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int rounds;

static void row(const struct room *r, const char *name, const char *bundle, int annotation_bytes)
{
        double hook[256], floor[256];
        char state[STATE_SIZE];
        long peak = 0;

        for (int i = 0; i < rounds; i++) {
                pid_t container = container_start(r, 0);

                floor[i] = finish(start_floor(r, 0, container)).milliseconds;
                container_stop(r, 0, container);
                container = container_start(r, 0);
                state_make(r, bundle, 0, container, annotation_bytes, state);
                struct sample s = finish(start((char *[]){(char *)r->hook, (char *)"prestart", NULL}, state));

                hook[i] = s.milliseconds;
                peak = s.peak > peak ? s.peak : peak;
                container_stop(r, 0, container);
        }
        const struct spread ratio = spread_of_ratios(hook, floor, rounds);

        printf("| %-36s | %.3f | %.3f | %.2f (%.2f-%.2f) | %ld |\n", name, median(hook, rounds),
                median(floor, rounds), ratio.middle, ratio.low, ratio.high, peak);
        fflush(stdout);
}

static void add_host_mounts(const struct room *r, int from, int to)
{
        char path[128];

        snprintf(path, sizeof path, "%s/mounts", r->directory);
        mkdir(path, 0755);
        if (from == 0 &&
                (mount("tmpfs", path, "tmpfs", 0, NULL) < 0 || mount(NULL, path, NULL, MS_PRIVATE, NULL) < 0))
                die(path);
        for (int i = from; i < to; i++) {
                snprintf(path, sizeof path, "%s/mounts/%d", r->directory, i);
                if (mkdir(path, 0755) < 0 || mount(path, path, NULL, MS_BIND, NULL) < 0)
                        die(path);
        }
}

static void cgroups(int count, int (*change)(const char *path))
{
        char path[128];

        for (int i = 0; i < count; i++) {
                snprintf(path, sizeof path, "/sys/fs/cgroup/unified/bench-%d-many-%d", getpid(), i);
                if (change(path) < 0)
                        die(path);
                snprintf(path, sizeof path, "/sys/fs/cgroup/systemd/bench-%d-many-%d", getpid(), i);
                if (change(path) < 0)
                        die(path);
        }
}

static int make(const char *path)
{
        return mkdir(path, 0755);
}

int main(int argc, char **argv)
{
        struct room room;
        char path[128];

        rounds = argc == 6 ? atoi(argv[1]) : 0;
        if (rounds < 3 || rounds > 256)
                return 2;
        room_open(&room, argv + 2);
        bundle_make(&room, "usual", &(struct load){.command = "/sbin/init"});
        bundle_make(&room, "mounts1", &(struct load){.command = "/sbin/init", .mounts = 1000});
        bundle_make(&room, "mounts20", &(struct load){.command = "/sbin/init", .mounts = 20000});
        bundle_make(&room, "long", &(struct load){.command = "/sbin/init", .padding = 10 << 20});
        printf("| %-36s | hook ms | floor ms | ratio | peak KiB |\n| --- | --- | --- | --- | --- |\n", "");
        row(&room, "as usual", "usual", 0);
        row(&room, "64 KiB of annotations", "usual", 64 << 10);
        row(&room, "1 000 mounts in config.json", "mounts1", 0);
        row(&room, "20 000 mounts in config.json", "mounts20", 0);
        row(&room, "config.json of 10 MB", "long", 0);
        cgroups(2500, make);
        row(&room, "5 000 cgroups on the host", "usual", 0);
        cgroups(2500, rmdir);
        add_host_mounts(&room, 0, 2000);
        row(&room, "2 000 mounts on the host", "usual", 0);
        add_host_mounts(&room, 2000, 20000);
        row(&room, "20 000 mounts on the host", "usual", 0);
        snprintf(path, sizeof path, "%s/mounts", room.directory);
        umount2(path, MNT_DETACH);
        room_close(&room);
        return 0;
}
