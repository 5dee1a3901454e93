/* UTF-8: its characters, and the malformed bytes that a decoder replaces together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/utf8.h"

static void characters_have_one_to_four_bytes(void **state)
{
    static const char *const characters[] = {"\x01",
                                             "a",
                                             "\x7f",
                                             "\xc2\x80",
                                             "\xdf\xbf",
                                             "\xe0\xa0\x80",
                                             "\xed\x9f\xbf",
                                             "\xee\x80\x80",
                                             "\xef\xbf\xbf",
                                             "\xf0\x90\x80\x80",
                                             "\xf3\xbf\xbf\xbf",
                                             "\xf4\x8f\xbf\xbf"};
    char all[64] = "";
    size_t used = 0;

    (void)state;
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
        size_t length = strlen(characters[i]);

        assert_int_equal(rota_utf8_character(characters[i], length, NULL), length);
        assert_int_equal(rota_utf8_character(characters[i], length + 1, NULL), length);
        assert_true(rota_utf8_valid(characters[i]));
        memcpy(all + used, characters[i], length);
        used += length;
    }
    assert_true(rota_utf8_valid(all));
    assert_true(rota_utf8_valid(""));
}

/* One U+FFFD stands for the bytes that could still have become a character. */
static void malformed_bytes_are_replaced_together(void **state)
{
    static const struct {
        const char *text;
        size_t malformed;
    } cases[] = {
        {"\x80", 1}, /* without a first byte */
        {"\xbf", 1},
        {"\xc0\x80", 1}, /* longer than needed */
        {"\xc1\xbf", 1},
        {"\xe0\x9f\xbf", 1},
        {"\xf0\x8f\xbf\xbf", 1},
        {"\xed\xa0\x80", 1},     /* a surrogate */
        {"\xf4\x90\x80\x80", 1}, /* above U+10FFFF */
        {"\xf5\x80\x80\x80", 1},
        {"\xff", 1},
        {"\xc3", 1}, /* too short */
        {"\xc3z", 1},
        {"\xe2\x82", 2},
        {"\xe2\x82z", 2},
        {"\xf0\x9f\x98", 3},
        {"\xf0\x9f\x98z", 3},
        {"\xf0\x9fzz", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t malformed = 0;

        assert_int_equal(rota_utf8_character(cases[i].text, strlen(cases[i].text), &malformed), 0);
        assert_int_equal(malformed, cases[i].malformed);
        assert_false(rota_utf8_valid(cases[i].text));
    }
    assert_false(rota_utf8_valid("all but the last byte\xff"));
    assert_int_equal(rota_utf8_character("\xc3\xa4", 1, NULL), 0); /* the rest is not there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_have_one_to_four_bytes),
        cmocka_unit_test(malformed_bytes_are_replaced_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
