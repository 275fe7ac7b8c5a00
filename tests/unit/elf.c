/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "elf_image.h"
#include "host/elf_needed.h"

struct names {
        char list[2048];
        unsigned count, end_after; /* 0: never */
};

static int on_name(void *to, const char *name)
{
        struct names *n = to;
        size_t at = strlen(n->list);

        snprintf(n->list + at, sizeof n->list - at, "%.200s ", name);
        n->count++;
        return n->count == n->end_after ? 42 : 0;
}

static int read_bytes(const void *bytes, size_t length, struct names *n)
{
        int fd = file_of(bytes, length);
        int r = elf_needed(fd, on_name, n);

        close(fd);
        return r;
}

static int read_image(const struct elf_image *image, struct names *n)
{
        *n = (struct names){0};
        return read_bytes(image->bytes, image->length, n);
}

static const struct elf_wish manager = {
        .needed = {"libsystemd-core-252.so", "libsystemd-shared-252.so", "libc.so.6"}};
static const struct elf_wish narrow_manager = {
        .narrow = true, .needed = {"libsystemd-core-252.so", "libsystemd-shared-252.so", "libc.so.6"}};

static void test_names_in_order(void **state)
{
        struct elf_image image;
        struct names n;

        (void)state;
        elf_make(&image, &manager);
        assert_int_equal(read_image(&image, &n), 0);
        assert_string_equal(n.list, "libsystemd-core-252.so libsystemd-shared-252.so libc.so.6 ");
        elf_make(&image, &narrow_manager);
        assert_int_equal(read_image(&image, &n), 0);
        assert_string_equal(n.list, "libsystemd-core-252.so libsystemd-shared-252.so libc.so.6 ");
}

static void test_nothing_needed(void **state)
{
        static const struct elf_wish wishes[] = {{.is_static = true}, {.is_static = true, .narrow = true},
                {.narrow = false}, {.narrow = true}};
        struct elf_image image;
        struct names n;

        (void)state;
        for (size_t i = 0; i < count_of(wishes); i++) {
                elf_make(&image, &wishes[i]);
                assert_int_equal(read_image(&image, &n), 0);
                assert_string_equal(n.list, "");
        }
}

static void test_the_callback_ends_the_walk(void **state)
{
        struct names n = {.end_after = 2};
        struct elf_image image;

        (void)state;
        elf_make(&image, &manager);
        assert_int_equal(read_bytes(image.bytes, image.length, &n), 42);
        assert_int_equal(n.count, 2);
}

/* The tests' own program, which a real linker made. */
static void test_a_real_program(void **state)
{
        struct names n = {0};
        int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

        (void)state;
        assert_true(fd >= 0);
        assert_int_equal(elf_needed(fd, on_name, &n), 0);
        assert_contains(n.list, "libcmocka.so");
        assert_contains(n.list, "libc.so.6");
        close(fd);
}

static void test_no_elf(void **state)
{
        static const char *const texts[] = {"", "#!/bin/sh\n", "\x7f",
                "\x7f"
                "ELF",
                "\x7f"
                "ELG",
                "MZ"};
        unsigned char zeros[4096] = {0};
        struct names n = {0};

        (void)state;
        for (size_t i = 0; i < count_of(texts); i++)
                assert_int_equal(read_bytes(texts[i], strlen(texts[i]), &n), -ENOEXEC);
        assert_int_equal(read_bytes(zeros, sizeof zeros, &n), -ENOEXEC);
        memcpy(zeros,
                "\x7f"
                "ELF",
                4);
        assert_int_equal(read_bytes(zeros, sizeof zeros, &n), -ENOEXEC);
        assert_int_equal(elf_needed(-1, on_name, &n), -EBADF); /* what cannot be read is not called broken */
        assert_int_equal(n.count, 0);
}

/* Of any machine: binfmt_misc may run it. */
static void test_the_other_byte_order(void **state)
{
        const struct elf_wish wishes[] = {
                {.other_order = true, .needed = {"libsystemd-core-252.so", "libc.so.6"}},
                {.other_order = true, .narrow = true, .needed = {"libsystemd-core-252.so", "libc.so.6"}}};
        const struct elf_wish none = {.other_order = true, .is_static = true};
        struct elf_image image;
        struct names n;

        (void)state;
        for (size_t i = 0; i < count_of(wishes); i++) {
                elf_make(&image, &wishes[i]);
                assert_int_equal(read_image(&image, &n), 0);
                assert_string_equal(n.list, "libsystemd-core-252.so libc.so.6 ");
        }
        elf_make(&image, &none);
        assert_int_equal(read_image(&image, &n), 0);
        assert_int_equal(n.count, 0);
}

static bool is_for_another_machine(const void *bytes, size_t length)
{
        int fd = file_of(bytes, length);
        bool is = elf_is_for_another_machine(fd);

        close(fd);
        return is;
}

static void test_another_machine(void **state)
{
        static const struct elf_wish foreign = {.other_order = true};
        struct elf_image image;
        unsigned char start[64];
        int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

        (void)state;
        assert_true(fd >= 0);
        assert_false(elf_is_for_another_machine(fd));
        assert_int_equal(pread(fd, start, sizeof start, 0), sizeof start);
        close(fd);
        start[18] = 0, start[19] = 0xf0; /* e_machine: none that there is, in either order */
        assert_true(is_for_another_machine(start, sizeof start));
        elf_make(&image, &foreign);
        assert_true(is_for_another_machine(image.bytes, image.length));
        assert_false(is_for_another_machine("#!/bin/sh and more than twenty bytes", 36));
        assert_false(is_for_another_machine(start, 10));
}

/* Overwrites width bytes at an offset of the image. */
static void patch(struct elf_image *image, size_t at, size_t width, uint64_t value)
{
        const size_t length = image->length;

        image->length = at;
        elf_put(image, width, value);
        image->length = length;
}

static void test_broken_headers(void **state)
{
        enum { HEADER, SEGMENT_DYNAMIC, SEGMENT_LOAD, DYNAMIC };
        static const struct {
                int where;
                size_t at, width;
                uint64_t value;
        } cases[] = {
                {HEADER, 0, 1, 0},                     /* magic */
                {HEADER, 3, 1, 'G'},                   /* magic */
                {HEADER, EI_CLASS, 1, ELFCLASSNONE},   /* no class */
                {HEADER, EI_CLASS, 1, 3},              /* nor this */
                {HEADER, EI_DATA, 1, 0},               /* no byte order */
                {HEADER, 32, 8, ELF_MOST},             /* e_phoff at the end */
                {HEADER, 32, 8, INT64_MAX},            /* e_phoff */
                {HEADER, 32, 8, UINT64_MAX},           /* e_phoff */
                {HEADER, 54, 2, 0},                    /* e_phentsize */
                {HEADER, 54, 2, 32},                   /* e_phentsize of the other class */
                {HEADER, 54, 2, 0xffff},               /* e_phentsize */
                {HEADER, 56, 2, 0xffff},               /* e_phnum */
                {HEADER, 56, 2, 65},                   /* e_phnum, more than it reads */
                {SEGMENT_DYNAMIC, 8, 8, ELF_MOST},     /* p_offset */
                {SEGMENT_DYNAMIC, 8, 8, UINT64_MAX},   /* p_offset */
                {SEGMENT_DYNAMIC, 32, 8, UINT64_MAX},  /* p_filesz */
                {SEGMENT_DYNAMIC, 32, 8, 0},           /* p_filesz */
                {SEGMENT_LOAD, 0, 4, PT_NOTE},         /* nothing is loaded */
                {SEGMENT_LOAD, 16, 8, 0},              /* p_vaddr: not where the strings are */
                {SEGMENT_LOAD, 16, 8, UINT64_MAX},     /* p_vaddr */
                {SEGMENT_LOAD, 32, 8, 16},             /* p_filesz: short */
                {SEGMENT_LOAD, 8, 8, UINT64_MAX - 16}, /* p_offset: the sum goes around */
                {DYNAMIC, 0, 8, DT_NULL},              /* ends before the strings */
                {DYNAMIC, 8, 8, UINT64_MAX},           /* the name's offset */
                {DYNAMIC, 8, 8, UINT32_MAX},           /* the name's offset */
                {DYNAMIC, 8, 8, ELF_MOST},             /* the name's offset */
        };

        (void)state;
        for (size_t i = 0; i < count_of(cases); i++) {
                struct elf_image image;
                struct names n;

                elf_make(&image, &manager);

                const size_t where[] = {[HEADER] = 0,
                        [SEGMENT_LOAD] = image.headers,
                        [SEGMENT_DYNAMIC] = image.headers + sizeof(Elf64_Phdr),
                        [DYNAMIC] = image.dynamic};

                patch(&image, where[cases[i].where] + cases[i].at, cases[i].width, cases[i].value);
                if (read_image(&image, &n) != -ENOEXEC)
                        fail_msg("case %zu is taken: %s", i, n.list);
        }
}

/* More headers than it reads, and all of them are there. */
static void test_too_many_headers(void **state)
{
        static const struct elf_wish wish = {
                .needed = {"libsystemd-core-252.so"}, .padding = 65 * sizeof(Elf64_Phdr)};
        struct elf_image image;
        struct names n;

        (void)state;
        elf_make(&image, &wish);
        patch(&image, 56, 2, 64); /* e_phnum */
        assert_int_equal(read_image(&image, &n), 0);
        patch(&image, 56, 2, 65);
        assert_int_equal(read_image(&image, &n), -ENOEXEC);
        assert_int_equal(n.count, 0);
}

/* Every byte of the tables, set to what breaks most: the worst is an answer, never a crash. */
static void test_any_byte_changed(void **state)
{
        static const unsigned char values[] = {0, 1, 2, 0x7f, 0x80, 0xfe, 0xff};
        static const struct elf_wish other_order = {
                .other_order = true, .needed = {"libsystemd-core-252.so"}};
        static const struct elf_wish *const wishes[] = {&manager, &narrow_manager, &other_order};
        struct elf_image image;
        struct names n;

        (void)state;
        for (size_t w = 0; w < count_of(wishes); w++) {
                elf_make(&image, wishes[w]);
                for (size_t at = 0; at < image.length; at++)
                        for (size_t i = 0; i < count_of(values); i++) {
                                const unsigned char was = image.bytes[at];

                                image.bytes[at] = values[i];

                                int r = read_image(&image, &n);

                                assert_true(r == 0 || r == -ENOEXEC);
                                assert_true(n.count <= 256);
                                image.bytes[at] = was;
                        }
        }
}

static void test_cut_at_every_length(void **state)
{
        static const struct elf_wish *const wishes[] = {&manager, &narrow_manager};
        struct elf_image image;
        struct names n;

        (void)state;
        for (size_t w = 0; w < count_of(wishes); w++) {
                elf_make(&image, wishes[w]);

                const size_t length = image.length;

                for (image.length = 0; image.length < length; image.length++) {
                        int r = read_image(&image, &n);

                        if (image.length <= image.strings)
                                assert_int_equal(r, -ENOEXEC);
                        else
                                assert_true(r == 0 || r == -ENOEXEC);
                }
        }
}

/* A name without an end, up to the end of the file and beyond what a name may have. */
static void test_a_name_without_end(void **state)
{
        static const struct elf_wish wish = {.needed = {"lib"}, .padding = 0};
        static const size_t lengths[] = {1, 126, 127, 128, 129, 1000};
        struct elf_image image;

        (void)state;
        for (size_t i = 0; i < count_of(lengths); i++) {
                struct names n;

                elf_make(&image, &wish);
                image.length--; /* the NUL */
                for (size_t at = 0; at < lengths[i]; at++)
                        elf_put(&image, 1, 'x');
                (void)!read_image(&image, &n);
                assert_true(strlen(n.list) <= 128);
        }
}

/* As many names as it reads, and a table that says it is far longer. */
static void test_work_is_bounded(void **state)
{
        static const struct elf_wish wish = {.needed = {"x"}};
        struct elf_image image;
        struct names n;

        (void)state;
        elf_make(&image, &wish);
        patch(&image, image.headers + sizeof(Elf64_Phdr) + 32, 8, UINT64_C(1) << 40); /* p_filesz */
        image.length = image.dynamic;
        elf_put_wide(&image, DT_STRTAB);
        elf_put_wide(&image, ELF_ADDRESS + image.headers);
        while (image.length + 16 <= ELF_MOST) {
                elf_put_wide(&image, DT_NEEDED);
                elf_put_wide(&image, 0);
        }
        assert_int_equal(read_image(&image, &n), 0);
        assert_true(n.count > 100 && n.count <= 256);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names_in_order),
                cmocka_unit_test(test_nothing_needed),
                cmocka_unit_test(test_the_callback_ends_the_walk),
                cmocka_unit_test(test_a_real_program),
                cmocka_unit_test(test_no_elf),
                cmocka_unit_test(test_the_other_byte_order),
                cmocka_unit_test(test_another_machine),
                cmocka_unit_test(test_broken_headers),
                cmocka_unit_test(test_too_many_headers),
                cmocka_unit_test(test_any_byte_changed),
                cmocka_unit_test(test_cut_at_every_length),
                cmocka_unit_test(test_a_name_without_end),
                cmocka_unit_test(test_work_is_bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
