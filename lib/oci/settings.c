/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci/settings.h"

#include "base/path.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_WORDS, KIND_SIZE, KIND_MACHINE_ID, KIND_PATH };

/* Texts are arrays and no pointers: a pointer would be a relocation at every start. */
struct key {
        char name[16];
        char words[32]; /* the word at index N stands for the value N of the key's enum */
        char also[36];  /* what else it takes, for people */
        unsigned short offset;
        unsigned char kind;
        unsigned char needs; /* enum allow, for the value needs_for */
        unsigned char needs_for;
};

#define A_NUMBER   "a number of cgroups from 16 to 1000000"
#define AT(member) offsetof(struct settings, member)
#define A_SIZE     "a size such as 64m, 1 to 100%"

/* clang-format off */
static const struct key keys[] = {
        [SETTING_MODE]         = {"mode",          "auto always off",             "",              AT(mode),         KIND_WORDS,      0,             0},
        [SETTING_CGROUP]       = {"cgroup",        "auto unified hybrid legacy",  "",              AT(cgroup),       KIND_WORDS,      0,             0},
        [SETTING_MACHINE_ID]   = {"machine-id",    "auto image",                  "32 hex digits", AT(machine_id),   KIND_MACHINE_ID, 0,             0},
        [SETTING_RUN]          = {"tmpfs.run",     "off",                         A_SIZE,          AT(run),          KIND_SIZE,       0,             0},
        [SETTING_TMP]          = {"tmpfs.tmp",     "off",                         A_SIZE,          AT(tmp),          KIND_SIZE,       0,             0},
        [SETTING_JOURNAL_SIZE] = {"tmpfs.journal", "off",                         A_SIZE,          AT(journal_size), KIND_SIZE,       0,             0},
        [SETTING_BOOT]         = {"boot",          "full lean",                   "",              AT(boot),         KIND_WORDS,      0,             0},
        [SETTING_UNITS]        = {"units",         "condition keep",              "",              AT(units),        KIND_WORDS,      0,             0},
        [SETTING_CREDENTIALS]  = {"credentials",   "",                            "a directory in the container", AT(credentials), KIND_PATH, 0,    0},
        [SETTING_CONSOLE]      = {"console",       "engine journal log",          "",              AT(console),      KIND_WORDS,      ALLOW_CONSOLE, CONSOLE_LOG},
        [SETTING_JOURNAL]      = {"journal",       "volatile host image",         "",              AT(journal),      KIND_WORDS,      ALLOW_JOURNAL, JOURNAL_HOST},
        [SETTING_JOURNAL_KEEP] = {"journal.keep",  "off on",                      "",              AT(journal_keep), KIND_WORDS,      0,             0},
        [SETTING_LXCFS]        = {"lxcfs",         "off on",                      "",              AT(lxcfs),        KIND_WORDS,      ALLOW_LXCFS,   ON},
        [SETTING_MACHINE]      = {"machine",       "off on",                      "",              AT(machine),      KIND_WORDS,      ALLOW_MACHINE, ON},
};
/* clang-format on */
_Static_assert(sizeof keys / sizeof *keys == SETTINGS, "a row for each key");

static const char features[] = "console journal lxcfs machine"; /* in the order of enum allow */

/* The index of the word among words that a space separates, or -1. */
static int find_word(const char *words, const char *word, size_t length)
{
        int index = 0;

        for (const char *at = words; *at && length; index++) {
                const size_t n = strcspn(at, " ");

                if (n == length && strncmp(at, word, n) == 0)
                        return index;
                at += n + (at[n] == ' ');
        }
        return -1;
}

static bool parse_size(struct size *size, const char *value)
{
        struct size parsed = {SIZE_BYTES, 0};
        char *end;

        if (strcmp(value, "off") == 0) {
                parsed.unit = SIZE_OFF;
        } else if (!size_bytes(value, &parsed.value)) {
                if (!isdigit((unsigned char)*value) || strlen(value) > 15)
                        return false;
                parsed = (struct size){SIZE_PERCENT, strtoull(value, &end, 10)};
                if (strcmp(end, "%") != 0 || parsed.value < 1 || parsed.value > 100)
                        return false;
        }
        *size = parsed;
        return true;
}

static bool parse_machine_id(struct settings *s, const char *value)
{
        if (strlen(value) != 32 || strspn(value, "0123456789abcdefABCDEF") != 32 || strspn(value, "0") == 32)
                return false;
        for (int i = 0; i < 32; i++)
                s->given_machine_id[i] = (char)tolower((unsigned char)value[i]);
        s->machine_id = MACHINE_ID_GIVEN;
        return true;
}

static bool parse_path(char *path, const char *value)
{
        if (*value != '/' || strlen(value) >= CREDENTIALS_PATH_MOST)
                return false;
        memcpy(path, value, strlen(value) + 1);
        path_clean(path);
        return true;
}

static bool parse(struct settings *s, const struct key *key, const char *value)
{
        char *to = (char *)s + key->offset;
        const int word = key->kind == KIND_SIZE ? -1 : find_word(key->words, value, strlen(value));

        if (word >= 0) {
                memcpy(to, &word, sizeof word); /* an enum */
                return true;
        }
        if (key->kind == KIND_SIZE)
                return parse_size((struct size *)(void *)to, value);
        if (key->kind == KIND_MACHINE_ID)
                return parse_machine_id(s, value);
        return key->kind == KIND_PATH && parse_path(to, value);
}

/* "auto, always, off" */
static size_t print_words(const char *words, char *text, size_t most)
{
        size_t n = 0;

        for (const char *c = words; *c && n + 3 < most; c++) {
                if (*c == ' ')
                        text[n++] = ',';
                text[n++] = *c;
        }
        text[n] = '\0';
        return n;
}

/* "auto, image, 32 hex digits" */
static void print_takes(const struct key *key, char *text, size_t most)
{
        const size_t n = print_words(key->words, text, most);

        if (*key->also)
                snprintf(text + n, most - n, "%s%s", n ? ", " : "", key->also);
}

static void print_features(char *text, size_t most)
{
        char words[64];

        print_words(features, words, sizeof words);
        snprintf(text, most, "some of %s, separated by commas", words);
}

static const struct key *find_key(const char *name)
{
        for (const struct key *key = keys; key < keys + SETTINGS; key++)
                if (strcmp(key->name, name) == 0)
                        return key;
        return NULL;
}

/* A value as an error names it. */
static const char *shown(const char *value)
{
        return *value ? value : "\"\"";
}

static int refuse_key(const char *name, struct err *e)
{
        char known[256] = "";
        size_t at = 0;

        for (size_t i = 0; i < SETTINGS && at < sizeof known; i++)
                at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", i ? ", " : "", keys[i].name);
        return err_refuse(e, "unknown key %s%.128s; known keys: %s", SETTINGS_PREFIX, name, known);
}

int settings_set(struct settings *s, const char *name, const char *value, struct err *e)
{
        const struct key *key = find_key(name);
        char takes[96];

        if (!key)
                return refuse_key(name, e);
        if (parse(s, key, value)) {
                s->given |= 1u << (key - keys);
                return 0;
        }
        print_takes(key, takes, sizeof takes);
        return err_refuse(
                e, "invalid value %.128s for %s%s; expected %s", shown(value), SETTINGS_PREFIX, name, takes);
}

static int set_allow(struct settings *s, const char *list, struct err *e)
{
        char takes[96];

        for (const char *at = list;; at++) {
                const size_t n = strcspn(at, ",");
                const int feature = find_word(features, at, n);

                if (feature < 0) {
                        print_features(takes, sizeof takes);
                        return n ? err_refuse(e, "unknown feature %.*s; expected %s",
                                           (int)(n > 128 ? 128 : n), at, takes)
                                 : err_refuse(e, "unknown feature \"\"; expected %s", takes);
                }
                s->allow |= 1u << feature;
                at += n;
                if (!*at)
                        return 0;
        }
}

static int set_cgroups_max(struct settings *s, const char *value, struct err *e)
{
        char *end;
        unsigned long n = isdigit((unsigned char)*value) && strlen(value) < 10 ? strtoul(value, &end, 10) : 0;

        if (n < 16 || *end || n > 1000000)
                return err_refuse(e, "invalid value %.128s; expected " A_NUMBER, shown(value));
        s->cgroups_max = (unsigned)n;
        return 0;
}

int settings_option(struct settings *s, const char *key, const char *value, struct err *e)
{
        if (strcmp(key, "allow") == 0)
                return set_allow(s, value, e);
        if (strcmp(key, "cgroups-max") == 0)
                return set_cgroups_max(s, value, e);
        return settings_set(s, key, value, e);
}

bool settings_option_takes(const char *name, char *text, size_t most)
{
        const struct key *key = find_key(name);

        if (strcmp(name, "allow") == 0)
                print_features(text, most);
        else if (strcmp(name, "cgroups-max") == 0)
                snprintf(text, most, "%s", A_NUMBER);
        else if (key)
                print_takes(key, text, most);
        else
                return false;
        return true;
}

/* The word at index, whose length is in *ret_length. */
static const char *word_at(const char *words, int index, int *ret_length)
{
        while (index-- > 0)
                words += strcspn(words, " ") + 1;
        *ret_length = (int)strcspn(words, " ");
        return words;
}

static int refuse_feature(const struct key *key, struct err *e)
{
        int length, feature_length, feature = 0;
        const char *word = word_at(key->words, key->needs_for, &length);

        while (key->needs >> feature > 1)
                feature++;

        const char *name = word_at(features, feature, &feature_length);

        err_refuse(e, "%s%s=%.*s reaches the host, which the administrator has not allowed", SETTINGS_PREFIX,
                key->name, length, word);
        return err_hint(
                e, "remove it, or add --allow=%.*s to the args of the hook's entry", feature_length, name);
}

int settings_check_allowed(const struct settings *s, struct err *e)
{
        for (const struct key *key = keys; key < keys + SETTINGS; key++) {
                int value;

                if (!key->needs || s->allow & key->needs)
                        continue;
                memcpy(&value, (const char *)s + key->offset, sizeof value);
                if (value == key->needs_for)
                        return refuse_feature(key, e);
        }
        return 0;
}

void settings_usage(FILE *f)
{
        char takes[96];

        for (size_t i = 0; i < SETTINGS; i++) {
                print_takes(&keys[i], takes, sizeof takes);
                fprintf(f, "  --%s=…%*s%s\n", keys[i].name, (int)(14 - strlen(keys[i].name)), "", takes);
        }
        fputs("  --allow=…         some of ", f);
        for (const char *c = features; *c; c++)
                fputc(*c == ' ' ? ',' : *c, f); /* as they are typed */
        fputs(": what a container may ask for that reaches the host\n", f);
        fprintf(f, "  --cgroups-max=…   how many cgroups a container may make; %u\n", CGROUPS_MOST);
}
