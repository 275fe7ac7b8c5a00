/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * crowd HOOK FLOOR EMPTY ROOTFS: 1, 10, 100 and 500 starts at once: how many are done in a second, and how
 * long the slowest of a hundred takes, by the hook and by the floor program.
 */
#include "container.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST 500

struct result {
        double per_second, p99;
};

static struct result crowd(const struct room *r, int count, int by_hook)
{
        static pid_t containers[MOST];
        static struct running running[MOST];
        static double times[MOST];
        char state[STATE_SIZE];

        for (int i = 0; i < count; i++)
                containers[i] = container_start(r, i);
        double begin = now();

        for (int i = 0; i < count; i++) {
                state_make(r, "systemd", i, containers[i], 0, state);
                running[i] = by_hook ? start((char *[]){(char *)r->hook, (char *)"prestart", NULL}, state)
                                     : start_floor(r, i, containers[i]);
        }
        for (int i = 0; i < count; i++)
                times[i] = finish(running[i]).milliseconds;
        double all = now() - begin;

        for (int i = 0; i < count; i++)
                container_stop(r, i, containers[i]);
        median(times, count); /* sorts */
        return (struct result){count / all * 1e3, times[count * 99 / 100]};
}

int main(int argc, char **argv)
{
        static const int counts[] = {1, 10, 100, 500};
        struct room room;

        if (argc != 5)
                return 2;
        room_open(&room, argv + 1);
        bundle_make(&room, "systemd", &(struct load){.command = "/sbin/init"});
        printf("| at once | hook / s | floor / s | throughput ratio | hook p99 ms | floor p99 ms |\n"
               "| --- | --- | --- | --- | --- | --- |\n");
        for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++) {
                struct result hook[5], floor[5];
                double ratio[5];

                for (int k = 0; k < 5; k++) {
                        floor[k] = crowd(&room, counts[i], 0);
                        hook[k] = crowd(&room, counts[i], 1);
                        ratio[k] = hook[k].per_second / floor[k].per_second;
                }
                const struct spread s = spread(ratio, 5);

                printf("| %d | %.0f | %.0f | %.2f (%.2f-%.2f) | %.2f | %.2f |\n", counts[i],
                        hook[2].per_second, floor[2].per_second, s.middle, s.low, s.high, hook[2].p99,
                        floor[2].p99);
                fflush(stdout);
        }
        room_close(&room);
        return 0;
}
