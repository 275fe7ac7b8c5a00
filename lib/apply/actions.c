/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/private.h"

/*
 * Each phase goes through all steps of the plan; the row of an action in plan/actions.h says which function the
 * action has in which phase. There is no default: a new action without its row's function does not link.
 */
#define IN_PREPARE_PREPARE(function) apply_prepare_##function(a, s)
#define IN_PREPARE_ATTACH(function)  0
#define IN_PREPARE_BOTH(function)    apply_prepare_##function(a, s)
#define IN_ATTACH_PREPARE(function)  0
#define IN_ATTACH_ATTACH(function)   apply_attach_##function(a, s)
#define IN_ATTACH_BOTH(function)     apply_attach_##function(a, s)

int apply_prepare(struct applying *a, const struct step *s)
{
#define ROW(action, word, function, phases, needs)                                                           \
        case STEP_##action:                                                                                  \
                return IN_PREPARE_##phases(function);

        switch (s->action) {
                PLAN_ACTIONS(ROW) /* NOLINT(bugprone-branch-clone): those that have no part in this phase */
        case STEP_ACTIONS:
                break;
        }
#undef ROW
        return err_refuse(a->e, "internal error: a step that nothing carries out");
}

int apply_attach(struct applying *a, const struct step *s)
{
#define ROW(action, word, function, phases, needs)                                                           \
        case STEP_##action:                                                                                  \
                return IN_ATTACH_##phases(function);

        switch (s->action) {
                PLAN_ACTIONS(ROW) /* NOLINT(bugprone-branch-clone): those that have no part in this phase */
        case STEP_ACTIONS:
                break;
        }
#undef ROW
        return err_refuse(a->e, "internal error: a step that nothing carries out");
}
