/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* ELF files made by hand: what matters to lib/elf_needed and no byte more, in either class and byte order. */

#include "support.h"

#include <elf.h>

#define ELF_MOST    8192
#define ELF_ADDRESS 0x400000 /* of the one segment: where addresses and offsets differ */

struct elf_wish {
        bool narrow;           /* 32 bits */
        bool other_order;      /* of bytes, than this machine's */
        bool is_static;        /* no dynamic section */
        const char *needed[6]; /* up to the first NULL */
        const char *text;      /* somewhere behind all that */
        size_t padding;        /* bytes before the text */
};

struct elf_image {
        unsigned char bytes[ELF_MOST];
        size_t length;
        size_t headers, dynamic, strings; /* where they begin */
        const struct elf_wish *wish;
};

static inline void elf_put(struct elf_image *image, size_t width, uint64_t value)
{
        const bool little = (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) != image->wish->other_order;

        assert_true(image->length + width <= sizeof image->bytes);
        for (size_t i = 0; i < width; i++)
                image->bytes[image->length++] = (unsigned char)(value >> 8 * (little ? i : width - 1 - i));
}

/* A field as wide as an address. */
static inline void elf_put_wide(struct elf_image *image, uint64_t value)
{
        elf_put(image, image->wish->narrow ? 4 : 8, value);
}

static inline void elf_put_header(struct elf_image *image)
{
        const struct elf_wish *wish = image->wish;
        const bool little = (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) != wish->other_order;
        const unsigned char ident[EI_NIDENT] = {0x7f, 'E', 'L', 'F', wish->narrow ? ELFCLASS32 : ELFCLASS64,
                little ? ELFDATA2LSB : ELFDATA2MSB, EV_CURRENT};
        const size_t size = wish->narrow ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr);

        memcpy(image->bytes, ident, sizeof ident);
        image->length = sizeof ident;
        elf_put(image, 2, ET_DYN);
        elf_put(image, 2, wish->narrow ? EM_386 : EM_X86_64);
        elf_put(image, 4, EV_CURRENT);
        elf_put_wide(image, 0);    /* e_entry */
        elf_put_wide(image, size); /* e_phoff */
        elf_put_wide(image, 0);    /* e_shoff */
        elf_put(image, 4, 0);      /* e_flags */
        elf_put(image, 2, size);
        elf_put(image, 2, wish->narrow ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr));
        elf_put(image, 2, wish->is_static ? 1 : 2);
        for (int i = 0; i < 3; i++)
                elf_put(image, 2, 0); /* sections: none */
        assert_int_equal(image->length, size);
        image->headers = size;
}

static inline void elf_put_segment(struct elf_image *image, uint32_t type, uint64_t offset, uint64_t size)
{
        elf_put(image, 4, type);
        if (!image->wish->narrow)
                elf_put(image, 4, PF_R);
        elf_put_wide(image, offset);
        elf_put_wide(image, ELF_ADDRESS + offset);
        elf_put_wide(image, ELF_ADDRESS + offset);
        elf_put_wide(image, size);
        elf_put_wide(image, size);
        if (image->wish->narrow)
                elf_put(image, 4, PF_R);
        elf_put_wide(image, 8);
}

static inline void elf_put_dynamic(struct elf_image *image, size_t strings)
{
        size_t name = 1;

        for (size_t i = 0; i < count_of(image->wish->needed) && image->wish->needed[i]; i++) {
                elf_put_wide(image, DT_NEEDED);
                elf_put_wide(image, name);
                name += strlen(image->wish->needed[i]) + 1;
        }
        elf_put_wide(image, DT_STRTAB);
        elf_put_wide(image, ELF_ADDRESS + strings);
        elf_put_wide(image, DT_NULL);
        elf_put_wide(image, 0);
        assert_int_equal(image->length, strings);
        elf_put(image, 1, 0);
        for (size_t i = 0; i < count_of(image->wish->needed) && image->wish->needed[i]; i++)
                for (const char *c = image->wish->needed[i];; c++) {
                        elf_put(image, 1, (unsigned char)*c);
                        if (!*c)
                                break;
                }
}

static inline void elf_make(struct elf_image *image, const struct elf_wish *wish)
{
        const size_t word = wish->narrow ? 4 : 8;
        const size_t header = wish->narrow ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr);
        size_t needed = 0;

        *image = (struct elf_image){.wish = wish};
        while (needed < count_of(wish->needed) && wish->needed[needed])
                needed++;
        elf_put_header(image);
        image->dynamic = image->headers + (wish->is_static ? 1 : 2) * header;
        image->strings = image->dynamic + (needed + 2) * 2 * word;
        elf_put_segment(image, PT_LOAD, 0, ELF_MOST);
        if (!wish->is_static) {
                elf_put_segment(image, PT_DYNAMIC, image->dynamic, image->strings - image->dynamic);
                elf_put_dynamic(image, image->strings);
        }
        for (size_t i = 0; i < wish->padding; i++)
                elf_put(image, 1, 0);
        for (const char *c = wish->text; c && *c; c++)
                elf_put(image, 1, (unsigned char)*c);
}

static inline void elf_write(
        const char *directory, const char *name, const struct elf_wish *wish, mode_t mode)
{
        struct elf_image image;

        elf_make(&image, wish);
        scratch_write(directory, name, image.bytes, image.length, mode);
}
