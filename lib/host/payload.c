/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/payload.h"

#include "base/path.h"
#include "base/scope.h"
#include "host/script.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define PATH_ENTRIES_MOST 256 /* of PATH that are looked at: each lookup is as slow as the image makes it */
#define WRAPPERS_MOST     8   /* sh -c "exec env ...", and so on */
#define ARGUMENTS_MOST    16  /* of a script that are looked at */

/* One look at a command line. */
struct look {
        struct croot root;
        const char *cwd;
        struct command command;
        struct looked program; /* of its first word */
        bool is_child;         /* a shell on the way forks before it executes the rest */
        struct command_room *room;
};

static int say(struct payload *p, const char *subject, const char *reason)
{
        snprintf(p->reason, sizeof p->reason, "%.80s %.170s", subject, reason);
        return 0;
}

/* Not our container when its command cannot be found: the runtime will say so better. */
static bool is_not_there(int r)
{
        return r == -ENOENT || r == -ELOOP || r == -ENOTDIR || r == -EACCES || r == -EXDEV ||
               r == -ENAMETOOLONG || r == -ENOTCONN;
}

static int open_in_path(struct look *look, struct err *e)
{
        const char *directory = look->command.path;
        filled_later char path[PATH_MAX];
        struct err first;
        int failed = -ENOENT, looked = 0;

        for (size_t n; *directory && looked++ < PATH_ENTRIES_MOST; directory += n + (directory[n] == ':')) {
                n = strcspn(directory, ":");

                /* crun looks from the working directory there, and runc refuses what it finds so */
                const char *from = *directory == '/' ? "" : look->cwd;
                int length = snprintf(
                        path, sizeof path, "%s/%.*s/%s", from, (int)n, directory, look->command.words[0]);

                if (n == 0 || n > PATH_MAX || length < 0 || (size_t)length >= sizeof path)
                        continue;

                path_squeeze(path);

                int r = looked_open(look->root, path, false, &look->program, e);

                if (r == 0)
                        return r;
                if (failed == -ENOENT && !is_not_there(r)) {
                        failed = r;
                        first = *e;
                }
        }
        /* the runtime looks further, too, and so it may be a command that it cannot run */
        if (failed != -ENOENT)
                *e = first;
        return failed;
}

/* The program that the first word is. */
static int open_program(struct look *look, struct err *e)
{
        const char *word = look->command.words[0];
        filled_later char path[PATH_MAX];

        if (!strchr(word, '/') && !look->command.is_operand)
                return open_in_path(look, e);

        int n = snprintf(
                path, sizeof path, "%s%s%s", *word == '/' ? "" : look->cwd, *word == '/' ? "" : "/", word);

        if (n < 0 || (size_t)n >= sizeof path)
                return -ENAMETOOLONG;
        path_squeeze(path);
        return looked_open(look->root, path, look->command.is_operand, &look->program, e);
}

static int say_absent(const struct look *look, struct payload *p)
{
        const char *word = look->command.words[0];

        if (!*word)
                return say(p, "an empty word", "is nothing that the container could run");
        if (!strchr(word, '/') && !look->command.is_operand)
                return say(p, word, "is not in the container's PATH");
        return say(p, word, "is nothing that the container could run");
}

/*
 * dash executes nothing in its own place without exec, and bash nothing that is redirected: seen with dash 0.5.11 and 0.5.12,
 * bash 5.1 and 5.2. BusyBox's does both.
 */
static bool forks(const struct file *shell, const struct command *c)
{
        return c->without_exec &&
               (strcmp(shell->name, "dash") == 0 || (c->is_redirected && strcmp(shell->name, "bash") == 0));
}

/* Takes wrappers off until something else is there. Returns 1 with that open in look->program, 0 with the reason why not. */
static int follow(struct look *look, struct payload *p, struct err *e)
{
        const char *why = "is a chain of too many wrappers";
        enum command_step step = COMMAND_UNCLEAR;
        char reason[150];

        for (int depth = 0; depth < WRAPPERS_MOST; depth++) {
                const char *word = look->command.words[0];
                int r = *word ? open_program(look, e) : -ENOENT;

                /* what only a wrapper would find out does not keep the container from starting */
                if (is_not_there(r) || (r < 0 && depth > 0 && r != -EAGAIN && r != -ESTALE))
                        return say_absent(look, p);
                if (r < 0)
                        return r;
                if (look->program.file.kind != FILE_PROGRAM || look->command.is_operand)
                        return 1;
                step = command_follow(&look->command, look->room, &why);
                if (step == COMMAND_PROGRAM)
                        return 1;
                look->is_child |= forks(&look->program.file, &look->command);
                looked_end(&look->program);
                if (step != COMMAND_FOLLOWED)
                        break;
        }
        p->has_parent = step == COMMAND_PARENT;
        snprintf(reason, sizeof reason,
                step == COMMAND_PARENT ? "%s" : "%s; set mode=always if it starts systemd", why);
        return say(p, look->command.words[0], reason);
}

static bool is_manager(const struct look *look)
{
        return look->program.file.kind == FILE_MANAGER && !look->command.is_operand &&
               command_boots(&look->command);
}

static int take_manager(const struct look *look, struct payload *p)
{
        const char *wrapper = look->command.wrapper;
        char reason[250];

        p->is_systemd = true;
        p->is_child = look->is_child;
        p->version = look->program.file.version;
        p->has_container = look->command.has_container;
        snprintf(reason, sizeof reason,
                look->is_child
                        ? "%s; %.60s starts it as a child, so that it is not process 1: put exec before it"
                : wrapper ? "%s; %.80s starts it"
                          : "%s",
                look->program.file.tells, wrapper);
        return say(p, look->program.path, reason);
}

static int say_parent(struct payload *p, const char *script, const char *parent)
{
        char reason[170];

        p->has_parent = true;
        snprintf(reason, sizeof reason,
                "is a script that is given %.60s, which stays process 1, as systemd has to be; leave it out",
                parent);
        return say(p, script, reason);
}

/*
 * A command line that begins at an argument of a script, which may execute it. Returns 1 when that is the manager, -1 when
 * nothing behind it is any of the script's own; then p->has_parent says whether that is another init.
 */
static int try_argument(const struct look *of, size_t at, struct payload *p)
{
        struct look look = *of;
        struct payload found = {0};
        struct err e;

        look.command.words += at;
        look.command.count -= at;
        look.command.is_operand = false;
        look.program = LOOKED_NONE;

        const bool is_wrapper = command_is_wrapper(look.command.words[0]);
        int r = follow(&look, &found, &e);

        p->has_parent = found.has_parent;
        if (r == 1 && is_manager(&look)) {
                p->is_child = look.is_child;
                p->version = look.program.file.version;
                p->has_container = look.command.has_container;
                looked_end(&look.program);
                return 1;
        }
        looked_end(&look.program);
        return is_wrapper ? -1 : 0;
}

/* Whether a script is given the manager as a later argument, or another init before it. Returns its place, 0 for none. */
static size_t find_argument(const struct look *look, struct payload *p)
{
        const struct command *c = &look->command;
        int looked = 0;

        for (size_t i = 1; i < c->count && looked < ARGUMENTS_MOST; i++) {
                const char *word = c->words[i];

                p->has_parent = oci_is_small_init(word);
                if (p->has_parent)
                        return i;
                if (*word != '/' && !command_is_wrapper(word))
                        continue;
                looked++;

                int r = try_argument(look, i, p);

                if (r != 0)
                        return r > 0 || p->has_parent ? i : 0;
        }
        return 0;
}

static bool is_named_init(const struct looked *l)
{
        const char *slash = strrchr(l->path, '/');

        return strcmp(l->file.name, "init") == 0 || strcmp(slash ? slash + 1 : l->path, "init") == 0;
}

/* A shell's script that is named init, and names systemd, which is there: not another init's, as s6 has one. */
static bool is_systemds(const struct look *look, struct script_find *f)
{
        const bool is_shells = look->command.is_operand || script_kind(&look->program) == SCRIPT_SHELL;

        if (!is_shells || !is_named_init(&look->program))
                return false;
        script_find_in_file(f, &look->program);
        if (f->names_systemd && !f->has_manager)
                script_find_installed(f);
        return f->has_manager;
}

static int judge_script(const struct look *look, struct payload *p)
{
        const char *path = look->program.path;
        struct script_find f = {.root = look->root};
        char reason[200];
        size_t at = 0;

        if (!look->command.is_operand && script_kind(&look->program) == SCRIPT_PARENT) {
                p->has_parent = true;
                return say(p, path,
                        "is a script of an init that stays process 1, which systemd has to be; leave that "
                        "init out");
        }
        at = find_argument(look, p);
        if (p->has_parent)
                return say_parent(p, path, look->command.words[at]);
        if (at) {
                p->is_systemd = p->is_script = true;
                script_find_in_file(&f, &look->program);
                p->has_container |= f.sets_container;
                snprintf(reason, sizeof reason, "is a script that is given %.80s", look->command.words[at]);
                return say(p, path, reason);
        }
        if (is_systemds(look, &f)) {
                p->is_systemd = p->is_script = true;
                p->version = f.version;
                p->has_container = look->command.has_container || f.sets_container;
                snprintf(reason, sizeof reason, "is a script named init that starts %.80s", f.path);
                return say(p, path, reason);
        }
        return say(p, path, "is a script, which is not followed; set mode=always if it starts systemd");
}

/* A program that is given the manager: nice, setpriv, gosu, another shell. Whether it is replaced by it, nobody knows here. */
static int judge_program(const struct look *look, struct payload *p)
{
        const struct command *c = &look->command;
        struct script_find f = {.root = look->root};
        char reason[170];

        for (size_t i = 1; i < c->count && i < ARGUMENTS_MOST && !f.has_manager; i++)
                if (strstr(c->words[i], "/systemd") || strstr(c->words[i], "/init"))
                        script_find_in_words(&f, &c->words[i], 1);
        if (!f.has_manager)
                return say(p, look->program.path, look->program.file.tells);
        snprintf(reason, sizeof reason,
                "is not systemd, and is given %.60s; set mode=always if it executes that as process 1",
                f.path);
        return say(p, look->program.path, reason);
}

static int judge(const struct look *look, struct payload *p)
{
        const struct file *f = &look->program.file;

        if (is_manager(look))
                return take_manager(look, p);
        if (f->kind == FILE_SCRIPT || (f->kind == FILE_OTHER && look->command.is_operand))
                return judge_script(look, p);
        if (look->command.is_operand)
                return say(p, look->program.path, "is no script, which its shell needs");
        if (f->kind == FILE_MANAGER)
                return say(p, look->program.path, "is systemd with options that boot nothing");
        return f->kind == FILE_PROGRAM ? judge_program(look, p) : say(p, look->program.path, f->tells);
}

/* The words are what a runtime would execute; of a configuration that was made by hand, the command alone. */
static struct command command_of(const struct oci_config *c)
{
        return (struct command){
                .words = c->arg_count ? c->args : &c->command,
                .count = c->arg_count ? c->arg_count : 1,
                .path = c->path,
                .has_container = c->has_container,
        };
}

static struct look look_at(struct croot root, const struct oci_config *c, struct command_room *room)
{
        room->text_used = room->words_used = 0;
        return (struct look){
                .root = root, .cwd = c->cwd, .command = command_of(c), .program = LOOKED_NONE, .room = room};
}

int payload_inspect(struct croot root, const struct oci_config *c, struct payload *ret_payload, struct err *e)
{
        filled_later struct command_room room;
        struct look look = look_at(root, c, &room);
        struct payload p = {.has_container = c->has_container};
        int r;

        if (!c->command || !*c->command)
                r = say(&p, "process.args", "is empty");
        else
                r = follow(&look, &p, e);
        if (r == 1)
                r = judge(&look, &p);
        looked_end(&look.program);
        if (r == 0)
                *ret_payload = p;
        return r;
}

void payload_sandboxed(pid_t pid, struct payload *payload)
{
        payload->is_unseen = true;
        snprintf(payload->reason, sizeof payload->reason,
                "pid %d does not see the rootfs, as in a sandbox (gVisor), whose own kernel has the "
                "container's mounts and "
                "cgroups: nothing is prepared; systemd needs a runtime like runc or crun",
                pid);
}

void payload_find_manager(struct croot root, const struct oci_config *c, struct payload *payload)
{
        filled_later struct command_room room;
        struct script_find f = {.root = root};
        struct look look = look_at(root, c, &room);
        struct payload unused;
        struct err e;

        if (!c->command || !*c->command)
                return;
        if (follow(&look, &unused, &e) == 1 && look.program.file.kind != FILE_PROGRAM)
                script_find_in_file(&f, &look.program);
        looked_end(&look.program);
        look.command = command_of(c);
        script_find_in_words(&f, look.command.words,
                look.command.count < ARGUMENTS_MOST ? look.command.count : ARGUMENTS_MOST);
        if (!f.has_manager)
                script_find_installed(&f);
        payload->version = f.version;
        payload->has_container |= f.sets_container;
}

unsigned payload_installed_version(struct croot root)
{
        struct script_find f = {.root = root};

        script_find_installed(&f);
        return f.version;
}
