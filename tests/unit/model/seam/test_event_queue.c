/* The queue of handle events: order, ownership, and events that are independent of their originals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/seam/event_queue.h"

static void events_come_out_in_order(void **state)
{
    struct rota_event_queue q = {0};

    (void)state;
    assert_null(rota_event_queue_pop(&q));
    for (int round = 0; round < 2; round++) {
        assert_true(
            rota_event_queue_push(&q, rota_queued_event_session(1, ROTA_SESSION_CONNECTED)));
        assert_false(rota_event_queue_push(&q, rota_queued_event_session(2, ROTA_SESSION_EXPIRED)));
        for (uint32_t handle = 1; handle <= 2; handle++) {
            struct rota_queued_event *e = rota_event_queue_pop(&q);

            assert_int_equal(e->event.kind, ROTA_HANDLE_SESSION);
            assert_int_equal(e->event.handle, handle);
            assert_null(e->next);
            free(e);
        }
        assert_null(rota_event_queue_pop(&q));
        assert_null(q.last); /* the event that was last is freed */
    }
}

static void events_are_copies(void **state)
{
    struct rota_event_queue q = {0};
    struct rota_queued_event *e;
    char path[] = "/path";
    struct rota_reply reply = {.tag = 7, .rc = ROTA_ERR_OK, .path = path, .data = {path, 3}};

    (void)state;
    rota_event_queue_push(&q, rota_queued_event_watch(1, ROTA_WATCH_CHILD, path));
    rota_event_queue_push(&q, rota_queued_event_reply(1, &reply));
    memset(path, 'z', strlen(path));
    e = rota_event_queue_pop(&q);
    assert_int_equal(e->event.kind, ROTA_HANDLE_WATCH);
    assert_int_equal(e->event.watch.kind, ROTA_WATCH_CHILD);
    assert_string_equal(e->event.watch.path, "/path");
    free(e);
    e = rota_event_queue_pop(&q);
    assert_int_equal(e->event.kind, ROTA_HANDLE_REPLY);
    assert_int_equal(e->event.reply.tag, 7);
    assert_string_equal(e->event.reply.path, "/path");
    assert_memory_equal(e->event.reply.data.data, "/pa", 3);
    free(e);
}

static void failed_multi_has_a_code_for_each_operation(void **state)
{
    struct rota_request multi = {
        .tag = 9, .operation = {.op = ROTA_OP_MULTI}, .operation_count = 3};
    struct rota_event_queue q = {0};
    const struct rota_reply *r;

    (void)state;
    rota_event_queue_push(&q, rota_queued_event_failed(4, &multi, ROTA_ERR_CONNECTION_LOSS));
    r = &q.first->event.reply;
    assert_int_equal(r->tag, 9);
    assert_int_equal(r->rc, ROTA_ERR_CONNECTION_LOSS);
    assert_int_equal(r->result_count, 3);
    assert_int_equal(r->results[2].rc, ROTA_ERR_CONNECTION_LOSS);
    rota_event_queue_clear(&q);
    assert_null(q.first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_out_in_order),
        cmocka_unit_test(events_are_copies),
        cmocka_unit_test(failed_multi_has_a_code_for_each_operation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
