/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values, as the table wants them. */
#include "json_document.h"

static void test_each_type(void **state)
{
        (void)state;
        assert_reads("{}", "");
        assert_reads(" \n\t{ 'name' : 'x' } \r\n", "name=x ");
        assert_reads("{'name':'','number':-7,'flag':true}", "name= number=-7 flag=true ");
        assert_reads("{'flag':false,'list':['a','b','']}", "flag=false item=a item=b item= ");
        assert_reads("{'list':[]}", "");
        assert_reads("{'map':{'k':'v','':'w'}}", "k=v =w ");
        assert_reads(
                "{'inner':{'flag':true,'deep':{'number':3}},'number':4}", "flag=true number=3 number=4 ");
        assert_reads("{'objects':[{'number':1},{},{'number':2}]}",
                "object=begin number=1 object=end object=begin object=end object=begin number=2 object=end ");
}

static void test_an_array_begins_and_ends(void **state)
{
        (void)state;
        assert_reads("{'tail':['a'],'number':1}", "object=begin item=a object=end number=1 ");
        assert_reads("{'tail':[],'number':1}", "object=begin object=end number=1 ");
        assert_reads("{'tail':null,'number':1}", "number=1 ");
        assert_refuses("{'number':666,'tail':['a']}", "tail", "the number of the beast");
}

static void test_null_is_as_if_absent(void **state)
{
        (void)state;
        assert_reads(
                "{'name':null,'number':null,'flag':null,'list':null,'objects':null,'map':null,'inner':null}",
                "");
        assert_reads("{'list':[null,'a',null],'map':{'k':null},'inner':{'deep':null}}", "item=a ");
        assert_reads("{'objects':[null,{'number':null}]}", "object=begin object=end ");
}

static void test_wrong_types(void **state)
{
        static const char *const names[] = {"name", "number", "flag", "list", "objects", "map", "inner"};
        static const struct {
                const char *text, *found;
        } values[] = {{"\"x\"", "a string"}, {"7", "a number"}, {"true", "true or false"}, {"[]", "an array"},
                {"[]", "an array"}, {"{}", "an object"}, {"{}", "an object"}};
        char document[64];

        (void)state;
        for (size_t name = 0; name < count_of(names); name++)
                for (size_t value = 0; value < count_of(values); value++) {
                        snprintf(document, sizeof document, "{'%s':%s}", names[name], values[value].text);
                        if (strcmp(values[value].text, values[name].text) != 0)
                                assert_refuses(document, names[name], values[value].found);
                }
}

static void test_the_error_names_the_member(void **state)
{
        (void)state;
        assert_refuses("{'inner':{'flag':1}}", "inner.flag", "expected true or false, found a number");
        assert_refuses("{'inner':{'deep':{'number':'1'}}}", "inner.deep.number",
                "expected a whole number, found a string");
        assert_refuses("{'objects':[{},{'number':[]}]}", "objects.number", "found an array");
        assert_refuses("{'map':{'a':'b','key':7}}", "map.key", "expected a string, found a number");
        assert_refuses("{'map':{'key':{}}}", "map.key", "expected a string, found an object");
        assert_refuses("{'map':{'key':['v']}}", "map.key", "expected a string, found an array");
        assert_refuses("{'map':{'key':true}}", "map.key", "expected a string, found true or false");
}

/* There is no member list.list, nor objects.name. */
static void test_the_error_names_the_array_of_an_element(void **state)
{
        (void)state;
        assert_refuses("{'list':['a',7]}", "list", "expected a string, found a number");
        assert_refuses("{'list':[['a']]}", "list", "expected a string, found an array");
        assert_refuses("{'list':['\\u0000']}", "list", "NUL");
        assert_refuses("{'inner':{},'objects':['a']}", "objects", "expected an object, found a string");
        assert_refuses("{'objects':[{'number':666,'name':'x'}]}", "objects", "the number of the beast");
}

static void test_a_setter_refuses(void **state)
{
        (void)state;
        assert_refuses("{'name':'refuse me'}", "name", "not this one");
        assert_refuses("{'objects':[{'name':'refuse me'}]}", "objects.name", "not this one");
        assert_refuses("{'map':{'key':'refuse me'}}", "map.key", "not this one");
}

static void test_a_setter_knows_enough(void **state)
{
        static const char *const texts[] = {
                "{'number':999,'name':'x'}", "{'number':999 and more", "{'number':999,'name':7"};
        struct seen s;
        struct err e;

        (void)state;
        for (size_t i = 0; i < count_of(texts); i++) {
                char *json = json_of(texts[i]);
                int fd = file_of(json, strlen(json));

                s = (struct seen){0};
                assert_int_equal(json_read(fd, "the document", 100, fields, &s, &e), JSON_STOP);
                assert_string_equal(s.log, "number=999 ");
                close(fd);
                free(json);
        }
}

static void test_the_outermost_is_an_object(void **state)
{
        (void)state;
        assert_refuses("[]", "", "expected an object, found an array");
        assert_refuses("\"name\"", "", "expected an object");
        assert_refuses("7", "", "expected an object");
        assert_refuses("true", "", "expected an object");
        assert_refuses("null", "", "expected an object");
}

static void test_a_key_comes_once(void **state)
{
        (void)state;
        assert_refuses("{'name':'a','name':'b'}", "name", "twice");
        assert_refuses("{'name':null,'name':'b'}", "name", "twice");
        assert_refuses("{'name':'a','number':1,'na\\u006de':'b'}", "name", "twice");
        assert_refuses("{'inner':{'deep':{'number':1,'number':1}}}", "inner.deep.number", "twice");
        assert_refuses("{'inner':{},'list':[],'inner':{}}", "inner", "twice");
        assert_refuses("{'objects':[{'number':1,'number':2}]}", "objects.number", "twice");
        assert_reads("{'objects':[{'name':'a'},{'name':'b'}],'name':'c'}",
                "object=begin name=a object=end object=begin name=b object=end name=c ");
        assert_reads("{'who':1,'who':2}", "");
}

static void test_no_nul(void **state)
{
        (void)state;
        assert_refuses("{'name':'a\\u0000b'}", "name", "NUL");
        assert_refuses("{'name':'\\u0000'}", "name", "NUL");
        assert_refuses("{'map':{'key':'\\u0000'}}", "map.key", "NUL");
        assert_refuses("{'map':{'key\\u0000':'v'}}", "map.key", "NUL");
        assert_refuses("{'map':{'\\u0000':'v'}}", "map", "NUL");
        /* no member has such a name */
        assert_reads("{'name\\u0000':'a','\\u0000name':7}", "");
        assert_reads("{'who':'\\u0000'}", "");
}

static void test_integers_are_exact(void **state)
{
        static const char *const refused[] = {"1.0", "1.5", "1e3", "1E0", "-0.0", "9223372036854775808",
                "-9223372036854775809", "18446744073709551616", "123456789012345678901234567890",
                "1000000000000000000000000"};
        char document[64];

        (void)state;
        assert_reads("{'number':0}", "number=0 ");
        assert_reads("{'number':-0}", "number=0 ");
        assert_reads("{'number':9223372036854775807}", "number=9223372036854775807 ");
        assert_reads("{'number':-9223372036854775808}", "number=-9223372036854775808 ");
        assert_reads("{'number':9007199254740993}", "number=9007199254740993 ");
        for (size_t i = 0; i < count_of(refused); i++) {
                snprintf(document, sizeof document, "{'number':%s}", refused[i]);
                assert_refuses(document, "number", "expected a whole number");
                snprintf(document, sizeof document, "{'who':%s}", refused[i]);
                assert_reads(document, "");
        }
}

static void test_unknown_members_are_passed_over(void **state)
{
        (void)state;
        assert_reads("{'who':{'name':'x','name':7,'inner':{'flag':9}},'name':'y'}", "name=y ");
        assert_reads("{'who':[{'number':1},[[{}]],'list'],'list':['z']}", "item=z ");
        assert_reads("{'inner':{'who':{'deep':{'number':5}},'name':5,'flag':true}}", "flag=true ");
        assert_reads("{'Name':'x','name ':'x','nam':'x','names':'x','':'x'}", "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_type),
                cmocka_unit_test(test_an_array_begins_and_ends),
                cmocka_unit_test(test_null_is_as_if_absent),
                cmocka_unit_test(test_wrong_types),
                cmocka_unit_test(test_the_error_names_the_member),
                cmocka_unit_test(test_the_error_names_the_array_of_an_element),
                cmocka_unit_test(test_a_setter_refuses),
                cmocka_unit_test(test_a_setter_knows_enough),
                cmocka_unit_test(test_the_outermost_is_an_object),
                cmocka_unit_test(test_a_key_comes_once),
                cmocka_unit_test(test_no_nul),
                cmocka_unit_test(test_integers_are_exact),
                cmocka_unit_test(test_unknown_members_are_passed_over),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
