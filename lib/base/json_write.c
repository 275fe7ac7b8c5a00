/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"

/* The length of the UTF-8 sequence (RFC 3629) that text begins with, 0 when it does not. */
static size_t utf8_length(const unsigned char *text)
{
        const size_t length = text[0] < 0x80                       ? 1
                              : text[0] >= 0xc2 && text[0] < 0xe0  ? 2
                              : text[0] >= 0xe0 && text[0] < 0xf0  ? 3
                              : text[0] >= 0xf0 && text[0] <= 0xf4 ? 4
                                                                   : 0;

        for (size_t i = 1; i < length; i++)
                if ((text[i] & 0xc0) != 0x80)
                        return 0;
        /* too long a form, half of a UTF-16 pair, beyond U+10FFFF */
        if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
                (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
                return 0;
        return length;
}

/* A character that a terminal acts upon, or by which it writes in the other direction; 0: the sequence is none. */
static unsigned control_of(const unsigned char *text, size_t length)
{
        const unsigned c = length == 2   ? (text[0] & 0x1fu) << 6 | (text[1] & 0x3fu)
                           : length == 3 ? (text[0] & 0xfu) << 12 | (text[1] & 0x3fu) << 6 | (text[2] & 0x3fu)
                                         : 0;

        return (c >= 0x80 && c <= 0x9f) || c == 0x61c || c == 0x200e || c == 0x200f ||
                               (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)
                       ? c
                       : 0;
}

void json_write_string(FILE *f, const char *text)
{
        fputc('"', f);
        for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
                const size_t length = utf8_length(c);
                const unsigned control = control_of(c, length);

                if (control) {
                        fprintf(f, "\\u%04x", control);
                        c += length - 1;
                        continue;
                }
                if (length != 1) {
                        fprintf(f, "%.*s", length ? (int)length : 3,
                                length ? (const char *)c : "\xef\xbf\xbd");
                        c += length ? length - 1 : 0;
                        continue;
                }
                if (*c == '"' || *c == '\\')
                        fprintf(f, "\\%c", *c);
                else if (*c < ' ' || *c == 0x7f)
                        fprintf(f, "\\u%04x", *c);
                else
                        fputc(*c, f);
        }
        fputc('"', f);
}
