/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/log.h"
#include "hook.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define TIME_LIMIT 30 /* seconds; a start takes a few milliseconds */

enum command { COMMAND_DERIVED, COMMAND_PRESTART, COMMAND_POSTSTOP, COMMAND_PLAN };

struct arguments {
        enum command command;
        bool has_stage; /* by a word of the command line */
        struct settings settings;
        const char *bundle;
        bool json;
};

static void usage(FILE *f)
{
        fputs("oci-systemd-hook [OPTION...] [prestart|createRuntime|poststop]  container state (JSON) on "
              "stdin\n"
              "oci-systemd-hook [OPTION...] plan --bundle DIR [--json]         what would be done, and why\n"
              "oci-systemd-hook --help | --version\n"
              "\n"
              "An OCI runtime calls it so that systemd boots as PID 1 in an unprivileged container.\n"
              "\n"
              "Options, the defaults for the annotations org.oci-systemd-hook.KEY:\n",
                f);
        settings_usage(f);
        fputs("\nSee oci-systemd-hook(8).\n", f);
}

static int log_socket; /* O_PATH; 0: not looked for yet */

void keep_log(void)
{
        log_socket = open("/dev/log", O_PATH | O_CLOEXEC);
}

/* As syslog(3) does it, but to the socket that is held, and with no connection before there is something to
 * say. */
static void write_to_log(const char *line)
{
        static const int types[] = {SOCK_DGRAM, SOCK_STREAM};
        struct sockaddr_un log = {.sun_family = AF_UNIX};

        if (log_socket == 0)
                keep_log();
        if (log_socket < 0)
                return;
        snprintf(log.sun_path, sizeof log.sun_path, "/proc/self/fd/%d", log_socket);
        for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
                int fd = socket(AF_UNIX, types[i] | SOCK_CLOEXEC, 0);

                if (fd >= 0 && connect(fd, (const struct sockaddr *)&log, sizeof log) == 0) {
                        dprintf(fd, "<%d>oci-systemd-hook[%d]: %s", LOG_DAEMON | LOG_ERR, getpid(), line);
                        return;
                }
        }
}

/* The one place that speaks: stderr for the engine that passes it on, the log for the one that does not. */
static int fail(const char *id, const struct err *e)
{
        char line[2048];

        log_line(line, sizeof line, id, e);
        dprintf(STDERR_FILENO, "%s\n", line);
        write_to_log(line + strlen("oci-systemd-hook: "));
        return 1;
}

static int bad_usage(const char *what, const char *why)
{
        struct err e = {0};

        err_refuse(&e, "%s: %s; see oci-systemd-hook --help", what, why);
        (void)fail(NULL, &e);
        return 2;
}

static void on_time_limit(int signal)
{
        static const char line[] =
                "oci-systemd-hook: the time limit of 30 s: a file system of the container or of the "
                "host does not answer; look at the mounts of the bundle\n";

        (void)signal;
        (void)!write(STDERR_FILENO, line, sizeof line - 1);
        _exit(1);
}

/*
 * What the caller left us may be the image's (environment), or anybody's (descriptors, masks). Descriptors 0
 * to 2 are there afterwards, so that no file of ours ever becomes one of them.
 */
static void harden(void)
{
        struct sigevent fatal = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
        timer_t timer;
        int fd = 0;

        clearenv();
        umask(077);
        close_range(3, ~0U, 0);
        while (fd < 3 && (fcntl(fd, F_GETFD) >= 0 || open("/dev/null", O_RDWR) == fd))
                fd++;
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        signal(SIGPIPE, SIG_IGN);
        signal(SIGXFSZ, SIG_IGN); /* a write that is too long then fails, with a line */
        signal(SIGALRM, on_time_limit);
        alarm(TIME_LIMIT);
        /* who waits for a file system that does not answer is woken by a fatal signal only */
        if (timer_create(CLOCK_MONOTONIC, &fatal, &timer) == 0)
                timer_settime(timer, 0, &(struct itimerspec){.it_value.tv_sec = TIME_LIMIT + 1}, NULL);
}

static int parse_stage(const char *word, struct arguments *args, struct err *e)
{
        if (strcmp(word, "prestart") == 0 || strcmp(word, "createRuntime") == 0)
                args->command = COMMAND_PRESTART;
        else if (strcmp(word, "poststop") == 0)
                args->command = COMMAND_POSTSTOP;
        else if (strcmp(word, "createContainer") == 0 || strcmp(word, "startContainer") == 0)
                return err_refuse(e,
                        "stage %s runs with the container's environment and cannot be trusted; register the "
                        "hook as "
                        "prestart or createRuntime",
                        word);
        else
                return err_refuse(e,
                        "stage %s is not one that it has; it has: prestart, createRuntime, poststop", word);
        return 0;
}

static int parse_option(const char *option, struct settings *s, struct err *e)
{
        const char *equals = strchr(option, '=');
        char key[64];

        if (!equals || (size_t)(equals - option) >= sizeof key)
                return err_refuse(e, "not an option that it has");
        memcpy(key, option, (size_t)(equals - option));
        key[equals - option] = '\0';
        return settings_option(s, key, equals + 1, e);
}

/* The parsers return -1 to go on, else the exit status. */
static int parse_command(const char *word, struct arguments *args)
{
        struct err e;

        if (args->has_stage)
                return bad_usage(word, "one stage or command is enough");
        if (strcmp(word, "check") == 0)
                return bad_usage(word, "it is not there yet in this version");
        args->has_stage = true;
        if (strcmp(word, "plan") == 0) {
                args->command = COMMAND_PLAN;
                return -1;
        }
        return parse_stage(word, args, &e) < 0 ? fail(NULL, &e) : -1;
}

static int print_and_end(const char *word)
{
        if (strcmp(word, "--help") == 0)
                usage(stdout);
        else
                puts("oci-systemd-hook " VERSION);
        return fflush(stdout) ? 1 : 0;
}

static int parse(int argc, char **argv, struct arguments *args)
{
        struct err e;
        int status = -1;

        for (int i = 1; i < argc && status < 0; i++) {
                const char *word = argv[i];

                if (strcmp(word, "--help") == 0 || strcmp(word, "--version") == 0)
                        return print_and_end(word);
                if (strcmp(word, "--json") == 0)
                        args->json = true;
                else if (strcmp(word, "--bundle") == 0 && i + 1 < argc)
                        args->bundle = argv[++i];
                else if (strncmp(word, "--bundle=", 9) == 0)
                        args->bundle = word + 9;
                else if (strncmp(word, "--", 2) != 0)
                        status = parse_command(word, args);
                else if (parse_option(word + 2, &args->settings, &e) < 0)
                        status = bad_usage(word, e.text);
        }
        if (status >= 0)
                return status;
        if (args->command == COMMAND_PLAN && !args->bundle)
                return bad_usage("plan", "--bundle DIR is missing");
        if (args->command != COMMAND_PLAN && (args->bundle || args->json))
                return bad_usage(args->bundle ? "--bundle" : "--json", "it goes with plan");
        return -1;
}

/* A container that lives is being started, one that does not has stopped. */
static enum command derive(const struct oci_state *state)
{
        return state->pid == 0 || state->stopped ? COMMAND_POSTSTOP : COMMAND_PRESTART;
}

static int run_stage(enum command command, const struct settings *settings, struct arena *a)
{
        struct oci_state state = {0};
        struct err e;
        int r = oci_read_state(STDIN_FILENO, a, &state, &e);

        if (r == 0 && command == COMMAND_DERIVED)
                command = derive(&state);
        if (r == 0)
                r = command == COMMAND_POSTSTOP ? poststop(&state, a, &e) : prestart(&state, settings, a, &e);
        return r < 0 ? fail(state.id, &e) : 0;
}

int main(int argc, char **argv)
{
        struct arguments args = {.settings = SETTINGS_DEFAULT};
        static struct arena arena; /* its pages cost only when they are used */
        struct err e;
        int status = parse(argc, argv, &args);

        if (status >= 0)
                return status;
        if (args.command == COMMAND_PLAN) {
                status = plan_command(args.bundle, &args.settings, args.json, &arena, &e) < 0 ? fail(NULL, &e)
                                                                                              : 0;
                arena_free(&arena);
                return status;
        }
        const char *stage = getenv("stage");

        if (!args.has_stage && stage && parse_stage(stage, &args, &e) < 0)
                return fail(NULL, &e);
        if (!args.has_stage && args.command == COMMAND_DERIVED && isatty(STDIN_FILENO)) {
                usage(stderr);
                return 2;
        }
        harden();
        if (chdir("/") < 0) {
                err_set(&e, errno, "go to /");
                return fail(NULL, &e);
        }
        status = run_stage(args.command, &args.settings, &arena);
        arena_free(&arena);
        return status;
}
