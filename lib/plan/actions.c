/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/actions.h"

unsigned plan_action_needs(enum step_action action)
{
#define ROW(action, word, function, phases, needs) [STEP_##action] = (needs),
        static const unsigned char needs_of[] = {PLAN_ACTIONS(ROW)};
#undef ROW

        return needs_of[action];
}

/* Arrays and no pointers: a pointer would be a relocation at every start. */
const char *plan_action_word(enum step_action action)
{
#define ROW(action, word, function, phases, needs) [STEP_##action] = word,
        static const char words[][12] = {PLAN_ACTIONS(ROW)};
#undef ROW

        return words[action];
}
