/* The hash: the values of XXH3, which are the same on every machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/base/hash.h"

static void values_are_those_of_xxh3(void **state)
{
    (void)state;
    assert_true(rota_hash_bytes(NULL, 0) == UINT64_C(0x2d06800538d394c2));
    assert_true(rota_hash_text("") == UINT64_C(0x2d06800538d394c2));
    assert_true(rota_hash_text("abc") == rota_hash_bytes("abcd", 3));
    assert_true(rota_hash_text("abc") != rota_hash_text("abd"));
    assert_true(rota_hash_text("task-00000001") != rota_hash_text("task-00000002"));
    assert_true(rota_hash_bytes("task-00000001", 13) != rota_hash_bytes("task-00000002", 13));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_are_those_of_xxh3)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
