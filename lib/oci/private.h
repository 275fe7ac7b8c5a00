/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the two readers of lib/oci share. */

#include "base/json.h"
#include "oci/oci.h"

/* A copy of the value's string in *ret. */
int oci_copy(struct arena *a, const struct json_value *v, const char **ret, struct err *e) must_check;

/* Adds the annotation if its key has our prefix. */
int oci_keep_annotation(struct arena *a, const struct json_value *v, struct annotations *list, struct err *e)
        must_check;

/*
 * config.json of the bundle, open for reading. The bundle is the runtime's, so its links may be followed; but nothing
 * that can hang or never end is read.
 */
int oci_open_config(const char *bundle, struct arena *a, struct err *e) must_check;

/* Takes one of a mount's options, as mount(8) names them, of which the last word counts; false: not one of ours. */
bool oci_mount_option(struct oci_mount *m, const char *option);

/* What a setter of config.json fills: to is its own. */
struct oci_config *oci_filled(void *to);

/* Members of process, in process.c. */
extern const struct json_field oci_user[];
int oci_set_no_new_privileges(void *to, const struct json_value *v, struct err *e) must_check;
int oci_set_terminal(void *to, const struct json_value *v, struct err *e) must_check;
void oci_take_variable(struct oci_config *c, const char *variable);

/* Members of linux.resources, in limits.c. */
extern const struct json_field oci_memory[], oci_pids[], oci_unified[];

/* Of an annotation: the stop signal that the engine will send (OCI image specification, conversion to a bundle). */
void oci_take_stop_signal(const struct json_value *v, enum stop_signal *stop_signal);

/* Keeps one of process.args, in arguments.c. */
int oci_take_argument(struct oci_config *c, struct arena *a, const struct json_value *v, struct err *e)
        must_check;
