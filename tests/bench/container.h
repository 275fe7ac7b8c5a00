/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A process as runc leaves it at prestart: namespaces of its own, the rootfs bound onto itself with proc,
 * sysfs and a tmpfs for /sys/fs/cgroup, not pivoted. And programs that are run and timed beside it. All ends
 * at an error.
 */

#include <sys/types.h>

struct room {
        const char *hook, *floor, *empty, *rootfs;
        char directory[64]; /* of the bundles */
};

struct load {
        const char *command; /* process.args[0] */
        int mounts;          /* in config.json, beyond the usual */
        int padding;         /* bytes of config.json that nobody needs */
};

struct sample {
        double milliseconds; /* from the spawn to the end */
        double processor;    /* likewise, of what a processor worked for it */
        long peak;           /* KiB */
};

/* Where the three programs and the payload are; a directory for bundles. */
void room_open(struct room *r, char **programs);
void room_close(const struct room *r);

/* Writes the bundle NAME of the room. */
void bundle_make(const struct room *r, const char *name, const struct load *load);

/* number tells containers that are there at the same time apart. */
pid_t container_start(const struct room *r, int number);
void container_stop(const struct room *r, int number, pid_t pid);

/* The state that a runtime writes. text has room for 70000 bytes; annotation_bytes of it are annotations. */
#define STATE_SIZE 70000
void state_make(
        const struct room *r, const char *bundle, int number, pid_t pid, int annotation_bytes, char *text);

/* Starts the program with text as its standard input; finish waits for it. status 0 is demanded. */
struct running {
        pid_t pid;
        double begin;
};
struct running start(char *const argv[], const char *text);
struct sample finish(struct running running);

/* The floor's arguments. */
struct running start_floor(const struct room *r, int number, pid_t pid);

double now(void); /* milliseconds */
double median(double *values, int count);

/* Of a series: the median, and what a quarter of it is below and above. */
struct spread {
        double low, middle, high;
};

/* Sorts values. */
struct spread spread(double *values, int count);

/* Of values[i] / by[i], pairs that took turns. Sorts neither. */
struct spread spread_of_ratios(const double *values, const double *by, int count);
void die(const char *what);
