/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench ROUNDS SERIES HOOK FLOOR EMPTY ROOTFS: medians of a start, each against the floor and the empty process of the same
 * round: the median of these ratios, and in brackets the quarters of them. Every sample gets a fresh container, and the
 * variants take turns, so that a noisy moment hits all of them.
 * The raw series goes to the file SERIES.
 */
#include "container.h"

#include <stdio.h>
#include <stdlib.h>

enum variant { EMPTY, FLOOR, PRESTART, SKIPPED, POSTSTOP, VARIANTS };

static const char *const names[VARIANTS] = {
        "empty process", "floor", "prestart", "prestart, skipped", "poststop"};

static struct sample sample(const struct room *r, enum variant v)
{
        pid_t container = container_start(r, 0);
        char state[STATE_SIZE];
        struct running running;

        state_make(r, v == SKIPPED ? "shell" : "systemd", 0, container, 0, state);
        if (v == EMPTY)
                running = start((char *[]){(char *)r->empty, NULL}, "");
        else if (v == FLOOR)
                running = start_floor(r, 0, container);
        else
                running = start(
                        (char *[]){(char *)r->hook, (char *)(v == POSTSTOP ? "poststop" : "prestart"), NULL},
                        state);
        struct sample s = finish(running);

        container_stop(r, 0, container);
        return s;
}

struct series {
        double *times, *processor;
        long peak;
};

static void print_ratios(const double *values, const double *floor, const double *empty, int rounds)
{
        const struct spread f = spread_of_ratios(values, floor, rounds);
        const struct spread e = spread_of_ratios(values, empty, rounds);

        printf(" %.2f (%.2f-%.2f) | %.2f (%.2f-%.2f) |", f.middle, f.low, f.high, e.middle, e.low, e.high);
}

/* As they were measured, round by round; the series are only sorted when all ratios are printed. */
static void print(struct series *all, int rounds)
{
        printf("| %-18s | / floor | / empty | processor / floor | / empty |\n"
               "| --- | --- | --- | --- | --- |\n",
                "");
        for (int v = 0; v < VARIANTS; v++) {
                printf("| %-18s |", names[v]);
                print_ratios(all[v].times, all[FLOOR].times, all[EMPTY].times, rounds);
                print_ratios(all[v].processor, all[FLOOR].processor, all[EMPTY].processor, rounds);
                printf("\n");
        }
        printf("\n| %-18s | median ms | 10 %% | 90 %% | processor ms | peak KiB |\n"
               "| --- | --- | --- | --- | --- | --- |\n",
                "");
        for (int v = 0; v < VARIANTS; v++) {
                const double middle = median(all[v].times, rounds);

                printf("| %-18s | %.3f | %.3f | %.3f | %.3f | %ld |\n", names[v], middle,
                        all[v].times[rounds / 10], all[v].times[rounds * 9 / 10],
                        median(all[v].processor, rounds), all[v].peak);
        }
}

int main(int argc, char **argv)
{
        struct series all[VARIANTS] = {0};
        struct room room;
        int rounds = argc == 7 ? atoi(argv[1]) : 0;

        if (rounds < 10)
                return 2;
        FILE *series = fopen(argv[2], "we");

        if (!series)
                die(argv[2]);
        room_open(&room, argv + 3);
        bundle_make(&room, "systemd", &(struct load){.command = "/sbin/init"});
        bundle_make(&room, "shell", &(struct load){.command = "/bin/sh"});
        for (int v = 0; v < VARIANTS; v++)
                if (!(all[v].times = calloc((size_t)rounds, sizeof(double))) ||
                        !(all[v].processor = calloc((size_t)rounds, sizeof(double))))
                        die("calloc");
        for (int i = -3; i < rounds; i++) /* the first three warm up */
                for (enum variant v = 0; v < VARIANTS; v++) {
                        struct sample s = sample(&room, v);

                        all[v].times[i < 0 ? 0 : i] = s.milliseconds;
                        all[v].processor[i < 0 ? 0 : i] = s.processor;
                        all[v].peak = s.peak > all[v].peak ? s.peak : all[v].peak;
                        if (i >= 0)
                                fprintf(series, "%d\t%s\t%.4f\n", i, names[v], s.milliseconds);
                }
        print(all, rounds);
        for (int v = 0; v < VARIANTS; v++) {
                free(all[v].times);
                free(all[v].processor);
        }
        room_close(&room);
        return fclose(series) != 0;
}
