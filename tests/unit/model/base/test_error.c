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
#define X(name, number, class, sentence) {number, #name},
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

/* The table of docs/ZOOKEEPER.md, "Result codes". */
static void every_code_has_a_class(void **state)
{
    (void)state;
    assert_int_equal(rota_error_class(ROTA_ERR_OK), ROTA_ERROR_DONE);
    assert_int_equal(rota_error_class(-4), ROTA_ERROR_RESOLVE);
    assert_int_equal(rota_error_class(-7), ROTA_ERROR_RESOLVE);
    assert_int_equal(rota_error_class(-116), ROTA_ERROR_RESOLVE);
    assert_int_equal(rota_error_class(-2), ROTA_ERROR_RESOLVE);
    assert_int_equal(rota_error_class(-5), ROTA_ERROR_RESOLVE);
    assert_int_equal(rota_error_class(-115), ROTA_ERROR_RESOLVE);
    assert_int_equal(rota_error_class(-127), ROTA_ERROR_RETRY);
    assert_int_equal(rota_error_class(-1), ROTA_ERROR_RETRY);
    assert_int_equal(rota_error_class(-119), ROTA_ERROR_RETRY);
    assert_int_equal(rota_error_class(-124), ROTA_ERROR_STOP);
    assert_int_equal(rota_error_class(-102), ROTA_ERROR_REFUSE);
    assert_int_equal(rota_error_class(-125), ROTA_ERROR_REFUSE);
    assert_int_equal(rota_error_class(-101), ROTA_ERROR_NEWS);
    assert_true(rota_error_is_news(-110));
    assert_false(rota_error_is_news(-120));
    assert_true(rota_error_is_over(-112));
    assert_true(rota_error_is_over(-12));
    assert_false(rota_error_is_over(-101));
    /* codes of a later release */
    assert_int_equal(rota_error_class(-128), ROTA_ERROR_REFUSE);
    assert_int_equal(rota_error_class(-99), ROTA_ERROR_RESOLVE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_name_and_a_sentence),
        cmocka_unit_test(every_code_has_a_class),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
