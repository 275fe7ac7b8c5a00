/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feature/machined.h"

#include "base/library.h"
#include "base/scope.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define VARLINK "/run/systemd/machine/io.systemd.Machine"
#define SERVICE "oci-systemd-hook" /* who registers; machinectl shows it */
#define ANSWER  4096

bool machined_is_name(const char *text)
{
        char before = '.'; /* a label begins as if one had ended */
        size_t length = 0;

        for (; text[length]; before = text[length++]) {
                const char c = text[length];

                if (!isalnum((unsigned char)c) && c != '-' && c != '.')
                        return false;
                if ((c == '.' && (before == '.' || before == '-')) || (c == '-' && before == '.'))
                        return false;
        }
        return length <= MACHINED_NAME_MOST && before != '.' && before != '-';
}

static bool ends_in(const char *text, size_t length, const char *suffix)
{
        const size_t own = strlen(suffix);

        return length > own && memcmp(text + length - own, suffix, own) == 0;
}

/* The systemd unit that the cgroup is in, as PID 1 sees it: slices are passed over. Its length; 0: in none. */
static size_t unit_of(const char *cgroup, const char **ret_unit)
{
        for (;;) {
                cgroup += strspn(cgroup, "/");

                const size_t length = strcspn(cgroup, "/");

                if (!ends_in(cgroup, length, ".slice")) {
                        *ret_unit = cgroup;
                        return length;
                }
                cgroup += length;
        }
}

/* PREFIX-ID.scope is what engines call it; a login session is session-N.scope, and somebody else's. */
bool machined_is_own_scope(const char *cgroup, const char *id)
{
        const char *unit;
        const size_t length = unit_of(cgroup, &unit);
        const size_t rest = strlen(id) + strlen(".scope");

        return *id && length > rest + 1 && ends_in(unit, length, ".scope") &&
               unit[length - rest - 1] == '-' && memcmp(unit + length - rest, id, strlen(id)) == 0 &&
               strncmp(unit, "session-", strlen("session-")) != 0;
}

static int connect_varlink(void)
{
        const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = VARLINK};
        scoped_fd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) < 0)
                return -1;
        return take_fd(&fd);
}

/* The name is one of machined_is_name, and so no letter of it has a meaning in JSON. A NUL ends a message. */
static int ask_varlink(int fd, const struct machined_machine *m, struct err *e)
{
        char text[512];
        const int length = snprintf(text, sizeof text,
                "{\"method\":\"io.systemd.Machine.Register\",\"parameters\":{\"name\":\"%s\",%s%s%s"
                "\"service\":\"" SERVICE "\",\"class\":\"container\",\"leader\":%d}}",
                m->name, *m->id ? "\"id\":\"" : "", m->id, *m->id ? "\"," : "", (int)m->leader);

        if (length < 0 || (size_t)length >= sizeof text)
                return err_refuse(e, "the machine's name is too long");
        if (send(fd, text, (size_t)length + 1, MSG_NOSIGNAL) != length + 1)
                return err_set(e, errno, "write to systemd-machined");
        return 0;
}

/* "error" is machined's word for it; the names are made of letters and dots. */
static int read_varlink(int fd, struct err *e)
{
        char text[ANSWER];
        size_t length = 0;

        do {
                const ssize_t n = recv(fd, text + length, sizeof text - 1 - length, 0);

                if (n <= 0)
                        return err_set(e, n < 0 ? errno : ECONNRESET, "read the answer of systemd-machined");
                length += (size_t)n;
        } while (text[length - 1] && length < sizeof text - 1);
        text[length] = '\0';

        const char *error = strstr(text, "\"error\"");

        if (*text != '{')
                return err_refuse(e, "the answer of systemd-machined is not Varlink");
        if (!error)
                return 0;
        error += strlen("\"error\"");
        error += strspn(error, ": \"");
        return err_refuse(e, "systemd-machined answers %.*s", (int)strcspn(error, "\""), error);
}

/* sd-bus(3), of libsystemd. */
struct sd_bus;
struct sd_bus_message;
struct bus_error {
        const char *name, *message;
        int need_free;
};

LIBRARY_NOTE("machine", "machine=on, where systemd-machined is asked by D-Bus", "\"libsystemd.so.0\"");

static int ask_bus(const struct machined_machine *m, struct err *e)
{
        static const char *const sonames[] = {"libsystemd.so.0", NULL};
        int (*open_system)(struct sd_bus * *ret_bus);
        int (*new_call)(struct sd_bus * bus, struct sd_bus_message * *ret_message, const char *destination,
                const char *path, const char *interface, const char *member);
        int (*append)(struct sd_bus_message * message, const char *types, ...);
        int (*append_array)(struct sd_bus_message * message, char type, const void *from, size_t size);
        int (*call)(struct sd_bus * bus, struct sd_bus_message * message, uint64_t usec,
                struct bus_error * error, struct sd_bus_message * *ret_reply);
        const struct library_symbol symbols[] = {{"sd_bus_open_system", &open_system},
                {"sd_bus_message_new_method_call", &new_call}, {"sd_bus_message_append", &append},
                {"sd_bus_message_append_array", &append_array}, {"sd_bus_call", &call}, {0}};
        struct bus_error error = {0};
        struct sd_bus_message *message = NULL;
        struct sd_bus *bus = NULL;
        unsigned char id[16] = {0};
        const size_t id_size = *m->id ? sizeof id : 0;
        int r = library_load(sonames, symbols, e);

        if (r < 0)
                return r;
        for (size_t i = 0; i < id_size; i++)
                id[i] = (unsigned char)strtoul(
                        (const char[]){m->id[2 * i], m->id[2 * i + 1], '\0'}, NULL, 16);
        r = open_system(&bus);
        if (r < 0)
                return err_set(e, -r, "reach the host's D-Bus");
        r = new_call(bus, &message, "org.freedesktop.machine1", "/org/freedesktop/machine1",
                "org.freedesktop.machine1.Manager", "RegisterMachine");
        if (r >= 0)
                r = append(message, "s", m->name);
        if (r >= 0)
                r = append_array(message, 'y', id, id_size);
        if (r >= 0)
                r = append(message, "ssus", SERVICE, "container", (uint32_t)m->leader, "");
        if (r >= 0)
                r = call(bus, message, 0, &error, NULL);
        if (r < 0 && error.message)
                return err_refuse(e, "systemd-machined answers: %.300s", error.message);
        return r < 0 ? err_set(e, -r, "call systemd-machined by D-Bus") : 0;
}

int machined_register(const struct machined_machine *m, struct err *e)
{
        scoped_fd fd = connect_varlink();

        if (fd < 0)
                return ask_bus(m, e);

        const int r = ask_varlink(fd, m, e);

        return r < 0 ? r : read_varlink(fd, e);
}
