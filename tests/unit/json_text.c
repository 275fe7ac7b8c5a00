/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text itself: its syntax, its limits, and writing it. */
#include "json_document.h"

static void test_bad_syntax(void **state)
{
        static const char *const documents[] = {"{'number':01}", "{'number':+1}", "{'number':.5}",
                "{'number':0x10}", "{'number':-}", "{'number':NaN}", "{`name`:1}", "{name:1}",
                "{'name':'a',}", "{'list':['a',]}", "{'list':['a' 'b']}", "{'name'}", "{'a':}", "{,}",
                "{'name':'a\nb'}", "{'name':'\\x41'}", "{'name':'\\u12'}", "}", "]", "{'list':[}",
                "{'flag':True}", "{'flag':tru}", "// c\n{}", "/* c */ {}", "{'name' 1}", "\xef\xbb\xbf{}"};

        (void)state;
        for (size_t i = 0; i < count_of(documents); i++)
                assert_refuses(documents[i], "", "not valid JSON near byte");
}

static void test_what_follows_the_document(void **state)
{
        static const char *const behind[] = {"x", "{}", "[]", "1", "\"\"", "null", ",", "}", " \n x"};
        char document[64];

        (void)state;
        for (size_t i = 0; i < count_of(behind); i++) {
                snprintf(document, sizeof document, "{'name':'a'}%s", behind[i]);
                assert_refuses(document, "", "not valid JSON near byte");
        }
}

static void test_invalid_utf8(void **state)
{
        static const char *const bytes[] = {"\xff", "\x80", "\xc3", "\xc3(", "\xe2\x82", "\xf0\x9f\x98"};
        char document[64];

        (void)state;
        for (size_t i = 0; i < count_of(bytes); i++) {
                snprintf(document, sizeof document, "{'name':'%s'}", bytes[i]);
                assert_refuses(document, "", "not valid JSON near byte");
                snprintf(document, sizeof document, "{'who%s':1}", bytes[i]);
                assert_refuses(document, "", "not valid JSON near byte");
        }
        assert_reads("{'name':'\xc3\xa9\xe2\x82\xac'}", "name=\xc3\xa9\xe2\x82\xac ");
        assert_reads("{'name':'\\u00e9\\n\\ud83d\\ude00'}", "name=\xc3\xa9\n\xf0\x9f\x98\x80 ");
}

static void test_cut_at_every_byte(void **state)
{
        static const char document[] = "{'name':'a\\u00e9','list':['b'],'who':[1,{'x':null}],'inner':{'deep':"
                                       "{'number':12}},'map':{'k':'v'},'flag':true}";
        struct seen s;
        struct err e;

        (void)state;
        assert_int_equal(read_bytes(document, sizeof document - 1, &s, &e), 0);
        for (size_t length = 1; length < sizeof document - 1; length++) {
                assert_int_equal(read_bytes(document, length, &s, &e), -EINVAL);
                assert_contains(e.text, "not valid JSON near byte");
        }
}

static void test_nothing_at_all(void **state)
{
        struct seen s;
        struct err e;

        (void)state;
        assert_int_equal(read_bytes("", 0, &s, &e), -ENODATA);
        assert_string_equal(e.text, "the document: it is empty");
        assert_int_equal(read_bytes("  \n", 3, &s, &e), -EINVAL);
        assert_int_equal(json_read(-1, "the document", 100, fields, &s, &e), -EBADF);
        assert_contains(e.text, "the document: ");

        int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(json_read(fd, "the document", 100, fields, &s, &e), -EISDIR);
        close(fd);
}

/* count times open, and as often close, in a member that nobody wants. */
static int read_nested(int count, const char *open, const char *close, struct err *e)
{
        char *document = malloc((size_t)count * (strlen(open) + strlen(close)) + 64), *at = document;
        struct seen s;

        assert_non_null(document);
        at += sprintf(at, "{'who':");
        for (int i = 0; i < count; i++)
                at += sprintf(at, "%s", open);
        at += sprintf(at, "7");
        for (int i = 0; i < count; i++)
                at += sprintf(at, "%s", close);
        at += sprintf(at, ",'number':1}");
        int r = read_bytes(document, (size_t)(at - document), &s, e);
        free(document);
        if (r == 0)
                assert_string_equal(s.log, "number=1 ");
        return r;
}

static void test_depth_is_bounded(void **state)
{
        struct err e;

        (void)state;
        assert_int_equal(read_nested(JSON_DEPTH - 1, "[", "]", &e), 0);
        assert_int_equal(read_nested(JSON_DEPTH - 1, "{'name':", "}", &e), 0);
        assert_int_equal(read_nested(JSON_DEPTH + 1, "[", "]", &e), -EINVAL);
        assert_contains(e.text, "deeper than");
        assert_int_equal(read_nested(JSON_DEPTH + 1, "{'name':", "}", &e), -EINVAL);
        assert_int_equal(read_nested(100000, "[", "]", &e), -EINVAL);
}

static void test_keys_of_any_length(void **state)
{
        char document[4096], key[2048];

        (void)state;
        for (size_t length = 250; length < 2000; length += length < 260 ? 1 : 300) {
                memset(key, 'k', length);
                key[length] = '\0';
                snprintf(document, sizeof document, "{'%s':7,'name':'a'}", key);
                assert_reads(document, "name=a ");
                snprintf(document, sizeof document, "{'inner':{'%s':{}},'number':'7'}", key);
                assert_refuses(document, "number", "a string");

                struct seen s;
                struct err e;
                snprintf(document, sizeof document, "{'map':{'%s':7}}", key);
                assert_int_equal(read_bytes(document, strlen(document), &s, &e), -EINVAL);
                assert_contains(e.text, "the document: map.kkkk");
        }
}

/* Read whole or refused by name, over the reader's own buffers of 1, 32 and 64 KiB: never cut. */
static void test_long_strings(void **state)
{
        static const size_t lengths[] = {
                1022, 1023, 1024, 1025, 32740, 32768, 32769, 65535, 65536, 65537, 131072, 500000};
        char *document = malloc(600000);

        (void)state;
        assert_non_null(document);
        for (size_t i = 0; i < count_of(lengths); i++) {
                struct seen s;
                struct err e;
                size_t at = (size_t)sprintf(document, "{'name':'");

                memset(document + at, 'x', lengths[i]);
                at += lengths[i];
                at += (size_t)sprintf(document + at, "','number':1}");

                int r = read_bytes(document, at, &s, &e);

                if (lengths[i] <= 65536)
                        assert_int_equal(r, 0);
                if (r == 0)
                        assert_int_equal(s.longest, lengths[i]);
                else
                        assert_contains(e.text, "the document: name: a string of ");
                memcpy(document + 2, "nobo", 4); /* a member that nobody wants may be as long as it likes */
                assert_int_equal(read_bytes(document, at, &s, &e), 0);
                assert_string_equal(s.log, "number=1 ");
        }
        free(document);
}

static void test_size_is_bounded(void **state)
{
        char *document = json_of("{'name':'twenty bytes'}");
        const size_t length = strlen(document);
        struct seen s = {0};
        struct err e;
        int fd = file_of(document, length);

        free(document);

        (void)state;
        assert_int_equal(json_read(fd, "the document", length, fields, &s, &e), 0);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        assert_int_equal(json_read(fd, "the document", length - 1, fields, &s, &e), -EINVAL);
        assert_contains(e.text, "the document: larger than 22 bytes");
        close(fd);

        fd = open("/dev/zero", O_RDONLY | O_CLOEXEC); /* it does not wait for an end */
        assert_true(json_read(fd, "the document", 1 << 20, fields, &s, &e) < 0);
        close(fd);
}

static char *written(const char *text)
{
        char *document = NULL;
        size_t length;
        FILE *f = open_memstream(&document, &length);

        assert_non_null(f);
        fputs("{\"name\":", f);
        json_write_string(f, text);
        fputs("}", f);
        fclose(f);
        return document;
}

static void test_what_is_written_reads_back(void **state)
{
        static const char *const texts[] = {"", "plain", "\"quoted\" \\ / back", "\x01\x1f\n\t\r\b\f", "\x7f",
                "\xc3\xa9\xe2\x82\xac", "</script>", "\\u0041"};
        char expected[128];

        (void)state;
        for (size_t i = 0; i < count_of(texts); i++) {
                char *document = written(texts[i]);

                snprintf(expected, sizeof expected, "name=%s ", texts[i]);
                assert_reads(document, expected);
                free(document);
        }
}

/* An image's command painted on the terminal of who printed a plan: U+009B is CSI in one character. */
static void test_no_character_that_a_terminal_acts_upon_is_written(void **state)
{
        static const struct {
                const char *text, *wanted;
        } cases[] = {{"\xc2\x9b", "{\"name\":\"\\u009b\"}"}, {"\xc2\x80", "{\"name\":\"\\u0080\"}"},
                {"\xe2\x80\xae", "{\"name\":\"\\u202e\"}"}, {"\xe2\x81\xa6", "{\"name\":\"\\u2066\"}"},
                {"\xc2\xa0\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
                        "{\"name\":\"\xc2\xa0\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}"}};

        (void)state;
        for (size_t i = 0; i < count_of(cases); i++) {
                char *document = written(cases[i].text), expected[32];

                assert_string_equal(document, cases[i].wanted);
                snprintf(expected, sizeof expected, "name=%s ", cases[i].text);
                assert_reads(document, expected);
                free(document);
        }
}

/* The name of a file may hold any byte; the document must still be JSON, which is UTF-8. */
static void test_any_byte_is_written_as_json(void **state)
{
        struct seen s;
        struct err e;

        (void)state;
        for (int byte = 1; byte < 256; byte++) {
                char *document = written((const char[]){'a', (char)byte, 'b', '\0'});

                if (read_raw(document, strlen(document), &s, &e) != 0)
                        fail_msg("byte 0x%02x: %s", byte, e.text);
                free(document);
        }
}

/* Bytes that look like UTF-8 and are none: RFC 3629. */
static void test_what_is_no_utf8_is_replaced(void **state)
{
        static const char *const texts[] = {"\xed\xa0\x80", "\xed\xbf\xbf", "\xc0\x80", "\xe0\x80\x80",
                "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\x80"};
        struct seen s;
        struct err e;

        (void)state;
        for (size_t i = 0; i < count_of(texts); i++) {
                char *document = written(texts[i]);

                if (strstr(document, texts[i]) || read_raw(document, strlen(document), &s, &e) != 0)
                        fail_msg("text %zu is written as it is", i);
                free(document);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_bad_syntax),
                cmocka_unit_test(test_what_follows_the_document),
                cmocka_unit_test(test_invalid_utf8),
                cmocka_unit_test(test_what_is_no_utf8_is_replaced),
                cmocka_unit_test(test_cut_at_every_byte),
                cmocka_unit_test(test_nothing_at_all),
                cmocka_unit_test(test_depth_is_bounded),
                cmocka_unit_test(test_keys_of_any_length),
                cmocka_unit_test(test_long_strings),
                cmocka_unit_test(test_size_is_bounded),
                cmocka_unit_test(test_what_is_written_reads_back),
                cmocka_unit_test(test_any_byte_is_written_as_json),
                cmocka_unit_test(test_no_character_that_a_terminal_acts_upon_is_written),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
