/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feature/journal_record.h"

#include "base/file.h"
#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* Root's alone, as what it says is removed in root's name. */
static int open_records(struct err *e)
{
        struct stat st;
        scoped_fd dir = open(JOURNAL_RECORDS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (dir < 0)
                return err_set(e, errno, "open %s", JOURNAL_RECORDS);
        if (fstat(dir, &st) < 0)
                return err_set(e, errno, "look at %s", JOURNAL_RECORDS);
        if (st.st_uid != 0 || st.st_mode & 0022)
                return err_refuse(e, "%s can be written by others than root; remove it", JOURNAL_RECORDS);
        return take_fd(&dir);
}

int journal_record_write(const char *id, const char *bundle, const char *machine_id, struct err *e)
{
        filled_later char text[PATH_MAX + 64];
        const int length = snprintf(text, sizeof text, "%s\n%s\n", machine_id, bundle);

        if (length < 0 || (size_t)length >= sizeof text || strchr(bundle, '\n'))
                return err_refuse(e, "the bundle's path cannot be noted; move it to a plain one");
        if (mkdir(JOURNAL_RECORDS, 0700) < 0 && errno != EEXIST)
                return err_set(e, errno, "make %s", JOURNAL_RECORDS);

        scoped_fd dir = open_records(e);

        if (dir < 0)
                return dir;
        scoped_fd fd = openat(dir, id, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return err_set(e, errno, "make %s/%s", JOURNAL_RECORDS, id);
        const int r = file_write(fd, text, (size_t)length);
        return r < 0 ? err_set(e, -r, "write %s/%s", JOURNAL_RECORDS, id) : 0;
}

/* A file that was cut names no bundle: nothing had been made by then. */
int journal_record_read(const char *id, const char *bundle, char ret_machine_id[33], struct err *e)
{
        filled_later char text[PATH_MAX + 64];
        scoped_fd dir = open_records(e);

        if (dir < 0)
                return dir == -ENOENT ? 0 : dir;
        scoped_fd fd = openat(dir, id, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? 0 : err_set(e, errno, "open %s/%s", JOURNAL_RECORDS, id);
        ssize_t n = read(fd, text, sizeof text - 1);

        if (n < 0)
                return err_set(e, errno, "read %s/%s", JOURNAL_RECORDS, id);
        text[n] = '\0';
        if (strspn(text, "0123456789abcdef") != 32 || text[32] != '\n')
                return n == 0 ? 0
                              : err_refuse(e, "%s/%s names no machine-id; remove it", JOURNAL_RECORDS, id);

        const char *noted = text + 33;
        const size_t length = bundle ? strlen(bundle) : 0;

        if (bundle && (strncmp(noted, bundle, length) != 0 || noted[length] != '\n'))
                return 0;
        memcpy(ret_machine_id, text, 32);
        ret_machine_id[32] = '\0';
        return 1;
}

int journal_record_remove(const char *id, struct err *e)
{
        scoped_fd dir = open_records(e);

        if (dir < 0)
                return dir == -ENOENT ? 0 : dir;
        if (unlinkat(dir, id, 0) < 0 && errno != ENOENT)
                return err_set(e, errno, "remove %s/%s", JOURNAL_RECORDS, id);
        unlinkat(AT_FDCWD, JOURNAL_RECORDS, AT_REMOVEDIR); /* other containers may be in it */
        return 0;
}
