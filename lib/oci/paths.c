/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/path.h"
#include "oci/oci.h"
#include "oci/places.h"

#include <string.h>

const char *oci_root(const struct oci_config *c, const char *bundle, struct arena *a)
{
        return c->root[0] == '/' ? c->root : arena_print(a, "%s/%s", bundle, c->root);
}

bool oci_concerns_us(const char *destination)
{
#define PATH(place, path, ...) path,
#define LINK(link, place)      link,
        static const char places[][24] = {PLACES(PATH) PLACE_LINKS(LINK)};
#undef PATH
#undef LINK

        /* most mounts of a long list are elsewhere, which their first letter tells */
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
                if (places[i][1] == destination[1] &&
                        (path_below(destination, places[i]) || path_below(places[i], destination)))
                        return true;
        return false;
}

const char *oci_without_links(const char *path, struct arena *a)
{
#define LINK(link, place) {link, place},
        static const struct {
                char link[16], place[16];
        } links[] = {PLACE_LINKS(LINK)};
#undef LINK

        for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
                const char *below = path_below(path, links[i].link);

                if (below)
                        return arena_print(a, "%s%s", links[i].place, below);
        }
        return path;
}
