/* Memory is there, or the program ends with the one exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/base/pool.h"
#include "system/memory.h"

static void zeroed_memory_is_zero_and_never_null(void **state)
{
    uint64_t *numbers = rota_memory_zeroed(100, sizeof *numbers);
    void *nothing = rota_memory_zeroed(0, sizeof *numbers);

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(numbers[i], 0);
    assert_non_null(nothing);
    free(numbers);
    free(nothing);
}

static void an_extended_array_keeps_its_elements(void **state)
{
    uint32_t *numbers = NULL;
    uint32_t capacity = 0;

    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        numbers = rota_memory_extend(numbers, i, &capacity, sizeof *numbers);
        assert_true(i < capacity);
        numbers[i] = i;
    }
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    free(numbers);
}

static void copies_are_equal_and_separate(void **state)
{
    const char *text = "text";
    char *copy = rota_memory_text(text);
    char *bytes = rota_memory_copy(text, 2);
    void *nothing = rota_memory_copy(NULL, 0);
    char *part = rota_memory_text_of(text, 2);
    char *empty = rota_memory_text_of(NULL, 0);

    (void)state;
    assert_string_equal(copy, text);
    assert_ptr_not_equal(copy, text);
    assert_memory_equal(bytes, text, 2);
    assert_non_null(nothing);
    assert_string_equal(part, "te");
    assert_string_equal(empty, "");
    free(part);
    free(empty);
    free(copy);
    free(bytes);
    free(nothing);
}

/* Takes memory of a size that no machine has. */
static void take_too_much(void)
{
    rota_memory_zeroed(SIZE_MAX / 2, 4);
}

static void take_too_much_from_a_pool(void)
{
    struct rota_pool pool;

    rota_pool_init(&pool);
    rota_pool_take(&pool, SIZE_MAX);
}

static void ends_with_the_status(void (*taking)(void))
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        close(STDERR_FILENO);
        taking();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), ROTA_MEMORY_EXIT);
}

static void without_memory_the_program_ends_with_the_documented_status(void **state)
{
    (void)state;
    ends_with_the_status(take_too_much);
}

static void a_pool_without_memory_ends_the_program_in_the_same_way(void **state)
{
    (void)state;
    ends_with_the_status(take_too_much_from_a_pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeroed_memory_is_zero_and_never_null),
        cmocka_unit_test(an_extended_array_keeps_its_elements),
        cmocka_unit_test(copies_are_equal_and_separate),
        cmocka_unit_test(without_memory_the_program_ends_with_the_documented_status),
        cmocka_unit_test(a_pool_without_memory_ends_the_program_in_the_same_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
