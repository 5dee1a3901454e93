/* Requests and their tags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/seam/requests.h"

static int setup(void **state)
{
    struct rota_outbox *o = malloc(sizeof *o);

    rota_outbox_init(o);
    *state = o;
    return 0;
}

static int teardown(void **state)
{
    rota_outbox_close(*state);
    free(*state);
    return 0;
}

static void a_tag_holds_kind_generation_and_index(void **state)
{
    uint64_t tag = rota_request_tag(255, 65535, UINT32_MAX);

    assert_int_equal(rota_request_tag_kind(tag), 255);
    assert_int_equal(rota_request_tag_generation(tag), 65535);
    assert_int_equal(rota_request_tag_index(tag), UINT32_MAX);
    tag = rota_request_tag(1, 2, 3);
    assert_int_equal(rota_request_tag_kind(tag), 1);
    assert_int_equal(rota_request_tag_generation(tag), 2);
    assert_int_equal(rota_request_tag_index(tag), 3);
    rota_request_add_read(*state, tag, ROTA_OP_GET, "/a", true);
    assert_int_equal(((struct rota_outbox *)*state)->actions[0].request.tag, tag);
}

static void requests_are_appended_in_order(void **state)
{
    struct rota_outbox *o = *state;
    struct rota_operation *ops;

    rota_request_add_create(o, 1, "/a");
    rota_request_add_read(o, 2, ROTA_OP_CHILDREN, "/b", false);
    ops = rota_request_add_multi(o, 3, 2);
    rota_operation_delete(&ops[1], "/c");
    assert_int_equal(o->length, 3);
    assert_int_equal(o->actions[0].request.operation.op, ROTA_OP_CREATE);
    assert_int_equal(o->actions[0].request.operation.mode, ROTA_MODE_PERSISTENT);
    assert_int_equal(o->actions[0].request.operation.data.length, 0); /* empty, not "no data" */
    assert_string_equal(o->actions[1].request.operation.path, "/b");
    assert_false(o->actions[1].request.operation.watch);
    assert_int_equal(o->actions[2].request.operation_count, 2);
    assert_int_equal(ops[0].version, -1);
    assert_string_equal(ops[1].path, "/c");
    assert_int_equal(ops[1].op, ROTA_OP_DELETE);
    assert_int_equal(ops[1].version, -1);
    ops[0].version = 3;
    rota_operation_delete(&ops[0], "/d"); /* in any version, whatever was there */
    assert_int_equal(ops[0].version, -1);
}

/* S41: the operations before the failing one have rc 0, although nothing was applied. */
static void a_refused_multi_names_the_operation_that_failed(void **state)
{
    const struct rota_result results[] = {
        {.rc = ROTA_ERR_OK}, {.rc = ROTA_ERR_NO_NODE}, {.rc = ROTA_ERR_INCONSISTENT}};
    struct rota_reply r = {.rc = ROTA_ERR_NO_NODE, .results = results, .result_count = 3};

    (void)state;
    assert_int_equal(rota_reply_failed_at(&r), 1);
    r.result_count = 0;
    assert_int_equal(rota_reply_failed_at(&r), UINT32_MAX);
}

static void some_errors_mean_the_end_of_the_session(void **state)
{
    struct rota_reply r = {.rc = ROTA_ERR_SESSION_EXPIRED};

    (void)state;
    assert_true(rota_reply_session_over(&r));
    r.rc = ROTA_ERR_SESSION_MOVED;
    assert_true(rota_reply_session_over(&r));
    r.rc = ROTA_ERR_CONNECTION_LOSS;
    assert_false(rota_reply_session_over(&r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_tag_holds_kind_generation_and_index, setup, teardown),
        cmocka_unit_test_setup_teardown(requests_are_appended_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refused_multi_names_the_operation_that_failed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(some_errors_mean_the_end_of_the_session, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
