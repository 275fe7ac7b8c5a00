/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/script.h"

#include "base/scope.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define PATHS_MOST 64 /* of a text that are looked up: each lookup is as slow as the image makes it */
#define FIRST_LINE 256

static bool take_manager(struct script_find *f, const char *path)
{
        struct looked l = LOOKED_NONE;
        struct err unused;

        if (looked_open(f->root, path, false, &l, &unused) < 0)
                return false;
        looked_end(&l);
        if (l.file.kind != FILE_MANAGER)
                return false;
        f->has_manager = true;
        f->version = l.file.version;
        snprintf(f->path, sizeof f->path, "%s", l.path);
        return true;
}

/* A directory, too: of a store, a script may name the package or the whole system that systemd is in. */
static int try_path(void *to, const char *path)
{
        static const char *const below[] = {"lib/systemd/systemd", "systemd/lib/systemd/systemd"};
        filled_later char longer[PATH_MAX + 32];
        struct script_find *f = to;
        struct err unused;

        if (take_manager(f, path))
                return 0;

        scoped_fd directory = croot_open(f->root, path, CROOT_DIRECTORY, &unused);

        for (size_t i = 0; directory >= 0 && i < sizeof below / sizeof *below; i++) {
                snprintf(longer, sizeof longer, "%s/%s", path, below[i]);
                if (take_manager(f, longer))
                        return 0;
        }
        return 0;
}

/* "$root/systemd/systemd", and behind it nothing of a longer path. */
static bool names_manager(const char *text)
{
        static const char what[] = "systemd/systemd";

        for (const char *at = text; (at = strstr(at, what)); at += sizeof what - 1) {
                const char next = at[sizeof what - 1];

                if (!next || (!isalnum((unsigned char)next) && !strchr("/._-", next)))
                        return true;
        }
        return false;
}

void script_find_in_text(struct script_find *f, char *text)
{
        looked_drop_comments(text);
        f->names_systemd |= names_manager(text);
        f->sets_container |= strstr(text, "container=") != NULL;
        looked_each_path(text, PATHS_MOST, try_path, f);
}

static void find_in_word(struct script_find *f, const char *word)
{
        filled_later char text[OCI_ARG_MOST + 1];

        snprintf(text, sizeof text, "%s", word);
        script_find_in_text(f, text);
}

void script_find_in_words(struct script_find *f, const char *const *words, size_t count)
{
        for (size_t i = 0; i < count && !f->has_manager; i++)
                find_in_word(f, words[i]);
}

__attribute__((noinline)) void script_find_in_file(struct script_find *f, const struct looked *l)
{
        filled_later char text[LOOKED_TEXT_MOST];

        if (looked_text(l, text, sizeof text))
                script_find_in_text(f, text);
}

void script_find_installed(struct script_find *f)
{
        static const char places[][60] = {"/usr/lib/systemd/systemd", "/lib/systemd/systemd", "/sbin/init",
                "/usr/sbin/init", "/usr/local/lib/systemd/systemd",
                "/run/current-system/systemd/lib/systemd/systemd",
                "/nix/var/nix/profiles/system/systemd/lib/systemd/systemd",
                "/run/current-system/profile/lib/systemd/systemd", "/init"};

        for (size_t i = 0; i < sizeof places / sizeof *places && !f->has_manager; i++)
                (void)take_manager(f, places[i]);
}

enum script_kind script_kind(const struct looked *l)
{
        char line[FIRST_LINE], *rest = line + 2, *word;
        enum script_kind kind = SCRIPT_OTHER;
        bool has_interpreter = false;

        if (looked_text(l, line, sizeof line) < 2)
                return SCRIPT_OTHER;
        line[strcspn(line, "\n")] = '\0';
        while ((word = strsep(&rest, " \t"))) {
                const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;

                if (oci_is_small_init(word))
                        return SCRIPT_PARENT;
                if (has_interpreter || !*word || *word == '-' || strcmp(name, "env") == 0 ||
                        strcmp(name, "busybox") == 0)
                        continue;
                kind = command_is_wrapper(word) ? SCRIPT_SHELL : SCRIPT_OTHER;
                has_interpreter = true;
        }
        return kind;
}
