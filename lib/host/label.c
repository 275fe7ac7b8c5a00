/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/label.h"

#include "base/library.h"

#include <errno.h>
#include <linux/xattr.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/xattr.h>
#if __has_include(<selinux/selinux.h>)
#include <selinux/selinux.h>
#else /* what is used of it: see kernel/mountinfo.c */
typedef unsigned short security_class_t;
typedef unsigned int access_vector_t;
struct av_decision {
        access_vector_t allowed, decided, auditallow, auditdeny;
        unsigned int seqno, flags;
};
#define SELINUX_AVD_FLAGS_PERMISSIVE 0x0001
int security_check_context_raw(const char *context);
int security_getenforce(void);
int security_compute_av_flags_raw(const char *source, const char *target, security_class_t class,
        access_vector_t requested, struct av_decision *ret_decision);
security_class_t string_to_security_class(const char *name);
access_vector_t string_to_av_perm(security_class_t class, const char *name);
int security_get_boolean_active(const char *name);
#endif

#define CONTEXT_MOST 4096

LIBRARY_NOTE("selinux", "labels, on hosts with SELinux", "\"libselinux.so.1\"");

static const char *const library[] = {"libselinux.so.1", NULL};

int label_check(const char *context, struct err *e)
{
        __typeof__(&security_check_context_raw) check;
        const struct library_symbol symbols[] = {{"security_check_context_raw", &check}, {NULL, NULL}};
        int r = library_load(library, symbols, e);

        if (r < 0)
                return r;
        /* whose own domain may not ask the policy, an engine's for one, leaves it to the kernel at the mount
         */
        if (check(context) < 0 && errno == EINVAL) {
                err_refuse(e, "the host's SELinux policy does not know linux.mountLabel \"%s\"", context);
                return err_hint(e, "give the engine a label of this policy");
        }
        return 0;
}

struct policy {
        __typeof__(&security_getenforce) enforces;
        __typeof__(&security_compute_av_flags_raw) compute;
        __typeof__(&string_to_security_class) class;
        __typeof__(&string_to_av_perm) permission;
        __typeof__(&security_get_boolean_active) boolean;
};

static int load_policy(struct policy *p, struct err *e)
{
        const struct library_symbol symbols[] = {
                {"security_getenforce", &p->enforces},
                {"security_compute_av_flags_raw", &p->compute},
                {"string_to_security_class", &p->class},
                {"string_to_av_perm", &p->permission},
                {"security_get_boolean_active", &p->boolean},
                {NULL, NULL},
        };

        return library_load(library, symbols, e);
}

/* What cannot be asked for counts as allowed: the kernel has the last word. */
static bool is_denied(
        const struct policy *p, const char *context, const char *target, const char *class, const char *word)
{
        security_class_t number = p->class(class);
        access_vector_t wanted = number ? p->permission(number, word) : 0;
        struct av_decision answer = {0};

        if (!wanted || p->compute(context, target, number, wanted, &answer) < 0)
                return false;
        return (wanted & ~answer.allowed) && !(answer.flags & SELINUX_AVD_FLAGS_PERMISSIVE);
}

int label_check_cgroups(const char *context, const char *cgroup, struct err *e)
{
        static const char boolean[] = "container_manage_cgroup"; /* of every policy with container_t */
        char target[CONTEXT_MOST];
        struct policy p;
        ssize_t n = getxattr(cgroup, XATTR_NAME_SELINUX, target, sizeof target - 1);
        int r = load_policy(&p, e);

        if (r < 0)
                return r;
        if (n <= 0 || p.enforces() != 1)
                return 0;
        target[n] = '\0';
        if (!is_denied(&p, context, target, "dir", "create") &&
                !is_denied(&p, context, target, "file", "write"))
                return 0;
        err_refuse(e,
                "process.selinuxLabel \"%s\": the host's SELinux policy does not let it manage cgroups "
                "(\"%s\"), which systemd does",
                context, target);
        errno = 0;
        r = p.boolean(boolean);
        return r == 1 || (r < 0 && errno == ENOENT)
                       ? err_hint(e, "use a label that is allowed to, or change the policy")
                       : err_hint(e, "allow it: setsebool -P %s on", boolean);
}
