/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the runtime tells a hook: the container's state (OCI runtime specification, "State") and its config.json
 * ("Configuration file"), read into plain structs. Only what the hook acts on is kept, and that is validated.
 */

#include "base/arena.h"
#include "base/err.h"
#include "oci/settings.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct annotation {
        const char *key; /* without the prefix, and without "/CONTAINER" behind it */
        const char *value;
        /* of KEY/CONTAINER, as Podman and CRI write it for one container of a pod; or NULL */
        const char *container;
};

/* Those with our prefix, in the document's order. */
struct annotations {
        struct annotation *list;
        size_t count;
        /* what the engine calls this container within its pod; NULL: the engine does not say */
        const char *container;
};

/* What the engine will send, where an annotation says so: to systemd SIGTERM means to execute itself anew. */
enum stop_signal { STOP_SIGNAL_UNKNOWN, STOP_SIGNAL_SUITS, STOP_SIGNAL_OTHER };

struct oci_state {
        /* one file name: no '/', no control bytes, not "." or "..", at most OCI_ID_MOST bytes */
        const char *id;
        pid_t pid;          /* 0: the container does not live */
        bool stopped;       /* status says so */
        const char *bundle; /* absolute; NULL when absent */
        struct annotations annotations;
        enum stop_signal stop_signal;
        bool has_annotations; /* of any prefix: then the runtime has copied config.json's */
};

#define OCI_CONFIG_MOST (64 << 20) /* bytes of config.json, or of a state, which has its annotations */
#define OCI_ID_MOST     251        /* that oci-ID is the name of a cgroup */
#define OCI_ARGS_MOST   128
#define OCI_ARG_MOST    4096

struct oci_mount {
        const char *destination; /* absolute, clean: no "//", ".", "..", no '/' at the end */
        bool is_tmpfs;           /* a fresh one, which belongs to this container alone */
        bool is_cgroup; /* the engine's own view of the hierarchies: read_only is then true of all of it */
        bool read_only;
        bool is_bind;  /* a directory or file of the host's, such as a volume */
        bool has_size; /* size= is given */
        uint64_t size; /* in bytes, as far as it says so; else 0 */
        bool no_exec;
        const char *source; /* of a bind mount, as written, or NULL */
        bool is_sysfs;
};

struct oci_config {
        const char *command; /* process.args[0]; NULL when there is none */
        /* process.args: the first OCI_ARGS_MOST, and of each OCI_ARG_MOST bytes */
        const char **args;
        size_t arg_count;
        bool has_container;    /* container= in process.env, with a value */
        const char *cwd;       /* process.cwd or "/" */
        const char *path;      /* PATH in process.env, else the customary default */
        bool disabled;         /* oci-systemd-hook=disabled in process.env */
        uint64_t capabilities; /* the bounding set, 1 << CAP_… each: all that a program in it can ever have */
        bool terminal;         /* process.terminal */
        uint32_t uid;          /* process.user.uid */
        bool no_new_privileges;   /* process.noNewPrivileges */
        bool has_lively_terminal; /* TERM in process.env, but not "dumb" */
        enum stop_signal stop_signal;
        const char *root; /* root.path as written */
        bool root_read_only;
        struct oci_mount *mounts; /* those that a container path of ours could be concerned with */
        size_t mount_count;
        const char *process_label; /* process.selinuxLabel or NULL */
        const char *mount_label;   /* linux.mountLabel or NULL */
        bool pid_namespace;        /* a new one, or one that is given by path */
        bool cgroup_namespace;     /* likewise */
        bool user_namespace;       /* likewise */
        /* who the container's 0 is outside, by linux.uidMappings and gidMappings; 0 without any */
        uint32_t root_uid, root_gid;
        uint64_t memory_limit; /* bytes; 0: none */
        uint64_t pids_limit;   /* likewise, of processes */
        struct annotations annotations;
};

/* That id can be a container's: see struct oci_state. */
int oci_check_id(const char *id, struct err *e) must_check;

/* Reads the state from fd. Strings live in a. */
int oci_read_state(int fd, struct arena *a, struct oci_state *ret_state, struct err *e) must_check;

/* What a start that is known to be ours, or not, still needs of config.json. */
enum oci_needs {
        OCI_NEEDS_NOTHING,
        OCI_NEEDS_MOUNTS, /* and the memory limit */
        OCI_NEEDS_ALL,
};

/*
 * Reads config.json of the bundle, a directory. It must be a regular file: a FIFO would hang the start.
 *
 * As soon as process and root are read, which come first in what engines write, known is called with them and
 * returns one of enum oci_needs, or -errno; without a process it is called at the end. Reading ends when that
 * is there: the rest of the file is most of it. NULL: all is read. Returns 1, 0 when nothing was needed, or
 * -errno.
 */
typedef int oci_known_fn(void *with, const struct oci_config *c, struct err *e);
int oci_read_config(const char *bundle, oci_known_fn *known, void *with, struct arena *a,
        struct oci_config *ret_config, struct err *e) must_check;

/* Whether a word of a command line is an init that stays process 1 and runs a command of its own: tini and its like, also by the
 * names of their releases. NULL is none. */
bool oci_is_small_init(const char *word);

/* What a name or number, as an engine keeps it, does to systemd. */
enum stop_signal oci_stop_signal(const char *text);

/* root.path as an absolute path: a relative one is relative to the bundle. NULL: out of memory. */
const char *oci_root(const struct oci_config *c, const char *bundle, struct arena *a);

/*
 * The annotations of the state and then of the configuration, which has the last word, onto s. KEY/CONTAINER is
 * KEY where CONTAINER is this container, or where the engine does not say which one this is, and has the last
 * word over KEY.
 */
int oci_annotate(const struct annotations *list, struct settings *s, struct err *e) must_check;

/* Whether a mount at this container path is on, above or below one of the places that the plan covers or
 * looks at. */
bool oci_concerns_us(const char *destination);

/* The path with the links at its beginning followed that every distribution with systemd has. NULL: no memory. */
const char *oci_without_links(const char *path, struct arena *a);
