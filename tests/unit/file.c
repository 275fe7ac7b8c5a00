/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/file.h"
#include "base/scope.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define ROOM 10000

struct room {
        char path[64];
        int dir;
        struct arena arena;
        struct err e;
};

static int set_up(void **state)
{
        struct room *r = test_calloc(1, sizeof *r);

        strcpy(r->path, "/tmp/oci-systemd-hook-file-XXXXXX");
        assert_non_null(mkdtemp(r->path));
        r->dir = open(r->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(r->dir >= 0);
        *state = r;
        return 0;
}

static int tear_down(void **state)
{
        static const char *const names[] = {"text", "link", "fifo"};
        struct room *r = *state;

        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                unlinkat(r->dir, names[i], 0);
        rmdir(r->path);
        close(r->dir);
        arena_free(&r->arena);
        test_free(r);
        return 0;
}

/* A file of so many bytes, each another than the one before it. */
static void make(const struct room *r, size_t length)
{
        scoped_fd fd = openat(r->dir, "text", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        assert_true(fd >= 0);
        for (size_t i = 0; i < length; i++) {
                const char byte = (char)('a' + i % 23);

                assert_int_equal(write(fd, &byte, 1), 1);
        }
}

static void assert_text(const char *text, size_t length)
{
        assert_int_equal(strlen(text), length);
        for (size_t i = 0; i < length; i++)
                assert_int_equal(text[i], 'a' + i % 23);
}

/* Each length beside an edge of the buffers: whole, with a NUL behind it, and nothing written past the end. */
static void test_what_fits_is_whole(void **state)
{
        static const size_t lengths[] = {0, 1, 15, 4094, 4095, 4096, 4097, 8191, 8192, 8193};
        struct room *r = *state;
        char text[ROOM + 1];

        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
                const size_t length = lengths[i];

                make(r, length);
                memset(text, 'Z', sizeof text);
                assert_int_equal(file_read(r->dir, "text", text, length + 1, &r->e), length);
                assert_text(text, length);
                assert_int_equal(text[length + 1], 'Z');
                assert_text(file_copy(r->dir, "text", length, &r->arena, &r->e), length);
                assert_text(file_copy(r->dir, "text", ROOM, &r->arena, &r->e), length);
        }
}

static void test_what_is_longer_is_refused(void **state)
{
        static const size_t lengths[] = {1, 16, 4095, 4096, 4097, 8192};
        struct room *r = *state;
        char text[ROOM], expected[64];

        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
                const size_t most = lengths[i] - 1;

                snprintf(expected, sizeof expected, "text is longer than %zu bytes", most);
                make(r, lengths[i]);
                assert_int_equal(file_read(r->dir, "text", text, most + 1, &r->e), -EFBIG);
                assert_string_equal(r->e.text, expected);
                r->e.text[0] = '\0';
                assert_null(file_copy(r->dir, "text", most, &r->arena, &r->e));
                assert_string_equal(r->e.text, expected);
                assert_int_equal(r->e.code, EFBIG);
        }
}

static void test_what_is_not_there_is_said(void **state)
{
        struct room *r = *state;
        char text[16];

        assert_int_equal(file_read(r->dir, "text", text, sizeof text, &r->e), -ENOENT);
        assert_string_equal(r->e.text, "cannot read text: No such file or directory");
        assert_null(file_copy(r->dir, "text", 16, &r->arena, &r->e));
        assert_string_equal(r->e.text, "cannot read text: No such file or directory");
        assert_int_equal(file_read(AT_FDCWD, r->path, text, sizeof text, &r->e), -EISDIR);
        assert_null(file_copy(AT_FDCWD, r->path, 16, &r->arena, &r->e));
        assert_int_equal(r->e.code, EISDIR);
}

/* os-release is a link in every distribution; a link in a directory of records is somebody's trick. */
static void test_links(void **state)
{
        struct room *r = *state;
        char text[16];

        make(r, 3);
        assert_int_equal(symlinkat("text", r->dir, "link"), 0);
        assert_int_equal(file_read(r->dir, "link", text, sizeof text, &r->e), -ELOOP);
        assert_text(file_copy(r->dir, "link", 16, &r->arena, &r->e), 3);
}

static void test_a_fifo_does_not_block(void **state)
{
        struct room *r = *state;
        char text[16];

        assert_int_equal(mkfifoat(r->dir, "fifo", 0600), 0);
        assert_int_equal(file_read(r->dir, "fifo", text, sizeof text, &r->e), 0);
}

/* Files of proc come a page at a time: a table of mounts or of memory is longer than one read. */
static void test_files_of_proc_are_read_to_their_end(void **state)
{
        struct room *r = *state;
        const char *text = file_copy(AT_FDCWD, "/proc/self/smaps", 1 << 20, &r->arena, &r->e);

        assert_non_null(text);
        assert_true(strlen(text) > 8192);
        assert_non_null(strstr(text, "[stack]"));
}

/* What was closed is not closed again, whoever has the number by then; errno is the failed call's. */
static void test_scope_close(void **state)
{
        const struct room *r = *state;
        int fd = openat(r->dir, ".", O_PATH | O_CLOEXEC);

        assert_true(fd >= 0);
        errno = EXDEV;
        scope_close(&fd);
        assert_int_equal(fd, -1);
        assert_int_equal(errno, EXDEV);
        fd = 987654; /* no descriptor: close fails */
        scope_close(&fd);
        assert_int_equal(fd, -1);
        assert_int_equal(errno, EXDEV);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_what_fits_is_whole, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_what_is_longer_is_refused, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_what_is_not_there_is_said, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_links, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_a_fifo_does_not_block, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_files_of_proc_are_read_to_their_end, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_scope_close, set_up, tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
