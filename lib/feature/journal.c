/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/scope.h"
#include "feature/feature.h"
#include "feature/journal_record.h"
#include "feature/journal_remove.h"
#include "kernel/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

/*
 * The container's journal in a directory of the host's, /var/log/journal/MACHINE-ID, where the host's journalctl finds it
 * (-m, -D). As nspawn does, nothing is made where the host keeps no journal of its own, and the host's own directory is never given.
 */

#define JOURNALS     "/var/log/journal"
#define SIZE_DEFAULT (128u << 20)

/* The files may grow to what tmpfs.journal says, where that is in bytes. That is journald's promise and no limit. */
static const char *settings_file(struct planning *p)
{
        const struct size size = p->in->settings->journal_size;
        const unsigned long long most = size.unit == SIZE_BYTES ? size.value : SIZE_DEFAULT;

        return plan_text(p, "[Journal]\nStorage=persistent\nSystemMaxUse=%llu\n", most);
}

static bool has_tmpfs(const struct planning *p)
{
        for (size_t i = 0; i < p->plan.count; i++)
                if (p->plan.steps[i].action == STEP_TMPFS && strcmp(p->plan.steps[i].target, JOURNALS) == 0)
                        return true;
        return false;
}

int journal_plan(struct planning *p)
{
        if (p->in->settings->journal != JOURNAL_HOST)
                return 0;
        if (!*p->plan.machine_id) {
                err_refuse(p->e, "journal=host needs a machine-id that is the container's own");
                return err_hint(
                        p->e, "leave machine-id at auto, and mount nothing on /etc/machine-id and /run/host");
        }
        if (!has_tmpfs(p)) {
                err_refuse(p->e, "journal=host needs the hook's tmpfs on %s", JOURNALS);
                return err_hint(p->e, "remove tmpfs.journal=off, or the volume that is mounted there");
        }
        if (p->plan.label)
                return err_refuse(p->e,
                        "journal=host is not possible under SELinux, which keeps containers out of %s",
                        JOURNALS);

        const struct entry entries[] = {
                {ENTRY_DIRECTORY, "systemd/journald.conf.d", 0755, NULL},
                {ENTRY_FILE, "systemd/journald.conf.d/50-oci-systemd-hook-journal.conf", 0644,
                        settings_file(p)},
        };

        feature_add_to_run(p, entries, 2, "journal=host");
        feature_step(p, FEATURE_JOURNAL, plan_text(p, JOURNALS "/%s", p->plan.machine_id),
                p->in->settings->journal_keep ? "the host's directory of this name, which stays"
                                              : "the host's directory of this name, which poststop removes");
        return p->failed;
}

static int open_journals(struct err *e)
{
        struct stat st;
        scoped_fd fd = open(JOURNALS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0) {
                err_set(e, errno, "open the host's %s", JOURNALS);
                return err_hint(e, "make that directory, so that the host itself keeps a journal");
        }
        if (fstat(fd, &st) < 0)
                return err_set(e, errno, "look at the host's %s", JOURNALS);
        if (st.st_uid != 0 || st.st_mode & 0002)
                return err_refuse(e, "the host's %s can be written by others than root", JOURNALS);
        return take_fd(&fd);
}

static int check_not_hosts(const char *machine_id, struct err *e)
{
        char own[33] = "";
        scoped_fd fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);

        if (fd < 0 && errno == ENOENT)
                return 0; /* the host has none */
        if (fd < 0 || read(fd, own, sizeof own - 1) < 0)
                return err_set(e, errno, "read the host's /etc/machine-id");
        return strcmp(own, machine_id) == 0
                       ? err_refuse(e,
                                 "%s is the machine-id of the host, whose journal is not the container's",
                                 own)
                       : 0;
}

/*
 * Whose a directory is. Its owner does not tell: all containers without a user namespace have one. And who may set machine-id= would choose
 * among the host's. So it bears a mark, which in a container nobody can set: the container's id; or, where it is to be found again by
 * the machine-id that was given, this word, which is no id of a container.
 */
#define MARK       "trusted.oci-systemd-hook"
#define MARK_GIVEN "./given"

static const char *mark_of(const struct feature_start *s)
{
        return s->settings->journal_keep && s->settings->machine_id == MACHINE_ID_GIVEN ? MARK_GIVEN
                                                                                        : s->plan->id;
}

/*
 * A file system may have no marks, and root of a user namespace may set none (xattr(7)); what stays there is then found
 * again by an id that was derived, and by no other.
 */
static int set_mark(const struct feature_start *s, int fd, struct err *e)
{
        const char *mark = mark_of(s);

        if (fsetxattr(fd, MARK, mark, strlen(mark), 0) == 0 || errno == EOPNOTSUPP || errno == EPERM)
                return 0;
        return err_set(e, errno, "mark the host's %s/%s (fsetxattr)", JOURNALS, s->plan->machine_id);
}

/* On record for this container, from a start that was killed before it had set the mark. */
static bool is_on_record(const struct feature_start *s)
{
        char noted[33];
        struct err unused;

        return journal_record_read(s->plan->id, s->bundle, noted, &unused) == 1 &&
               strcmp(noted, s->plan->machine_id) == 0;
}

static int check_mark(const struct feature_start *s, int fd, struct err *e)
{
        char mark[OCI_ID_MOST + 1];
        const ssize_t n = fgetxattr(fd, MARK, mark, sizeof mark);
        const bool is_derived = s->settings->machine_id == MACHINE_ID_AUTO;
        const char *wanted = mark_of(s);

        if (n < 0 ? errno != ERANGE && (is_derived || is_on_record(s))
                  : (size_t)n == strlen(wanted) && memcmp(mark, wanted, (size_t)n) == 0)
                return 0;
        err_refuse(e, "the host's %s/%s is not this container's", JOURNALS, s->plan->machine_id);
        return err_hint(e, "give the container another machine-id, or remove that directory");
}

static int check_found(const struct feature_start *s, int fd, struct err *e)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return err_set(e, errno, "look at the host's %s/%s", JOURNALS, s->plan->machine_id);
        if (st.st_uid != s->plan->owner)
                return err_refuse(e, "the host's %s/%s is user %u's, and not the container root's", JOURNALS,
                        s->plan->machine_id, st.st_uid);
        return check_mark(s, fd, e);
}

/* One that is there is taken if it is this container's, from a start before; poststop then leaves it. */
static int make_directory(struct feature_start *s, int journals, struct err *e)
{
        const struct plan *p = s->plan;
        const char *name = p->machine_id;
        struct stat st;
        bool made = false;

        if (fstatat(journals, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
                int r = s->settings->journal_keep ? 0 : journal_record_write(p->id, s->bundle, name, e);

                if (r < 0)
                        return r;
                if (mkdirat(journals, name, 0755) < 0)
                        return err_set(e, errno, "make the host's %s/%s", JOURNALS, name);
                made = true;
        }

        scoped_fd fd = openat(journals, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0)
                return err_set(e, errno, "open the host's %s/%s", JOURNALS, name);
        if (made && fchown(fd, p->owner, p->group) < 0)
                return err_set(e, errno, "give the host's %s/%s to the container", JOURNALS, name);

        const int r = made ? set_mark(s, fd, e) : check_found(s, fd, e);

        return r < 0 ? r : take_fd(&fd);
}

int journal_prepare(struct feature_start *s, struct err *e)
{
        if (s->container->rootless)
                return err_refuse(e,
                        "the host's %s is not open to an unprivileged user; leave journal at volatile",
                        JOURNALS);

        int r = check_not_hosts(s->plan->machine_id, e);

        if (r < 0)
                return r;
        scoped_fd journals = open_journals(e);
        if (journals < 0)
                return journals;
        scoped_fd own = make_directory(s, journals, e);
        if (own < 0)
                return own;
        scoped_fd mount = mount_clone(own, "", false, e);
        if (mount < 0)
                return mount;
        r = mount_attributes(
                mount, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0, MS_PRIVATE, false, e);
        if (r == 0)
                s->journal = take_fd(&mount);
        return r;
}

/* In the tmpfs of the hook's. */
int journal_attach(struct feature_start *s, const struct apply_place *place, struct err *e)
{
        const struct plan *p = s->plan;
        struct statfs fs;
        scoped_fd above = croot_open(place->root, JOURNALS, CROOT_DIRECTORY, e);

        if (above < 0)
                return above;
        if (fstatfs(above, &fs) < 0 || fs.f_type != TMPFS_MAGIC || croot_is_mount(above) != 1)
                return err_refuse(e, "the container's %s is not the tmpfs that was mounted there", JOURNALS);
        if (mkdirat(above, p->machine_id, 0755) < 0 && errno != EEXIST)
                return err_set(e, errno, "make the container's %s/%s", JOURNALS, p->machine_id);

        scoped_fd target = openat(above, p->machine_id, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return target < 0 ? err_set(e, errno, "open the container's %s/%s", JOURNALS, p->machine_id)
                          : mount_attach(s->journal, target, JOURNALS, e);
}

void journal_release(struct feature_start *s)
{
        scope_close(&s->journal);
        s->journal = -1;
}

int journal_after(const char *id, const char *bundle, struct err *e)
{
        char machine_id[33];
        struct stat st;
        int r = journal_record_read(id, bundle, machine_id, e);

        if (r != 1)
                return r;

        scoped_fd journals = open_journals(e);

        if (journals < 0 && journals != -ENOENT)
                return journals;
        if (journals >= 0) {
                journal_remove(journals, machine_id);
                if (fstatat(journals, machine_id, &st, AT_SYMLINK_NOFOLLOW) == 0)
                        return err_refuse(e, "cannot remove all of the host's %s/%s; remove it by hand",
                                JOURNALS, machine_id);
        }
        return journal_record_remove(id, e);
}
