/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/scope.h"
#include "feature/feature.h"
#include "feature/journal_record.h"
#include "kernel/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

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

        if (fd < 0 || read(fd, own, 32) != 32)
                return 0; /* the host has none */
        return strcmp(own, machine_id) == 0
                       ? err_refuse(e,
                                 "%s is the machine-id of the host, whose journal is not the container's",
                                 own)
                       : 0;
}

/* One that is there is taken if it is the container root's, from a start before; poststop then leaves it. */
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
        if (fstat(fd, &st) < 0)
                return err_set(e, errno, "look at the host's %s/%s", JOURNALS, name);
        if (st.st_uid != p->owner)
                return err_refuse(e, "the host's %s/%s is user %u's, and not the container root's", JOURNALS,
                        name, st.st_uid);
        return take_fd(&fd);
}

int journal_prepare(struct feature_start *s, struct err *e)
{
        if (s->container->rootless)
                return err_refuse(e, "the host's %s is not a user's; leave journal at volatile", JOURNALS);

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

#define DEPTH_MOST 8 /* journald makes no directory; a payload may */

/* By fd and without following anything. What cannot be removed is reported by the directory that is not empty. */
static void remove_all(int parent, const char *name, unsigned depth)
{
        scoped_dir dir = NULL;
        int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        const struct dirent *entry;

        dir = fd < 0 ? NULL : fdopendir(fd);
        while (dir && (entry = readdir(dir))) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                if (unlinkat(dirfd(dir), entry->d_name, 0) < 0 && errno == EISDIR && depth < DEPTH_MOST)
                        remove_all(dirfd(dir), entry->d_name, depth + 1);
        }
        unlinkat(parent, name, AT_REMOVEDIR);
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
                remove_all(journals, machine_id, 0);
                if (fstatat(journals, machine_id, &st, AT_SYMLINK_NOFOLLOW) == 0)
                        return err_refuse(e, "cannot remove all of the host's %s/%s; remove it by hand",
                                JOURNALS, machine_id);
        }
        return journal_record_remove(id, e);
}
