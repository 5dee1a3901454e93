/* The limits of requests: their size on the wire, their paths, and what the client library
 * survives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/seam/request_limits.h"

/* The paths that the C client accepts (S30). */
static void paths_are_valid_or_not(void **state)
{
    static const struct {
        const char *path;
        bool plain, sequential;
    } cases[] = {
        {"/", true, true},        {"/a", true, true},         {"/a/b", true, true},
        {"/a/", false, true},     {"/a/b/", false, true},     {NULL, false, false},
        {"", false, false},       {"a", false, false},        {"//", false, false},
        {"/a//b", false, false},  {"/.", false, false},       {"/..", false, false},
        {"/a/./b", false, false}, {"/a/../b", false, false},  {"/...", true, true},
        {"/.a", true, true},      {"/a.", true, true},        {"/ab/..c", true, true},
        {"/a\x01", false, false}, {"/a\x1e/b", false, false}, {"/a\x1f", true, true},
        {"/a\x7f", true, true},   {"/\xc3\xa4", true, true},  {"/a b", true, true},
        {"/.x/.y", true, true},   {"/x./y", true, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(rota_path_valid(cases[i].path, false), cases[i].plain);
        assert_int_equal(rota_path_valid(cases[i].path, true), cases[i].sequential);
    }
}

static size_t size_of(const struct rota_operation *o)
{
    struct rota_request r = {.operation = *o};

    return rota_request_bytes(&r, 0);
}

/* With a setData on "/big" a server accepts at most 1 048 551 bytes (S35). */
static void the_limit_is_the_largest_packet_a_server_accepts(void **state)
{
    struct rota_operation o = {.op = ROTA_OP_SET, .path = "/big", .data = {"", 1048551}};
    struct rota_request r = {.operation = o};

    (void)state;
    assert_int_equal(rota_request_bytes(&r, 0), ROTA_REQUEST_LIMIT);
    r.operation.data.length++;
    assert_int_equal(rota_request_bytes(&r, 0), ROTA_REQUEST_LIMIT + 1);
    r.operation.data.length -= 6; /* the chroot counts, too */
    assert_int_equal(rota_request_bytes(&r, 5), ROTA_REQUEST_LIMIT);
}

/* On the wire: a header of 8 bytes; each text and each buffer has a length field of 4. */
static void a_request_has_its_size_on_the_wire(void **state)
{
    const struct rota_acl acl = {ROTA_PERM_ALL, "digest", "u:p"};
    const struct rota_operation multi[] = {{.op = ROTA_OP_CHECK, .path = "/a"},
                                           {.op = ROTA_OP_DELETE, .path = "/a"}};
    const struct rota_request r = {
        .operation = {.op = ROTA_OP_MULTI}, .operations = multi, .operation_count = 2};

    (void)state;
#define SIZE(...) size_of(&(struct rota_operation){__VA_ARGS__})
    assert_int_equal(SIZE(.op = ROTA_OP_SET, .path = "/a", .data = ROTA_NULL_BYTES), 8 + 6 + 4 + 4);
    assert_int_equal(SIZE(.op = ROTA_OP_GET, .path = "/a"), 8 + 6 + 1);
    assert_int_equal(SIZE(.op = ROTA_OP_EXISTS, .path = "/a"), 8 + 6 + 1);
    assert_int_equal(SIZE(.op = ROTA_OP_CHILDREN, .path = "/a"), 8 + 6 + 1);
    assert_int_equal(SIZE(.op = ROTA_OP_SYNC, .path = "/a"), 8 + 6);
    assert_int_equal(SIZE(.op = ROTA_OP_GET_ACL, .path = "/a"), 8 + 6);
    assert_int_equal(SIZE(.op = ROTA_OP_CLOSE), 8);
    assert_int_equal(SIZE(.op = ROTA_OP_MULTI), 8 + 9);
    assert_int_equal(SIZE(.op = ROTA_OP_ADD_AUTH, .scheme = "digest", .data = {"u:p", 3}),
                     8 + 4 + 10 + 7);
    assert_int_equal(SIZE(.op = ROTA_OP_SET_ACL, .path = "/a", .acl = &acl, .acl_count = 1),
                     8 + 6 + 4 + (4 + 10 + 7) + 4);
    assert_int_equal(SIZE(.op = ROTA_OP_CREATE, .path = "/a", .data = {"xy", 2}),
                     8 + 6 + 6 + 4 + (4 + 9 + 10) + 4);
    assert_int_equal(SIZE(.op = ROTA_OP_CREATE, .path = "/a", .data = {"", 0}, .acl = &acl,
                          .acl_count = 1, .mode = ROTA_MODE_TTL),
                     8 + 6 + 4 + 4 + (4 + 10 + 7) + 4 + 8);
    assert_int_equal(SIZE(.op = ROTA_OP_CREATE, .path = "/a", .data = {"", 0}, .acl = &acl,
                          .acl_count = 0, .mode = ROTA_MODE_TTL_SEQUENTIAL),
                     8 + 6 + 4 + 4 + 4 + 8);
    assert_int_equal(rota_request_bytes(&r, 0), 8 + (9 + 10) + (9 + 10) + 9);
    assert_int_equal(rota_operation_bytes(&(struct rota_operation){.op = ROTA_OP_MULTI}, 0), 0);
#undef SIZE
}

static bool valid(enum rota_op op, const char *path, enum rota_mode mode)
{
    struct rota_request r = {.operation = {.op = op, .path = path, .mode = mode, .ttl_ms = 1}};

    return rota_request_valid(&r);
}

static bool multi_valid(enum rota_op op, const char *path, enum rota_mode mode)
{
    struct rota_operation o[] = {{.op = ROTA_OP_CHECK, .path = "/a"},
                                 {.op = op, .path = path, .mode = mode}};
    struct rota_request r = {
        .operation = {.op = ROTA_OP_MULTI}, .operations = o, .operation_count = 2};

    return rota_request_valid(&r);
}

/* The C client crashes on a container or a read in a multi (S43) and on a bad path (S44). */
static void requests_that_would_crash_the_client_library_are_invalid(void **state)
{
    (void)state;
    assert_true(valid(ROTA_OP_CREATE, "/a", ROTA_MODE_CONTAINER));
    assert_true(valid(ROTA_OP_CREATE, "/a/", ROTA_MODE_SEQUENTIAL));
    assert_true(valid(ROTA_OP_CREATE, "/a/", ROTA_MODE_EPHEMERAL_SEQUENTIAL));
    assert_true(valid(ROTA_OP_CREATE, "/a/", ROTA_MODE_TTL_SEQUENTIAL));
    assert_false(valid(ROTA_OP_CREATE, "/a/", ROTA_MODE_EPHEMERAL));
    assert_false(valid(ROTA_OP_SET, "/a/", ROTA_MODE_SEQUENTIAL));
    assert_false(valid(ROTA_OP_GET, "a", ROTA_MODE_PERSISTENT));
    assert_true(valid(ROTA_OP_ADD_AUTH, NULL, ROTA_MODE_PERSISTENT));
    assert_true(multi_valid(ROTA_OP_CREATE, "/a", ROTA_MODE_EPHEMERAL_SEQUENTIAL));
    assert_true(multi_valid(ROTA_OP_DELETE, "/a", ROTA_MODE_PERSISTENT));
    assert_true(multi_valid(ROTA_OP_SET, "/a", ROTA_MODE_PERSISTENT));
    assert_false(multi_valid(ROTA_OP_SET, "/a/../b", ROTA_MODE_PERSISTENT));
    assert_false(multi_valid(ROTA_OP_CREATE, "/a", ROTA_MODE_CONTAINER));
    assert_false(multi_valid(ROTA_OP_CREATE, "/a", ROTA_MODE_TTL));
    assert_false(multi_valid(ROTA_OP_GET, "/a", ROTA_MODE_PERSISTENT));
}

static bool ttl_valid(enum rota_mode mode, int64_t ttl_ms)
{
    struct rota_request r = {
        .operation = {.op = ROTA_OP_CREATE, .path = "/a", .mode = mode, .ttl_ms = ttl_ms}};

    return rota_request_valid(&r);
}

/* The library refuses a TTL out of this range (S2). */
static void a_ttl_has_a_range(void **state)
{
    (void)state;
    assert_true(ttl_valid(ROTA_MODE_TTL, 1));
    assert_true(ttl_valid(ROTA_MODE_TTL, 0xffffffffff));
    assert_false(ttl_valid(ROTA_MODE_TTL, 0));
    assert_false(ttl_valid(ROTA_MODE_TTL_SEQUENTIAL, -1));
    assert_false(ttl_valid(ROTA_MODE_TTL_SEQUENTIAL, 0x10000000000));
    assert_true(ttl_valid(ROTA_MODE_PERSISTENT, 0));
}

static void writes_are_distinguished_from_reads(void **state)
{
    static const enum rota_op writes[] = {ROTA_OP_CREATE, ROTA_OP_DELETE, ROTA_OP_SET,
                                          ROTA_OP_SET_ACL, ROTA_OP_MULTI};
    static const enum rota_op reads[] = {ROTA_OP_GET,     ROTA_OP_EXISTS,   ROTA_OP_CHILDREN,
                                         ROTA_OP_GET_ACL, ROTA_OP_ADD_AUTH, ROTA_OP_SYNC};

    (void)state;
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++)
        assert_true(rota_request_writes(&(struct rota_request){.operation.op = writes[i]}));
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
        assert_false(rota_request_writes(&(struct rota_request){.operation.op = reads[i]}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_valid_or_not),
        cmocka_unit_test(the_limit_is_the_largest_packet_a_server_accepts),
        cmocka_unit_test(a_request_has_its_size_on_the_wire),
        cmocka_unit_test(requests_that_would_crash_the_client_library_are_invalid),
        cmocka_unit_test(a_ttl_has_a_range),
        cmocka_unit_test(writes_are_distinguished_from_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
