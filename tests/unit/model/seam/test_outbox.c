/* The outbox: actions and the memory they point to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/seam/outbox.h"

static void actions_and_their_texts_stay_until_the_reset(void **state)
{
    struct rota_outbox o;
    const char *texts[5000];

    (void)state;
    rota_outbox_init(&o);
    for (int i = 0; i < 5000; i++) { /* many blocks: none of them moves */
        texts[i] = rota_outbox_text(&o, "text number %d", i);
        rota_outbox_add(&o, ROTA_ACTION_NOTE)->note.name = texts[i];
    }
    assert_int_equal(o.length, 5000);
    for (int i = 0; i < 5000; i++) {
        char expected[32];

        snprintf(expected, sizeof expected, "text number %d", i);
        assert_string_equal(o.actions[i].note.name, expected);
    }
    rota_outbox_reset(&o);
    assert_int_equal(o.length, 0);
    rota_outbox_reset(&o);
    rota_outbox_close(&o);
}

static void memory_of_any_size_is_zeroed(void **state)
{
    struct rota_outbox o;
    uint8_t *small, *big;

    (void)state;
    rota_outbox_init(&o);
    small = rota_outbox_take(&o, 10);
    memset(small, 0xcd, 10);
    big = rota_outbox_take(&o, 2000000);
    assert_int_equal(big[0], 0);
    assert_int_equal(big[1999999], 0);
    memset(big, 0xef, 2000000);
    assert_int_equal(small[9], 0xcd);
    rota_outbox_reset(
        &o); /* frees the large block; keeps a small one, which is zeroed when taken again */
    small = rota_outbox_take(&o, 10);
    assert_int_equal(small[9], 0);
    assert_int_equal((uintptr_t)rota_outbox_take(&o, 0) % _Alignof(max_align_t), 0);
    rota_outbox_close(&o);
}

static void the_earliest_time_to_wake_counts(void **state)
{
    struct rota_outbox o;

    (void)state;
    rota_outbox_init(&o);
    assert_true(o.wake == ROTA_NEVER);
    rota_outbox_wake(&o, 50);
    rota_outbox_wake(&o, 70);
    assert_int_equal(o.wake, 50);
    rota_outbox_wake(&o, 20);
    assert_int_equal(o.wake, 20);
    rota_outbox_reset(&o);
    assert_true(o.wake == ROTA_NEVER);
    rota_outbox_note(&o, ROTA_NOTE_ASSIGNED, "t", "w", 1, 2, 3);
    assert_int_equal(o.actions[0].kind, ROTA_ACTION_NOTE);
    assert_string_equal(o.actions[0].note.other, "w");
    assert_int_equal(o.actions[0].note.c, 3);
    rota_outbox_close(&o);
}

static void an_action_holds_nothing_of_an_earlier_one(void **state)
{
    struct rota_outbox o;

    (void)state;
    rota_outbox_init(&o);
    rota_outbox_note(&o, ROTA_NOTE_ASSIGNED, "t", "w", 1, 2, 3);
    rota_outbox_reset(&o);
    assert_null(rota_outbox_add(&o, ROTA_ACTION_NOTE)->note.name);
    assert_int_equal(o.actions[0].note.c, 0);
    rota_outbox_close(&o);
}

/* The record that holds a name may be removed in the same step. */
static void a_note_holds_copies_of_its_texts(void **state)
{
    char name[] = "t", other[] = "w";
    struct rota_outbox o;

    (void)state;
    rota_outbox_init(&o);
    rota_outbox_note(&o, ROTA_NOTE_ASSIGNED, name, other, 1, 2, 3);
    name[0] = other[0] = '!';
    assert_string_equal(o.actions[0].note.name, "t");
    assert_string_equal(o.actions[0].note.other, "w");
    assert_true(rota_marks_have(&o.marks, ROTA_MARK_NOTE_ASSIGNED));
    assert_false(rota_marks_have(&o.marks, ROTA_MARK_NOTE_REASSIGNED));
    rota_outbox_reset(&o);
    assert_true(rota_marks_have(&o.marks, ROTA_MARK_NOTE_ASSIGNED)); /* a mark stays */
    rota_outbox_close(&o);
}

static void data_is_read_as_a_text_of_bounded_length(void **state)
{
    const struct rota_bytes data = {"abcdef", 6};
    struct rota_outbox o;

    (void)state;
    rota_outbox_init(&o);
    assert_string_equal(rota_outbox_text_of(&o, data, 3), "abc");
    assert_string_equal(rota_outbox_text_of(&o, data, 6), "abcdef");
    assert_string_equal(rota_outbox_text_of(&o, data, 100), "abcdef");
    assert_string_equal(rota_outbox_text_of(&o, ROTA_NULL_BYTES, 100), "");
    rota_outbox_close(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_and_their_texts_stay_until_the_reset),
        cmocka_unit_test(memory_of_any_size_is_zeroed),
        cmocka_unit_test(the_earliest_time_to_wake_counts),
        cmocka_unit_test(an_action_holds_nothing_of_an_earlier_one),
        cmocka_unit_test(a_note_holds_copies_of_its_texts),
        cmocka_unit_test(data_is_read_as_a_text_of_bounded_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
