/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci/settings.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* A value that an enum member stands for; the table ends with NULL. */
struct word {
        const char *text;
        int value;
};

static const struct word modes[] = {
        {"auto", MODE_AUTO}, {"always", MODE_ALWAYS}, {"off", MODE_OFF}, {NULL, 0}};
static const struct word cgroups[] = {{"auto", CGROUP_AUTO}, {"unified", CGROUP_UNIFIED},
        {"hybrid", CGROUP_HYBRID}, {"legacy", CGROUP_LEGACY}, {NULL, 0}};
static const struct word journals[] = {{"volatile", JOURNAL_VOLATILE}, {"image", JOURNAL_IMAGE}, {NULL, 0}};
static const struct word machine_ids[] = {{"auto", MACHINE_ID_AUTO}, {"image", MACHINE_ID_IMAGE}, {NULL, 0}};

struct key {
        const char *name;
        const char *takes; /* for people */
        const char *later; /* one value that the contract names and this version has not; "*": all of them */
        const struct word *words;
        size_t offset; /* of an enum, or of a struct size */
        bool (*parse)(struct settings *s, size_t offset, const char *value);
};

static bool parse_size(struct settings *s, size_t offset, const char *value)
{
        struct size *size = (struct size *)((char *)s + offset);
        static const char units[] = "kmgt";
        char *end;

        if (strcmp(value, "off") == 0) {
                *size = (struct size){SIZE_OFF, 0};
                return true;
        }
        if (!isdigit((unsigned char)*value) || strlen(value) > 15)
                return false;

        uint64_t n = strtoull(value, &end, 10);

        if (n == 0)
                return false;
        if (strcmp(end, "%") == 0) {
                if (n <= 100)
                        *size = (struct size){SIZE_PERCENT, n};
                return n <= 100;
        }
        if (*end) {
                const char *unit = strchr(units, tolower((unsigned char)*end));

                if (!unit || end[1] || n > (UINT64_C(1) << 50 >> (10 * (unit - units + 1))))
                        return false;
                n <<= 10 * (unit - units + 1);
        }
        *size = (struct size){SIZE_BYTES, n};
        return true;
}

static bool parse_machine_id(struct settings *s, size_t offset, const char *value)
{
        (void)offset;
        if (strlen(value) != 32 || strspn(value, "0123456789abcdefABCDEF") != 32 || strspn(value, "0") == 32)
                return false;
        for (int i = 0; i < 32; i++)
                s->given_machine_id[i] = (char)tolower((unsigned char)value[i]);
        s->machine_id = MACHINE_ID_GIVEN;
        return true;
}

static const char size_takes[] = "a size such as 64m, 1 to 100%, off";

/* clang-format off */
static const struct key keys[] = {
        {"mode",         "auto, always, off",               NULL,   modes,       offsetof(struct settings, mode),         NULL},
        {"cgroup",       "auto, unified, hybrid, legacy",   NULL,   cgroups,     offsetof(struct settings, cgroup),       NULL},
        {"machine-id",   "auto, image, 32 hex digits",      NULL,   machine_ids, offsetof(struct settings, machine_id),   parse_machine_id},
        {"tmpfs.run",    size_takes,                        NULL,   NULL,        offsetof(struct settings, run),          parse_size},
        {"tmpfs.tmp",    size_takes,                        NULL,   NULL,        offsetof(struct settings, tmp),          parse_size},
        {"tmpfs.journal", size_takes,                       NULL,   NULL,        offsetof(struct settings, journal_size), parse_size},
        {"journal",      "volatile, image",                 "host", journals,    offsetof(struct settings, journal),      NULL},
        {"credentials",  NULL, "*", NULL, 0, NULL},
        {"lxcfs",        NULL, "*", NULL, 0, NULL},
        {"machine",      NULL, "*", NULL, 0, NULL},
        {"ssh",          NULL, "*", NULL, 0, NULL},
};
/* clang-format on */

static const size_t key_count = sizeof keys / sizeof *keys;

static int unknown_key(const char *name, struct err *e)
{
        char known[256] = "";
        size_t at = 0;

        for (size_t i = 0; i < key_count; i++)
                if (keys[i].takes && at < sizeof known)
                        at += (size_t)snprintf(
                                known + at, sizeof known - at, "%s%s", i ? ", " : "", keys[i].name);
        return err_refuse(
                e, "%s%.128s is not a key that it knows; the keys are: %s", SETTINGS_PREFIX, name, known);
}

int settings_set(struct settings *s, const char *name, const char *value, struct err *e)
{
        const struct key *key = keys;

        while (key < keys + key_count && strcmp(key->name, name) != 0)
                key++;
        if (key == keys + key_count)
                return unknown_key(name, e);
        if (key->later && (*key->later == '*' || strcmp(key->later, value) == 0))
                return err_refuse(e, "%s%s=%.128s is not there yet in this version; leave it out",
                        SETTINGS_PREFIX, name, value);

        for (const struct word *word = key->words; word && word->text; word++)
                if (strcmp(word->text, value) == 0) {
                        memcpy((char *)s + key->offset, &word->value, sizeof word->value);
                        return 0;
                }
        if (key->parse && key->parse(s, key->offset, value))
                return 0;
        return err_refuse(e, "%s%s=%.128s is not a value that it takes; it takes: %s", SETTINGS_PREFIX, name,
                value, key->takes);
}

void settings_usage(FILE *f)
{
        for (size_t i = 0; i < key_count; i++)
                if (keys[i].takes)
                        fprintf(f, "  --%s=…%*s%s\n", keys[i].name, (int)(14 - strlen(keys[i].name)), "",
                                keys[i].takes);
}
