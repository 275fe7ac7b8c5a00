/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A container as a runtime leaves it at prestart, in two milliseconds: a process in namespaces and cgroups of
 * its own, its rootfs bound onto itself with what the engine mounts below it, not yet pivoted. Errors of
 * these functions end the program with status 125: then it is the test that is broken.
 */

#include <stdbool.h>
#include <sys/types.h>

#define FAKE_VOLUMES 8

struct fake_volume {
        char *type;    /* bind, tmpfs */
        char *source;  /* bind: of the host */
        char *target;  /* in the container, resolved as runtimes do: below the rootfs */
        char *options; /* ro, shared (with the host), or empty */
};

struct fake {
        const char *rootfs, *cgroup; /* cgroup: a path in each hierarchy, "/name" */
        bool no_proc, no_sys, host_cgroups, user_namespace, host_cgroup_namespace, shared;
        struct fake_volume volumes[FAKE_VOLUMES];
        unsigned volume_count;
};

/* One word of a test's command line: no-proc, no-sys, ..., bind=SOURCE:TARGET[:OPTIONS], tmpfs=TARGET. */
bool fake_parse(struct fake *f, char *word);

/* Returns the first process of the container, as the caller counts. */
pid_t fake_start(const struct fake *f);

/* Kills and waits for it. */
void fake_stop(pid_t pid);

/* What a runtime removes in the end: the container's cgroups with all below them. */
void fake_remove_cgroups(const struct fake *f);

/* The mount points that the container's process sees, a line each, sorted; the caller frees. */
char *fake_mounts(pid_t pid);

struct fake_end {
        int status; /* as of waitpid */
        double ms;
};

/* Runs a program with input on its stdin, its stdout and stderr in fds. Kills it after fake_patience: that is
 * no exit. */
struct fake_end fake_run(char *const argv[], char *const env[], const char *input, int out, int error);

/* The template with each @PID@ replaced; the caller frees. */
char *fake_state(const char *template, const char *pid);

/* The whole file, with a NUL behind it; the caller frees. */
char *fake_read(const char *path);

/* Seconds that fake_run gives a program. "linger" makes it longer than the time limit of the hook. */
extern double fake_patience;

void fake_die(const char *what) __attribute__((noreturn));
