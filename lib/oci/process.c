/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What config.json's process says of the program's means: read for lib/plan/lacks. */
#include "oci/private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int set_uid(void *to, const struct json_value *v, struct err *e)
{
        if (v->integer < 0 || v->integer >= UINT32_MAX)
                return err_refuse(e, "%lld is not an id", (long long)v->integer);
        oci_filled(to)->uid = (uint32_t)v->integer;
        return 0;
}

const struct json_field oci_user[] = {{"uid", JSON_INTEGER, .set = set_uid}, {NULL}};

int oci_set_no_new_privileges(void *to, const struct json_value *v, struct err *e)
{
        (void)e;
        oci_filled(to)->no_new_privileges = v->boolean;
        return 0;
}

int oci_set_terminal(void *to, const struct json_value *v, struct err *e)
{
        (void)e;
        oci_filled(to)->terminal = v->boolean;
        return 0;
}

void oci_take_variable(struct oci_config *c, const char *variable)
{
        if (strncmp(variable, "TERM=", 5) == 0)
                c->has_lively_terminal = variable[5] && strcmp(variable + 5, "dumb") != 0;
        if (strncmp(variable, "container=", 10) == 0) /* the last one counts */
                c->has_container = variable[10] != '\0';
}

#define RTMIN 34 /* for the engines, whose tables are glibc's */
#define RTMAX 64

/* A small number and nothing else, or -1. */
static int read_number(const char *text)
{
        const size_t digits = strspn(text, "0123456789");

        return digits && digits < 4 && !text[digits] ? (int)strtol(text, NULL, 10) : -1;
}

/* "37", "SIGRTMIN+3", "rtmax-27", "INT": what engines take for it. -1: some other. */
static int number_of_signal(const char *text)
{
        int number = read_number(text);

        if (number >= 0)
                return number;
        if (strncasecmp(text, "SIG", 3) == 0)
                text += 3;
        if (strcasecmp(text, "INT") == 0)
                return SIGINT;
        if (strcasecmp(text, "KILL") == 0)
                return SIGKILL;
        if (strncasecmp(text, "RTMIN+", 6) == 0 && (number = read_number(text + 6)) >= 0)
                return RTMIN + number;
        if (strncasecmp(text, "RTMAX-", 6) == 0 && (number = read_number(text + 6)) >= 0)
                return RTMAX - number;
        return -1;
}

/* systemd(1), SIGNALS: halt, power off, reboot and kexec, in order or at once, end a container, and so does Ctrl-Alt-Del. */
static bool ends_systemd(int number)
{
        return number == SIGINT || (number >= RTMIN + 3 && number <= RTMIN + 6) ||
               (number >= RTMIN + 13 && number <= RTMIN + 16) ||
               number == SIGKILL; /* the kernel's, which no stop waits for */
}

enum stop_signal oci_stop_signal(const char *text)
{
        if (!*text)
                return STOP_SIGNAL_UNKNOWN;
        return ends_systemd(number_of_signal(text)) ? STOP_SIGNAL_SUITS : STOP_SIGNAL_OTHER;
}

void oci_take_stop_signal(const struct json_value *v, enum stop_signal *stop_signal)
{
        if (strcmp(v->key, "org.opencontainers.image.stopSignal") == 0)
                *stop_signal = oci_stop_signal(v->text);
}

/* After the name of an init as its releases are called: tini-static-amd64, dumb-init_1.2.5_x86_64, catatonit.x86_64. */
static bool is_release(const char *rest)
{
        static const char words[][10] = {"static", "muslc", "musl", "amd64", "i386", "i686", "x86", "64",
                "arm64", "arm", "armel", "armhf", "armv7", "armv7l", "aarch64", "mips64el", "ppc64el",
                "ppc64le", "riscv64", "s390x"};

        while (*rest) {
                const char *word = rest + 1;
                const size_t length = strcspn(word, "-_.");
                const size_t version = *word == 'v' ? 1 : 0;
                bool is_known = length > version && strspn(word + version, "0123456789") == length - version;

                if (!strchr("-_.", *rest))
                        return false;
                for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                        is_known |= strlen(words[i]) == length && memcmp(words[i], word, length) == 0;
                if (!is_known)
                        return false;
                rest = word + length;
        }
        return true;
}

bool oci_is_small_init(const char *word)
{
        static const char names[][12] = {"tini", "dumb-init", "catatonit", "docker-init", "podman-init"};
        const char *slash = word ? strrchr(word, '/') : NULL, *name = slash ? slash + 1 : word;

        if (!word)
                return false;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (strncmp(name, names[i], strlen(names[i])) == 0 && is_release(name + strlen(names[i])))
                        return true;
        return strcmp(word, "/dev/init") == 0; /* Podman's */
}
