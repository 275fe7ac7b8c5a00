/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Processes of the hook's own. Nothing is executed: a child is a fork of the hook, or a helper that shares its
 * memory while the hook waits.
 */

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define CHILD_FDS_MOST 4

/*
 * Starts a process that goes on when the hook has ended, runs work(fds, count) and exits. It is called name in
 * ps. Of the hook it has a copy of the memory and nothing else: its descriptors are copies of fds, standard
 * input, output and error are closed, it is in a session of its own, has no capability, cannot gain one and is
 * not dumpable, and the kernel kills it at any call but to read, write, send, receive, poll, close and exit
 * (seccomp(2)). It is in the namespaces of the hook: call this before container_enter_mounts.
 */
int child_leave_behind(const char *name, const int *fds, size_t count,
        void (*work)(const int *fds, size_t count), struct err *e) must_check;

/*
 * Runs work(with) in a child that shares memory and descriptors with the hook, and waits for it no longer than
 * limit milliseconds: then the child is killed, wherever in the kernel it waits. For what a file system may never answer.
 * The child is to leave its results in with. Returns 0 when work has ended, 1 when the time was over.
 */
int child_within(int limit, void (*work)(void *with), void *with, struct err *e) must_check;

/*
 * Runs work(with) in a child that enters the cgroup of procs before, and waits for it. The child has a copy of the
 * hook's memory: what work stores there is lost, but for its result and its error, which are returned. A child that may
 * not enter works all the same. -ENOMEM: the child was killed, as the memory of the cgroup is used up.
 */
int child_in_cgroup(int procs, int (*work)(void *with, struct err *e), void *with, struct err *e) must_check;

/*
 * Runs work(with) in such a child, in the cgroup of the hook, and waits for it no longer than limit milliseconds: then the child
 * is killed, and 1 is returned.
 */
int child_copy_within(int limit, int (*work)(void *with, struct err *e), void *with, struct err *e)
        must_check;
