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
#define FILE_MOST                                                                                            \
        (UINT64_C(1) << 60) /* bytes; the kernel refuses to read near the end of what an offset can say */
#define NAME_MOST 128       /* bytes of a library's name */
#define START     1024      /* bytes */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OUR_BYTE_ORDER ELFDATA2LSB
#else
#define OUR_BYTE_ORDER ELFDATA2MSB
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
        bool wide; /* ELFCLASS64 */
        struct segment segments[HEADERS_MOST];
        unsigned count;
};

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
                image->segments[i] = image->wide
                                             ? (struct segment){header.wide.p_type, header.wide.p_offset,
                                                       header.wide.p_vaddr, header.wide.p_filesz}
                                             : (struct segment){header.narrow.p_type, header.narrow.p_offset,
                                                       header.narrow.p_vaddr, header.narrow.p_filesz};
        }
        image->count = count;
        return 0;
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
        if (memcmp(header.ident, ELFMAG, SELFMAG) != 0 || header.ident[EI_DATA] != OUR_BYTE_ORDER)
                return -ENOEXEC;
        image->wide = header.ident[EI_CLASS] == ELFCLASS64;
        if (!image->wide)
                return read_segments(
                        image, header.narrow.e_phoff, header.narrow.e_phentsize, header.narrow.e_phnum);
        r = read_at(image, &header, sizeof header.wide, 0);
        if (r < 0)
                return r;
        return read_segments(image, header.wide.e_phoff, header.wide.e_phentsize, header.wide.e_phnum);
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

static int64_t tag_of(const struct image *image, const struct dynamic *d, unsigned i)
{
        return image->wide ? d->of.wide[i].d_tag : d->of.narrow[i].d_tag;
}

static uint64_t value_of(const struct image *image, const struct dynamic *d, unsigned i)
{
        return image->wide ? d->of.wide[i].d_un.d_val : d->of.narrow[i].d_un.d_val;
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
