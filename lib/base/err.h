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

/* "FORMAT: why code happened". Returns -code. ENOSYS names the kernel that is needed. */
int err_set(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A refusal in our own words, with no errno behind it. Returns -EINVAL. */
int err_refuse(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "FORMAT: " before what is there: the context that the caller knows. Returns -code. */
int err_within(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds "; FORMAT": what the user can do about it. Returns -code. */
int err_hint(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
