/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/private.h"

#include "base/scope.h"

#include <errno.h>
#include <string.h>

int apply_prepare_feature(struct applying *a, const struct step *s)
{
        return a->in->features ? a->in->features->prepare(a->in->features_with, s->feature, a->e)
                               : err_refuse(a->e, "internal error: the plan has a feature that is not there");
}

/* The mount at /run, if the plan has put it there or filled it. By its id, as the name may be a link of the image's. */
static int open_run(struct applying *a)
{
        uint64_t id = 0;
        scoped_fd run = croot_open(a->root, "/run", CROOT_DIRECTORY, a->e);

        if (run < 0 || croot_mount_of(run, &id) != 1)
                return -1;
        for (size_t i = 0; i < a->own_count; i++)
                if (a->own[i] == id)
                        return take_fd(&run);
        return -1;
}

int apply_attach_feature(struct applying *a, const struct step *s)
{
        if (!a->in->features)
                return err_refuse(a->e, "internal error: the plan has a feature that is not there");

        scoped_fd run = open_run(a);

        return a->in->features->attach(
                a->in->features_with, s->feature, &(struct apply_place){a->root, run}, a->e);
}
