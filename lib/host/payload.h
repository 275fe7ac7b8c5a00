/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the container's command is, decided by what the file is and not by its name: contract section 4.
 */

#include "kernel/croot.h"
#include "oci/oci.h"

struct payload {
        bool is_systemd; /* or a script that starts systemd, as far as its name or its arguments tell */
        bool is_child;   /* a shell that forks starts it, so that it is not process 1 */
        bool is_script;  /* a script comes first, which may write what systemd will read */
        bool has_parent; /* another init stays process 1, and no setting makes it systemd; the reason says so */
        bool is_unseen;     /* its rootfs is out of the hook's reach, in a sandbox: payload_sandboxed */
        bool has_container; /* container= will be in its environment, or a script sets it */
        unsigned version;   /* of systemd: 247; 0: not known */
        char reason[256];   /* one clause for people: "/sbin/init needs libsystemd-shared-247.so" */
};

/*
 * Looks at c->args as the container would find their first: through PATH if it has no slash, relative to the working directory
 * if it has one, through links inside the rootfs. A shell with one plain command and env are taken off first
 * (host/command.h). A command that is not there or cannot be run is not systemd, with the reason; an error is only what keeps
 * us from looking.
 */
int payload_inspect(struct croot root, const struct oci_config *c, struct payload *ret_payload, struct err *e)
        must_check;

/* Of a payload whose process (pid) does not see the rootfs: there is nothing to prepare, and the reason says it. */
void payload_sandboxed(pid_t pid, struct payload *payload);

/*
 * For a container that is prepared although its command is not known to be systemd: the version of the manager that it starts,
 * by what its words and a script among them name, and by what the tree has at the customary places; and has_container.
 */
void payload_find_manager(struct croot root, const struct oci_config *c, struct payload *payload);

/* The version of the systemd that the rootfs holds at its customary places, whatever the command is; 0: none. */
unsigned payload_installed_version(struct croot root);
