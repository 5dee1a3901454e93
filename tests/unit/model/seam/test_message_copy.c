/* Copies of replies and requests: whole, in one block, and independent of the original. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/seam/message_copy.h"

enum { GUARD = 64, PATTERN = 0xa5 };

/* Memory for a copy, with bytes behind it that must stay as they are. */
struct block {
    uint8_t *memory;
    size_t size;
};

static struct block block_open(size_t size)
{
    struct block b = {malloc(size + GUARD), size};

    assert_non_null(b.memory);
    memset(b.memory, PATTERN, size + GUARD);
    return b;
}

static void block_close(struct block b)
{
    for (size_t i = 0; i < GUARD; i++)
        assert_int_equal(b.memory[b.size + i], PATTERN);
    free(b.memory);
}

static void expect_inside(struct block b, const void *at, size_t alignment)
{
    assert_true((uintptr_t)at >= (uintptr_t)b.memory);
    assert_true((uintptr_t)at < (uintptr_t)b.memory + b.size);
    assert_int_equal((uintptr_t)at % alignment, 0);
}

static void expect_text(struct block b, const char *at, const char *expected)
{
    expect_inside(b, at, 1);
    assert_string_equal(at, expected);
}

static void expect_bytes(struct block b, struct rota_bytes bytes, const char *expected)
{
    assert_int_equal(bytes.length, strlen(expected));
    expect_inside(b, bytes.data, 1);
    assert_memory_equal(bytes.data, expected, strlen(expected));
}

/* ---- replies ---- */

/* A reply and all that it points to, to be overwritten as a whole. */
struct reply_original {
    struct rota_reply reply;
    struct rota_result results[3];
    const char *children[2];
    struct rota_acl acl[2];
    char data[8], path[8], created[8], child[2][8], scheme[8], id[8];
};

static struct reply_original *reply_original_new(void)
{
    struct reply_original *o = calloc(1, sizeof *o);

    assert_non_null(o);
    *o = (struct reply_original){.data = "payload",
                                 .path = "/p",
                                 .created = "/c1",
                                 .child = {"one", "two"},
                                 .scheme = "digest",
                                 .id = "u:p"};
    o->children[0] = o->child[0];
    o->children[1] = o->child[1];
    o->acl[0] = (struct rota_acl){ROTA_PERM_READ, o->scheme, o->id};
    o->acl[1] = (struct rota_acl){ROTA_PERM_ADMIN, o->id, o->scheme};
    o->results[0] = (struct rota_result){.rc = ROTA_ERR_OK, .path = o->created};
    o->results[1] = (struct rota_result){.rc = ROTA_ERR_NO_NODE};
    o->results[2] = (struct rota_result){.rc = ROTA_ERR_OK, .stat = {.version = 7}};
    o->reply = (struct rota_reply){.tag = 42,
                                   .rc = ROTA_ERR_NO_NODE,
                                   .stat = {.czxid = 5},
                                   .data = {o->data, 7},
                                   .path = o->path,
                                   .children = o->children,
                                   .child_count = 2,
                                   .results = o->results,
                                   .result_count = 3,
                                   .acl = o->acl,
                                   .acl_count = 2};
    return o;
}

static void a_reply_is_copied_with_all_it_points_to(void **state)
{
    struct reply_original *o = reply_original_new();
    struct block b = block_open(rota_reply_copy_size(&o->reply));
    const struct rota_reply *r = rota_reply_copy_to(b.memory, &o->reply);

    (void)state;
    memset(o, '!', sizeof *o);
    free(o);
    assert_ptr_equal(r, b.memory);
    assert_int_equal(r->tag, 42);
    assert_int_equal(r->rc, ROTA_ERR_NO_NODE);
    assert_int_equal(r->stat.czxid, 5);
    expect_bytes(b, r->data, "payload");
    expect_text(b, r->path, "/p");
    assert_int_equal(r->child_count, 2);
    expect_inside(b, r->children, alignof(char *));
    expect_text(b, r->children[0], "one");
    expect_text(b, r->children[1], "two");
    assert_int_equal(r->result_count, 3);
    expect_inside(b, r->results, alignof(struct rota_result));
    expect_text(b, r->results[0].path, "/c1");
    assert_int_equal(r->results[1].rc, ROTA_ERR_NO_NODE);
    assert_null(r->results[1].path);
    assert_int_equal(r->results[2].stat.version, 7);
    assert_int_equal(r->acl_count, 2);
    expect_inside(b, r->acl, alignof(struct rota_acl));
    assert_int_equal(r->acl[0].perms, ROTA_PERM_READ);
    expect_text(b, r->acl[0].scheme, "digest");
    expect_text(b, r->acl[0].id, "u:p");
    expect_text(b, r->acl[1].scheme, "u:p");
    block_close(b);
}

/* An empty list in a reply may have a count and no address, or an address and no count. */
static void a_reply_without_parts_has_none_in_its_copy(void **state)
{
    const struct rota_reply empty = {.data = {"", 0}, .child_count = 3, .result_count = 3};
    const struct rota_reply none = {.data = ROTA_NULL_BYTES};
    struct block b = block_open(rota_reply_copy_size(&empty));
    const struct rota_reply *r = rota_reply_copy_to(b.memory, &empty);

    (void)state;
    assert_int_equal(r->data.length, 0); /* empty data, not "no data" (S33) */
    assert_null(r->path);
    assert_null(r->children);
    assert_int_equal(r->child_count, 0);
    assert_null(r->results);
    assert_int_equal(r->result_count, 0);
    assert_null(r->acl);
    block_close(b);
    b = block_open(rota_reply_copy_size(&none));
    assert_int_equal(rota_reply_copy_to(b.memory, &none)->data.length, -1);
    block_close(b);
}

/* S42: a client that lost its connection gives a result to each operation of a multi. */
static void a_failed_request_gets_a_result_for_each_operation(void **state)
{
    const struct rota_operation operations[] = {{.op = ROTA_OP_CHECK, .path = "/a"},
                                                {.op = ROTA_OP_DELETE, .path = "/b"}};
    const struct rota_request multi = {.tag = 9,
                                       .operation = {.op = ROTA_OP_MULTI},
                                       .operations = operations,
                                       .operation_count = 2};
    const struct rota_request get = {.tag = 8, .operation = {.op = ROTA_OP_GET, .path = "/a"}};
    struct block b = block_open(rota_reply_failed_size(&multi));
    const struct rota_reply *r = rota_reply_failed_to(b.memory, &multi, ROTA_ERR_CLOSING);

    (void)state;
    assert_int_equal(r->tag, 9);
    assert_int_equal(r->rc, ROTA_ERR_CLOSING);
    assert_int_equal(r->data.length, -1);
    assert_int_equal(r->result_count, 2);
    expect_inside(b, r->results, alignof(struct rota_result));
    assert_int_equal(r->results[0].rc, ROTA_ERR_CLOSING);
    assert_int_equal(r->results[1].rc, ROTA_ERR_CLOSING);
    assert_null(r->results[1].path);
    block_close(b);
    b = block_open(rota_reply_failed_size(&get));
    r = rota_reply_failed_to(b.memory, &get, ROTA_ERR_CONNECTION_LOSS);
    assert_int_equal(r->tag, 8);
    assert_int_equal(r->rc, ROTA_ERR_CONNECTION_LOSS);
    assert_null(r->results);
    assert_int_equal(r->result_count, 0);
    block_close(b);
}

/* ---- requests ---- */

/* A request and all that it points to, to be overwritten as a whole. */
struct request_original {
    struct rota_request request;
    struct rota_operation operations[2];
    struct rota_acl acl[1];
    char path[2][8], data[8], scheme[8], id[8];
};

static struct request_original *request_original_new(struct rota_operation operation)
{
    struct request_original *o = calloc(1, sizeof *o);

    assert_non_null(o);
    *o = (struct request_original){
        .path = {"/a", "/b"}, .data = "payload", .scheme = "digest", .id = "u:p"};
    o->acl[0] = (struct rota_acl){ROTA_PERM_ALL, o->scheme, o->id};
    o->request = (struct rota_request){.tag = 42, .operation = operation};
    o->request.operation.path = o->path[0];
    return o;
}

static struct block request_copied(struct request_original *o, const struct rota_request **copy)
{
    struct block b = block_open(rota_request_copy_size(&o->request));

    *copy = rota_request_copy_to(b.memory, &o->request);
    memset(o, '!', sizeof *o);
    free(o);
    assert_ptr_equal(*copy, b.memory);
    assert_int_equal((*copy)->tag, 42);
    return b;
}

static void a_create_is_copied_with_its_data_and_acl(void **state)
{
    struct request_original *o = request_original_new(
        (struct rota_operation){.op = ROTA_OP_CREATE, .mode = ROTA_MODE_TTL, .ttl_ms = 5});
    const struct rota_request *r;
    struct block b;

    (void)state;
    o->request.operation.data = (struct rota_bytes){o->data, 7};
    o->request.operation.acl = o->acl;
    o->request.operation.acl_count = 1;
    b = request_copied(o, &r);
    assert_int_equal(r->operation.op, ROTA_OP_CREATE);
    assert_int_equal(r->operation.mode, ROTA_MODE_TTL);
    assert_int_equal(r->operation.ttl_ms, 5);
    expect_text(b, r->operation.path, "/a");
    expect_bytes(b, r->operation.data, "payload");
    assert_int_equal(r->operation.acl_count, 1);
    expect_inside(b, r->operation.acl, alignof(struct rota_acl));
    expect_text(b, r->operation.acl[0].scheme, "digest");
    expect_text(b, r->operation.acl[0].id, "u:p");
    assert_null(r->operation.scheme);
    assert_null(r->operations);
    block_close(b);
}

static void each_operation_keeps_what_it_uses_and_nothing_else(void **state)
{
    static const struct {
        enum rota_op op;
        bool data, acl, scheme;
    } cases[] = {{ROTA_OP_SET, true, false, false},      {ROTA_OP_SET_ACL, false, true, false},
                 {ROTA_OP_ADD_AUTH, true, false, true},  {ROTA_OP_GET, false, false, false},
                 {ROTA_OP_DELETE, false, false, false},  {ROTA_OP_EXISTS, false, false, false},
                 {ROTA_OP_CHILDREN, false, false, false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request_original *o = request_original_new((struct rota_operation){
            .op = cases[i].op, .version = 3, .watch = true, .acl_count = 1});
        const struct rota_request *r;
        struct block b;

        o->request.operation.data = (struct rota_bytes){o->data, 7};
        o->request.operation.acl = o->acl;
        o->request.operation.scheme = o->scheme;
        b = request_copied(o, &r);
        assert_int_equal(r->operation.op, cases[i].op);
        assert_int_equal(r->operation.version, 3);
        assert_true(r->operation.watch);
        expect_text(b, r->operation.path, "/a");
        if (cases[i].data)
            expect_bytes(b, r->operation.data, "payload");
        else
            assert_int_equal(r->operation.data.length, -1);
        assert_int_equal(r->operation.acl_count, cases[i].acl);
        if (cases[i].acl)
            expect_text(b, r->operation.acl[0].id, "u:p");
        else
            assert_null(r->operation.acl);
        if (cases[i].scheme)
            expect_text(b, r->operation.scheme, "digest");
        else
            assert_null(r->operation.scheme);
        block_close(b);
    }
}

/* The operations of a multi are copied; those that another request points to by chance are not. */
static void a_multi_is_copied_with_its_operations(void **state)
{
    for (int multi = 0; multi < 2; multi++) {
        struct request_original *o = request_original_new(
            (struct rota_operation){.op = multi ? ROTA_OP_MULTI : ROTA_OP_SYNC});
        const struct rota_request *r;
        struct block b;

        o->operations[0] = (struct rota_operation){.op = ROTA_OP_CHECK, .path = o->path[0]};
        o->operations[1] = (struct rota_operation){
            .op = ROTA_OP_SET, .path = o->path[1], .data = {o->data, 7}, .version = 4};
        o->request.operations = o->operations;
        o->request.operation_count = 2;
        b = request_copied(o, &r);
        assert_int_equal(r->operation_count, multi ? 2 : 0);
        if (multi) {
            expect_inside(b, r->operations, alignof(struct rota_operation));
            expect_text(b, r->operations[0].path, "/a");
            expect_text(b, r->operations[1].path, "/b");
            expect_bytes(b, r->operations[1].data, "payload");
            assert_int_equal(r->operations[1].version, 4);
        } else {
            assert_null(r->operations);
        }
        block_close(b);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_is_copied_with_all_it_points_to),
        cmocka_unit_test(a_reply_without_parts_has_none_in_its_copy),
        cmocka_unit_test(a_failed_request_gets_a_result_for_each_operation),
        cmocka_unit_test(a_create_is_copied_with_its_data_and_acl),
        cmocka_unit_test(each_operation_keeps_what_it_uses_and_nothing_else),
        cmocka_unit_test(a_multi_is_copied_with_its_operations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
