/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Removes the directory of that name with all that a payload has left in it: by fd and without following anything. What cannot be removed
 * stays, and the directory with it.
 */
void journal_remove(int parent, const char *name);
