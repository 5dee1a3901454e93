/* Result codes: their numbers, names and sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/error.h"

static void every_code_has_a_name_and_a_sentence(void **state)
{
    static const struct {
        int32_t code;
        const char *name;
    } codes[] = {
#define X(name, number, sentence) {number, #name},
        ROTA_ERROR_MAP(X)
#undef X
    };

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        const char *sentence = rota_error_sentence(codes[i].code);

        assert_string_equal(rota_error_name(codes[i].code), codes[i].name);
        assert_true(strlen(sentence) > 3);
        assert_true(sentence[strlen(sentence) - 1] != '.');
    }
    assert_int_equal(ROTA_ERR_SESSION_EXPIRED, -112); /* ZooKeeper's own numbers */
    assert_string_equal(rota_error_name(-9999), "UNKNOWN");
    assert_string_equal(rota_error_sentence(1), "an error this program does not know");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_name_and_a_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
