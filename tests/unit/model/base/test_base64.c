/* Base64, by the examples of RFC 4648 and by what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/base64.h"

static void the_examples_of_the_rfc_go_both_ways(void **state)
{
    static const char *const pairs[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t length = strlen(pairs[i][0]);
        char text[16], data[16];
        size_t written;

        assert_int_equal(
            rota_base64_encode(text, ROTA_BASE64_TEXT_SIZE(length), pairs[i][0], length),
            strlen(pairs[i][1]));
        assert_string_equal(text, pairs[i][1]);
        assert_true(rota_base64_decode(data, length, &written, text, strlen(text)));
        assert_int_equal(written, length);
        assert_memory_equal(data, pairs[i][0], length);
    }
}

static void every_byte_survives(void **state)
{
    uint8_t bytes[256], back[256];
    char text[ROTA_BASE64_TEXT_SIZE(sizeof bytes)];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(255 - i);
    for (size_t length = 0; length <= sizeof bytes; length++) {
        size_t n = rota_base64_encode(text, sizeof text, bytes, length);
        size_t written;

        assert_true(rota_base64_decode(back, ROTA_BASE64_DATA_SIZE(n), &written, text, n));
        assert_int_equal(written, length);
        assert_memory_equal(back, bytes, length);
    }
    rota_base64_encode(text, sizeof text, "\xfb\xff", 2);
    assert_string_equal(text, "+/8=");
    assert_int_equal(rota_base64_encode(text, sizeof text, NULL, 0), 0);
}

static void other_texts_are_refused(void **state)
{
    static const char *const texts[] = {"Z",    "Zg",   "Zg=",  "Z===",     "====", "Zg==Zg==",
                                        "Zm8-", "Zm 8", "Zm=8", "Zm8=Zm8=", "=Zm8", "Zm8_"};
    uint8_t data[16];
    size_t written;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(rota_base64_decode(data, sizeof data, &written, texts[i], strlen(texts[i])));
    assert_false(rota_base64_decode(data, sizeof data, &written, "Zm9\0", 4));
}

static void nothing_is_written_behind_the_end(void **state)
{
    uint8_t data[8] = {[3] = 0xa5};
    size_t written;

    (void)state;
    assert_false(rota_base64_decode(data, 3, &written, "Zm9vYg==", 8));
    assert_int_equal(written, 3);
    assert_int_equal(data[3], 0xa5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc_go_both_ways),
        cmocka_unit_test(every_byte_survives),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(nothing_is_written_behind_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
