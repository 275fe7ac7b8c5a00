/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the image and the user have where the hook wants to put something, as a walker of the container finds it: links are
 * followed, inside the rootfs, and what a later mount hides is not there. Nothing is changed.
 */

#include "base/arena.h"
#include "kernel/croot.h"
#include "oci/places.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A directory that a tmpfs with a copy of it may cover. All zero: nothing. */
struct found_place {
        bool is_other;    /* neither a directory, nor nothing */
        bool on_volume;   /* not on the rootfs's own mount */
        bool is_too_much; /* for copy_in, or what it is made of cannot be looked at */
        uint64_t bytes;   /* that copy_in would fill */
        size_t files;     /* that copy_in would make */
        dev_t device;     /* of the image's directory: two places may be one, by a link */
        ino_t inode;      /* 0: it is not there, or the rootfs is written to */
};

/* The file /etc/machine-id. All zero: a regular file of the image's, or nothing. */
struct found_id {
        bool is_link;
        const char *directory; /* of a link to a file, missing or not: what it names, absolute */
        bool is_other;         /* a directory, a device, ... */
        bool is_missing;       /* where it leads to there is nothing */
        bool is_uninitialized; /* the text is that of an image whose first boot makes the id: machine-id(5) */
        bool is_read_only;     /* the mount that it is on is */
        bool on_volume;        /* where it leads to is not on the rootfs's own mount */
        char text[33]; /* the id, if it has a valid one; on a rootfs that is written to none is read */
        const char *unreachable; /* why it cannot be looked up, one clause, or NULL */
};

struct found {
        struct found_place place[PLACE_COUNT]; /* of those that find_places is asked for */
        struct found_id id;
        bool is_hosts_run; /* /run is the host's own directory */
};

/* Looks at the places of oci/places.h that a tmpfs with a copy may cover, and at /etc/machine-id. */
int find_places(struct croot view, bool root_is_read_only, struct arena *a, struct found *ret_found,
        struct err *e) must_check;
