/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What went wrong, in the words that the user will read: "what failed: why; what to do".
 *
 * Every function that can fail takes a struct err last. It never allocates. The texts may hold bytes of the
 * image: lib/log escapes them when the line is made.
 */

#define must_check __attribute__((warn_unused_result))

struct err {
        int code; /* a positive errno; EINVAL for a refusal of ours */
        char text[1024];
};

/*
 * "cannot FORMAT: why code happened": FORMAT is an imperative, "open %s"; the kernel call, where one can be
 * missing, stands behind it in brackets. Returns -code. ENOSYS names the kernel that is needed. A code that
 * is no errno becomes EIO, so that a failure never returns success.
 */
int err_set(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A refusal, a whole sentence in our own words. Returns -EINVAL. */
int err_refuse(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A refusal that callers tell by its code. Returns -code, -EIO where code is no errno. */
int err_refuse_as(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "FORMAT: " before what is there: the context that the caller knows. Returns -code. */
int err_within(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds "; FORMAT": what the user can do about it. Returns -code. */
int err_hint(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
