/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is off unless it is asked for (docs/contract.md, section 3): one file and one row of FEATURE_ROWS each. A start that asks
 * for nothing of it calls feature_is_wanted and no more.
 *
 * A feature NAME has, of these, what its row says:
 *   NAME_plan      refuses what cannot be, and adds its files to the tmpfs at /run and its step to the plan; pure
 *   NAME_prepare   on the host, before the container is entered: takes hold of what it will need
 *   NAME_attach    in the container, after all other steps
 *   NAME_release   gives back what prepare holds, whether or not attach ran
 */

#include "apply/apply.h"
#include "plan/private.h"

#define FEATURE_ROWS(row)                                                                                    \
        row(CONSOLE, console) row(CREDENTIALS, credentials) row(LXCFS, lxcfs) row(JOURNAL, journal)          \
                row(MACHINE, machine) /* the last: nothing of the host is refused after it */

enum feature {
#define FEATURE_MEMBER(member, name) FEATURE_##member,
        FEATURE_ROWS(FEATURE_MEMBER)
#undef FEATURE_MEMBER
                FEATURES,
};

#define LXCFS_FILES   11
#define FEATURE_NOTES 3 /* lxcfs has two at most, machine one */

/* One start: what the features may look at, and what each holds between its phases. */
struct feature_start {
        const struct plan *plan;
        const struct settings *settings;
        const char *bundle;
        const struct container *container;
        struct croot view; /* the rootfs, before the container is entered */
        struct {
                int socket; /* to the process that copies; -1: none */
                dev_t dev;  /* the file system of /dev */
        } console;
        struct {
                int mount[LXCFS_FILES]; /* detached; -1: none */
                unsigned count;
        } lxcfs;
        int journal; /* the host's directory for the container's journal, detached; -1: none */
        char notes[FEATURE_NOTES][320]; /* for people: what was asked for and could not be had */
        unsigned note_count;
};

/* Whether there is anything to do beyond the plan of a plain start. */
static inline bool feature_is_wanted(const struct settings *s)
{
        return s->console != CONSOLE_ENGINE || *s->credentials || s->journal == JOURNAL_HOST || s->lxcfs ||
               s->machine;
}

/* Adds to plan, which plan_make made of in. */
int feature_plan(const struct plan_input *in, struct arena *a, struct plan *plan, struct err *e) must_check;

/* For apply_input: what STEP_FEATURE calls. Close with feature_release. */
struct feature_start feature_begin(const struct plan *plan, const struct settings *settings,
        const char *bundle, const struct container *container, struct croot view);
extern const struct apply_features feature_calls;
void feature_release(struct feature_start *s);
/* Adds to the plan's notes what was asked for and could not be had. */
void feature_report(const struct feature_start *s, struct arena *a, struct plan *plan);

/*
 * At poststop: removes what a feature has made on the host and noted. bundle NULL: anyone's. Costs one open where there is
 * nothing.
 */
int feature_after(const char *id, const char *bundle, struct err *e) must_check;

/* For the features' own use. */

/* What was asked for and could not be had, where that is no reason to refuse the start. */
void feature_note(struct feature_start *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A step of the feature, with what is for people: where in the container (NULL: on the host alone), and what it does there. */
void feature_step(struct planning *p, enum feature feature, const char *target, const char *what);

/*
 * Adds files of ours to the tmpfs at /run, the one that the hook makes or the user's own. setting is for the
 * refusal where there is neither.
 */
void feature_add_to_run(struct planning *p, const struct entry *entries, size_t count, const char *setting);

#define FEATURE_DECLARE(member, name)                                                                        \
        int name##_plan(struct planning *p) must_check;                                                      \
        int name##_prepare(struct feature_start *s, struct err *e) must_check;                               \
        int name##_attach(struct feature_start *s, const struct apply_place *place, struct err *e)           \
                must_check;                                                                                  \
        void name##_release(struct feature_start *s);
FEATURE_ROWS(FEATURE_DECLARE)
int journal_after(const char *id, const char *bundle, struct err *e) must_check;
#undef FEATURE_DECLARE
