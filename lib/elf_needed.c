/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "elf_needed.h"

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
                Elf32_Phdr narrow[HEADERS_MOST];
                Elf64_Phdr wide[HEADERS_MOST];
        } headers = {0};

        if (count > HEADERS_MOST || entry_size != expected)
                return -ENOEXEC;
        int r = read_at(image, &headers, count * expected, offset);

        if (r < 0)
                return r;
        for (unsigned i = 0; i < count; i++) {
                struct segment *s = &image->segments[i];

                if (image->wide)
                        *s = (struct segment){headers.wide[i].p_type, headers.wide[i].p_offset,
                                headers.wide[i].p_vaddr, headers.wide[i].p_filesz};
                else
                        *s = (struct segment){headers.narrow[i].p_type, headers.narrow[i].p_offset,
                                headers.narrow[i].p_vaddr, headers.narrow[i].p_filesz};
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

struct entry {
        int64_t tag;
        uint64_t value;
};

/* The dynamic section's entries up to DT_NULL. Returns their number. */
static int read_dynamic(
        const struct image *image, const struct segment *s, struct entry entries[DYNAMIC_MOST])
{
        const size_t size = image->wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
        uint64_t count = s->size / size;
        union {
                Elf32_Dyn narrow[DYNAMIC_MOST];
                Elf64_Dyn wide[DYNAMIC_MOST];
        } dynamic = {0};

        if (count > DYNAMIC_MOST)
                count = DYNAMIC_MOST;
        int r = read_at(image, &dynamic, count * size, s->offset);

        if (r < 0)
                return r;
        for (unsigned i = 0; i < count; i++) {
                entries[i] = image->wide
                                     ? (struct entry){dynamic.wide[i].d_tag, dynamic.wide[i].d_un.d_val}
                                     : (struct entry){dynamic.narrow[i].d_tag, dynamic.narrow[i].d_un.d_val};
                if (entries[i].tag == DT_NULL)
                        return (int)i;
        }
        return (int)count;
}

static int walk(
        const struct image *image, const struct entry *entries, int count, elf_needed_fn *found, void *to)
{
        uint64_t strings = 0;
        int i = 0;

        while (i < count && entries[i].tag != DT_STRTAB)
                i++;
        if (i == count || file_offset(image, entries[i].value, &strings) < 0)
                return -ENOEXEC;
        for (i = 0; i < count; i++) {
                char name[NAME_MOST];

                if (entries[i].tag != DT_NEEDED)
                        continue;
                if (entries[i].value > UINT32_MAX)
                        return -ENOEXEC;

                int r = read_name(image, strings + entries[i].value, name);

                if (r == 0)
                        r = found(to, name);
                if (r != 0)
                        return r;
        }
        return 0;
}

int elf_needed(int fd, elf_needed_fn *found, void *to)
{
        struct image image = {.fd = fd};
        struct entry entries[DYNAMIC_MOST] = {0};
        int r = read_header(&image);

        if (r < 0)
                return r;
        for (unsigned i = 0; i < image.count; i++) {
                if (image.segments[i].type != PT_DYNAMIC)
                        continue;
                int count = read_dynamic(&image, &image.segments[i], entries);
                return count < 0 ? count : walk(&image, entries, count, found, to);
        }
        return 0;
}
