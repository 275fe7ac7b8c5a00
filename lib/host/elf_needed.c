/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/elf_needed.h"

#include "base/scope.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define HEADERS_MOST 64  /* program headers; real programs have about a dozen */
#define DYNAMIC_MOST 256 /* entries of the dynamic section; about forty */
/* bytes; the kernel refuses to read near the end of what an offset can say */
#define FILE_MOST (UINT64_C(1) << 60)
#define NAME_MOST 128  /* bytes of a library's name */
#define START     1024 /* bytes */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OUR_BYTE_ORDER ELFDATA2LSB
#else
#define OUR_BYTE_ORDER ELFDATA2MSB
#endif
#if defined __x86_64__
#define OUR_MACHINE EM_X86_64
#elif defined __i386__
#define OUR_MACHINE EM_386
#elif defined __aarch64__
#define OUR_MACHINE EM_AARCH64
#elif defined __arm__
#define OUR_MACHINE EM_ARM
#elif defined __s390__
#define OUR_MACHINE EM_S390
#elif defined __riscv
#define OUR_MACHINE EM_RISCV
#elif defined __powerpc64__
#define OUR_MACHINE EM_PPC64
#else
#define OUR_MACHINE EM_NONE /* not known here: any other may be ours */
#endif

/* One program header or dynamic entry, whichever class the file has. */
struct segment {
        uint32_t type;
        uint64_t offset, address, size;
};

struct image {
        int fd;
        unsigned char start[START]; /* of the file: all that is asked for first lies there, as a rule */
        size_t started;
        bool wide;        /* ELFCLASS64 */
        bool other_order; /* of bytes, than this machine's */
        struct segment segments[HEADERS_MOST];
        unsigned count;
};

/* A number of the file as this machine has it. The size is the field's, so that it swaps no more than that. */
#define NUMBER(image, field)                                                                                 \
        (!(image)->other_order       ? (uint64_t)(field)                                                     \
                : sizeof(field) == 2 ? __builtin_bswap16((uint16_t)(field))                                  \
                : sizeof(field) == 4 ? __builtin_bswap32((uint32_t)(field))                                  \
                                     : __builtin_bswap64((uint64_t)(field)))

/* What is not there to be read makes a broken file; what cannot be read is an error. */
static int read_at(const struct image *image, void *to, size_t size, uint64_t offset)
{
        if (offset <= image->started && size <= image->started - offset) {
                memcpy(to, image->start + offset, size);
                return 0;
        }

        ssize_t n = offset > FILE_MOST ? 0 : pread(image->fd, to, size, (off_t)offset);

        return n < 0 ? -errno : n == (ssize_t)size ? 0 : -ENOEXEC;
}

#define SEGMENT(image, header)                                                                               \
        (struct segment)                                                                                     \
        {                                                                                                    \
                .type = (uint32_t)NUMBER(image, header.p_type), .offset = NUMBER(image, header.p_offset),    \
                .address = NUMBER(image, header.p_vaddr), .size = NUMBER(image, header.p_filesz)             \
        }

static int read_segments(struct image *image, uint64_t offset, unsigned entry_size, unsigned count)
{
        const size_t expected = image->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
        union {
                Elf32_Phdr narrow;
                Elf64_Phdr wide;
        } header;

        if (count > HEADERS_MOST || entry_size != expected || offset > FILE_MOST)
                return -ENOEXEC;
        for (unsigned i = 0; i < count; i++) {
                int r = read_at(image, &header, expected, offset + i * expected);

                if (r < 0)
                        return r;
                image->segments[i] =
                        image->wide ? SEGMENT(image, header.wide) : SEGMENT(image, header.narrow);
        }
        image->count = count;
        return 0;
}

static bool is_elf(const unsigned char ident[EI_NIDENT])
{
        return memcmp(ident, ELFMAG, SELFMAG) == 0 &&
               (ident[EI_DATA] == ELFDATA2LSB || ident[EI_DATA] == ELFDATA2MSB);
}

static int read_header(struct image *image)
{
        union {
                unsigned char ident[EI_NIDENT];
                Elf32_Ehdr narrow;
                Elf64_Ehdr wide;
        } header;

        ssize_t n = pread(image->fd, image->start, START, 0);

        if (n < 0)
                return -errno;
        image->started = (size_t)n;
        int r = read_at(image, &header, sizeof header.narrow, 0);

        if (r < 0)
                return r;
        if (!is_elf(header.ident))
                return -ENOEXEC;
        image->wide = header.ident[EI_CLASS] == ELFCLASS64;
        image->other_order = header.ident[EI_DATA] != OUR_BYTE_ORDER;
        if (!image->wide)
                return read_segments(image, NUMBER(image, header.narrow.e_phoff),
                        (unsigned)NUMBER(image, header.narrow.e_phentsize),
                        (unsigned)NUMBER(image, header.narrow.e_phnum));
        r = read_at(image, &header, sizeof header.wide, 0);
        if (r < 0)
                return r;
        return read_segments(image, NUMBER(image, header.wide.e_phoff),
                (unsigned)NUMBER(image, header.wide.e_phentsize),
                (unsigned)NUMBER(image, header.wide.e_phnum));
}

static int file_offset(const struct image *image, uint64_t address, uint64_t *ret_offset)
{
        for (unsigned i = 0; i < image->count; i++) {
                const struct segment *s = &image->segments[i];

                if (s->type == PT_LOAD && address >= s->address && address - s->address < s->size)
                        return __builtin_add_overflow(s->offset, address - s->address, ret_offset) ? -ENOEXEC
                                                                                                   : 0;
        }
        return -ENOEXEC;
}

/* Names end in the file, or within NAME_MOST: what is longer is no library that we know. */
static int read_name(const struct image *image, uint64_t offset, char name[NAME_MOST])
{
        ssize_t n = offset > FILE_MOST ? 0 : pread(image->fd, name, NAME_MOST - 1, (off_t)offset);

        if (n <= 0)
                return n < 0 ? -errno : -ENOEXEC;
        name[n] = '\0';
        return 0;
}

/* The dynamic section, of which no more than DYNAMIC_MOST entries are looked at. */
struct dynamic {
        unsigned count; /* before DT_NULL */
        union {
                Elf32_Dyn narrow[DYNAMIC_MOST];
                Elf64_Dyn wide[DYNAMIC_MOST];
        } of;
};

static uint64_t tag_of(const struct image *image, const struct dynamic *d, unsigned i)
{
        return image->wide ? NUMBER(image, d->of.wide[i].d_tag) : NUMBER(image, d->of.narrow[i].d_tag);
}

static uint64_t value_of(const struct image *image, const struct dynamic *d, unsigned i)
{
        return image->wide ? NUMBER(image, d->of.wide[i].d_un.d_val)
                           : NUMBER(image, d->of.narrow[i].d_un.d_val);
}

static int read_dynamic(const struct image *image, const struct segment *s, struct dynamic *d)
{
        const size_t size = image->wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
        const uint64_t count = s->size / size < DYNAMIC_MOST ? s->size / size : DYNAMIC_MOST;
        int r = read_at(image, &d->of, count * size, s->offset);

        if (r < 0)
                return r;
        for (d->count = 0; d->count < count && tag_of(image, d, d->count) != DT_NULL;)
                d->count++;
        return 0;
}

static int walk(const struct image *image, const struct dynamic *d, elf_needed_fn *found, void *to)
{
        uint64_t strings = 0;
        unsigned i = 0;

        while (i < d->count && tag_of(image, d, i) != DT_STRTAB)
                i++;
        if (i == d->count || file_offset(image, value_of(image, d, i), &strings) < 0)
                return -ENOEXEC;
        for (i = 0; i < d->count; i++) {
                char name[NAME_MOST];

                if (tag_of(image, d, i) != DT_NEEDED)
                        continue;
                if (value_of(image, d, i) > UINT32_MAX)
                        return -ENOEXEC;

                int r = read_name(image, strings + value_of(image, d, i), name);

                if (r == 0)
                        r = found(to, name);
                if (r != 0)
                        return r;
        }
        return 0;
}

int elf_needed(int fd, elf_needed_fn *found, void *to)
{
        filled_later struct image image;
        struct dynamic dynamic = {0};

        image.fd = fd;
        image.count = 0;
        int r = read_header(&image);

        if (r < 0)
                return r;
        for (unsigned i = 0; i < image.count; i++) {
                if (image.segments[i].type != PT_DYNAMIC)
                        continue;
                r = read_dynamic(&image, &image.segments[i], &dynamic);
                return r < 0 ? r : walk(&image, &dynamic, found, to);
        }
        return 0;
}

bool elf_is_for_another_machine(int fd)
{
        unsigned char start[20]; /* e_ident, e_type, e_machine: the same in both classes */

        if (pread(fd, start, sizeof start, 0) != (ssize_t)sizeof start || !is_elf(start))
                return false;

        const unsigned machine = start[EI_DATA] == ELFDATA2LSB ? start[18] | (unsigned)start[19] << 8
                                                               : start[19] | (unsigned)start[18] << 8;

        if (OUR_MACHINE == EM_NONE || machine == OUR_MACHINE)
                return start[EI_DATA] != OUR_BYTE_ORDER;
        return !(OUR_MACHINE == EM_X86_64 && machine == EM_386) &&
               !(OUR_MACHINE == EM_AARCH64 && machine == EM_ARM);
}
