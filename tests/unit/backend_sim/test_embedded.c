/* The embedded backend: handles that share a tree, under the real clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend_sim/embedded.h"
#include "system/memory.h"

struct pair {
    struct rota_embedded_tree *tree;
    struct rota_backend *a, *b;
    uint32_t wakes; /* of a */
};

static void on_wake(void *context)
{
    ++*(uint32_t *)context;
}

static int setup(void **state)
{
    struct pair *p = rota_memory_zeroed(1, sizeof *p);

    p->tree = rota_embedded_tree_open(0);
    p->a = rota_embedded_open(p->tree, 10000, on_wake, &p->wakes);
    p->b = rota_embedded_open(p->tree, 5000, NULL, NULL);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct pair *p = *state;

    if (p->a != NULL)
        p->a->ops->destroy(p->a);
    p->b->ops->destroy(p->b);
    rota_embedded_tree_close(p->tree);
    free(p);
    return 0;
}

/* Takes all events of a backend and compares them with this text, one line each. */
static void expect(struct rota_backend *b, const char *expected)
{
    static const char *const states[] = {"CONNECTED",   "DISCONNECTED", "EXPIRED",
                                         "AUTH_FAILED", "CLOSED",       "UNREACHABLE"};
    static const char *const kinds[] = {"?", "CREATED", "DELETED", "CHANGED", "CHILD"};
    struct rota_handle_event e;
    char received[1024] = "", line[256] = "";

    while (b->ops->next(b, &e)) {
        if (e.kind == ROTA_HANDLE_REPLY)
            snprintf(line, sizeof line, "%u:%s%s%s\n", (unsigned)e.reply.tag,
                     rota_error_name(e.reply.rc), e.reply.path == NULL ? "" : " ",
                     e.reply.path == NULL ? "" : e.reply.path);
        else if (e.kind == ROTA_HANDLE_WATCH)
            snprintf(line, sizeof line, "%s %s\n", kinds[e.watch.kind], e.watch.path);
        else
            snprintf(line, sizeof line, "%s%s\n", states[e.session.state],
                     e.session.acknowledged ? " acknowledged" : "");
        snprintf(received + strlen(received), sizeof received - strlen(received), "%s", line);
    }
    assert_string_equal(received, expected);
}

/* Opens a handle and returns its session. */
static struct rota_client_id open_handle(struct rota_backend *b,
                                         const struct rota_client_id *take_over)
{
    struct rota_handle_event e;
    uint32_t handle = b->ops->open(b, take_over);

    assert_true(b->ops->next(b, &e));
    assert_int_equal(e.kind, ROTA_HANDLE_SESSION);
    assert_int_equal(e.session.state, ROTA_SESSION_CONNECTED);
    assert_int_equal(e.handle, handle);
    return e.session.client_id;
}

static void request(struct rota_backend *b, uint64_t tag, struct rota_operation o)
{
    b->ops->request(b, &(struct rota_request){.tag = tag, .operation = o});
}

static void create(struct rota_backend *b, uint64_t tag, const char *path, enum rota_mode mode)
{
    request(b, tag, (struct rota_operation){.op = ROTA_OP_CREATE, .path = path, .mode = mode});
}

static void exists(struct rota_backend *b, uint64_t tag, const char *path)
{
    request(b, tag, (struct rota_operation){.op = ROTA_OP_EXISTS, .path = path, .watch = true});
}

static void close_handle(struct rota_backend *b)
{
    request(b, 0, (struct rota_operation){.op = ROTA_OP_CLOSE});
}

/* S39: the clock is checked only when a handle is called. */
static void ttl_node_is_removed_when_its_time_is_over(void **state)
{
    struct pair p = {.tree = rota_embedded_tree_open(1)};
    struct rota_handle_event e = {.kind = ROTA_HANDLE_REPLY};

    (void)state;
    p.a = rota_embedded_open(p.tree, 10000, NULL, NULL);
    open_handle(p.a, NULL);
    request(p.a, 1,
            (struct rota_operation){
                .op = ROTA_OP_CREATE, .path = "/t", .mode = ROTA_MODE_TTL, .ttl_ms = 5});
    exists(p.a, 2, "/t");
    for (rota_time until = p.a->ops->now(p.a) + 10000000;
         e.kind != ROTA_HANDLE_WATCH && p.a->ops->now(p.a) < until;)
        p.a->ops->next(p.a, &e);
    assert_int_equal(e.kind, ROTA_HANDLE_WATCH);
    assert_int_equal(e.watch.kind, ROTA_WATCH_DELETED);
    exists(p.a, 3, "/t");
    expect(p.a, "3:NO_NODE\n");
    p.a->ops->destroy(p.a);
    rota_embedded_tree_close(p.tree);
}

/* S70 */
static void wrong_password_does_not_disturb_the_owner(void **state)
{
    struct pair *p = *state;
    struct rota_client_id guess = open_handle(p->a, NULL);

    guess.password[0] ^= 1;
    p->b->ops->open(p->b, &guess);
    expect(p->b, "EXPIRED\n");
    create(p->a, 1, "/x", ROTA_MODE_EPHEMERAL);
    expect(p->a, "1:OK /x\n");
}

static void open_connects_with_the_timeout_of_the_backend(void **state)
{
    struct pair *p = *state;
    struct rota_handle_event e;

    assert_int_equal(p->a->ops->open(p->a, NULL), 1);
    assert_int_equal(p->wakes, 1);
    assert_true(p->a->ops->next(p->a, &e));
    assert_int_equal(e.session.timeout_ms, 10000);
    assert_true(e.session.client_id.id != 0);
    assert_false(p->a->ops->next(p->a, &e));
}

/* S54 */
static void own_events_come_before_the_own_reply(void **state)
{
    struct pair *p = *state;

    open_handle(p->a, NULL);
    exists(p->a, 1, "/x");
    create(p->a, 2, "/x", ROTA_MODE_PERSISTENT);
    expect(p->a, "1:NO_NODE\nCREATED /x\n2:OK /x\n");
}

static void handles_see_the_effects_of_each_other(void **state)
{
    struct pair *p = *state;

    open_handle(p->a, NULL);
    open_handle(p->b, NULL);
    exists(p->a, 1, "/x");
    expect(p->a, "1:NO_NODE\n");
    create(p->b, 5, "/x", ROTA_MODE_EPHEMERAL);
    expect(p->a, "CREATED /x\n");
    exists(p->a, 2, "/x");
    expect(p->a, "2:OK\n");
    close_handle(p->b);
    expect(p->b, "5:OK /x\nCLOSED acknowledged\n");
    expect(p->a, "DELETED /x\n");
}

static void wake_is_called_when_the_queue_is_no_longer_empty(void **state)
{
    struct pair *p = *state;

    open_handle(p->a, NULL);
    p->wakes = 0;
    exists(p->a, 1, "/x");
    exists(p->a, 2, "/x");
    assert_int_equal(p->wakes, 1);
    expect(p->a, "1:NO_NODE\n2:NO_NODE\n");
    exists(p->a, 3, "/x");
    assert_int_equal(p->wakes, 2);
}

/* S30, S44 */
static void paths_the_client_library_refuses(void **state)
{
    struct pair *p = *state;
    struct rota_operation ops[] = {{.op = ROTA_OP_CHECK, .path = "/"},
                                   {.op = ROTA_OP_CHECK, .path = "bad"}};

    open_handle(p->a, NULL);
    create(p->a, 1, "/x/", ROTA_MODE_PERSISTENT);
    p->a->ops->request(p->a, &(struct rota_request){.tag = 2,
                                                    .operation = {.op = ROTA_OP_MULTI},
                                                    .operations = ops,
                                                    .operation_count = 2});
    expect(p->a, "1:BAD_ARGUMENTS\n2:BAD_ARGUMENTS\n");
}

/* S35, S57: the session and its watches survive */
static void request_too_large_loses_the_connection_for_a_moment(void **state)
{
    struct pair *p = *state;
    char *zeros = rota_memory_zeroed(1, 1048576);

    open_handle(p->a, NULL);
    create(p->a, 1, "/e", ROTA_MODE_EPHEMERAL);
    exists(p->a, 2, "/e");
    request(p->a, 3,
            (struct rota_operation){
                .op = ROTA_OP_SET, .path = "/e", .version = -1, .data = {zeros, 1048576}});
    expect(p->a, "1:OK /e\n2:OK\nDISCONNECTED\n3:CONNECTION_LOSS\nCONNECTED\n");
    request(
        p->a, 4,
        (struct rota_operation){.op = ROTA_OP_SET, .path = "/e", .version = 0, .data = {zeros, 9}});
    expect(p->a, "CHANGED /e\n4:OK\n");
    free(zeros);
}

/* S60, S81 */
static void closed_handle_refuses_requests(void **state)
{
    struct pair *p = *state;

    open_handle(p->a, NULL);
    create(p->a, 1, "/e", ROTA_MODE_EPHEMERAL);
    exists(p->a, 2, "/e");
    close_handle(p->a);
    close_handle(p->a);
    exists(p->a, 3, "/e");
    expect(p->a, "1:OK /e\n2:OK\nCLOSED acknowledged\n3:INVALID_STATE\n");
    assert_int_equal(p->a->ops->open(p->a, NULL), 2);
    exists(p->a, 4, "/e");
    expect(p->a, "CONNECTED\n4:NO_NODE\n");
}

static void destroyed_handle_ends_its_session(void **state)
{
    struct pair *p = *state;

    open_handle(p->a, NULL);
    open_handle(p->b, NULL);
    create(p->a, 1, "/e", ROTA_MODE_EPHEMERAL);
    exists(p->b, 1, "/e");
    p->a->ops->destroy(p->a);
    p->a = NULL;
    expect(p->b, "1:OK\nDELETED /e\n");
}

/* S71: the former handle is disconnected, and expires when the other handle closes the session */
static void session_can_be_taken_over(void **state)
{
    struct pair *p = *state;
    struct rota_client_id id = open_handle(p->a, NULL), same;

    create(p->a, 1, "/e", ROTA_MODE_EPHEMERAL);
    same = open_handle(p->b, &id);
    assert_memory_equal(&same, &id, sizeof id);
    exists(p->a, 2, "/e");
    expect(p->a, "1:OK /e\nDISCONNECTED\n2:CONNECTION_LOSS\n");
    close_handle(p->b);
    expect(p->b, "CLOSED acknowledged\n");
    exists(p->a, 3, "/e");
    expect(p->a, "EXPIRED\n3:INVALID_STATE\n");
    p->b->ops->open(p->b, &id); /* S70 */
    expect(p->b, "EXPIRED\n");
    close_handle(p->b);
    expect(p->b, "CLOSED acknowledged\n");
}

static void close_after_a_take_over_is_not_acknowledged(void **state)
{
    struct pair *p = *state;
    struct rota_client_id id = open_handle(p->a, NULL);

    open_handle(p->b, &id);
    close_handle(p->a);
    expect(p->a, "DISCONNECTED\nCLOSED\n");
    create(p->b, 1, "/e", ROTA_MODE_EPHEMERAL);
    expect(p->b, "1:OK /e\n");
}

/* S88 */
static void credentials_are_passed_on(void **state)
{
    struct pair *p = *state;
    struct rota_operation o = {.op = ROTA_OP_ADD_AUTH, .scheme = "digest", .data = {"u:p", 3}};

    open_handle(p->a, NULL);
    request(p->a, 1, o);
    o.scheme = "kerberos";
    request(p->a, 2, o);
    exists(p->a, 3, "/");
    expect(p->a, "1:OK\n2:AUTH_FAILED\nAUTH_FAILED\n3:INVALID_STATE\n");
}

/* S19, hazard 7 */
static void clock_and_random_numbers(void **state)
{
    struct pair *p = *state;
    rota_time before = p->a->ops->now(p->a);

    assert_true(before > 0);
    assert_true(p->a->ops->now(p->a) >= before);
    assert_true(p->a->ops->random(p->a) != p->a->ops->random(p->a));
    assert_string_equal(p->a->ops->name, "embedded");
}

/* A reply does not change when the znode changes later. */
static void replies_are_copies(void **state)
{
    struct pair *p = *state;
    struct rota_handle_event e;
    char name[2] = {0};

    open_handle(p->a, NULL);
    for (char c = 'a'; c <= 'c'; c++) {
        char path[] = {'/', c, '\0'};

        request(p->a, 1,
                (struct rota_operation){.op = ROTA_OP_CREATE, .path = path, .data = {path, 2}});
    }
    request(p->a, 2, (struct rota_operation){.op = ROTA_OP_GET, .path = "/b"});
    request(p->a, 3, (struct rota_operation){.op = ROTA_OP_CHILDREN, .path = "/"});
    request(p->a, 4, (struct rota_operation){.op = ROTA_OP_DELETE, .path = "/b", .version = -1});
    for (int i = 0; i < 4; i++)
        assert_true(p->a->ops->next(p->a, &e));
    assert_memory_equal(e.reply.data.data, "/b", 2);
    assert_int_equal(e.reply.data.length, 2);
    assert_true(p->a->ops->next(p->a, &e));
    assert_int_equal(e.reply.child_count, 4);
    for (uint32_t i = 0; i < e.reply.child_count; i++)
        if (strcmp(e.reply.children[i], "b") == 0)
            name[0] = 'b';
    assert_string_equal(name, "b");
    expect(p->a, "4:OK\n");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ttl_node_is_removed_when_its_time_is_over),
        CASE(wrong_password_does_not_disturb_the_owner),
        CASE(open_connects_with_the_timeout_of_the_backend),
        CASE(own_events_come_before_the_own_reply),
        CASE(handles_see_the_effects_of_each_other),
        CASE(wake_is_called_when_the_queue_is_no_longer_empty),
        CASE(paths_the_client_library_refuses),
        CASE(request_too_large_loses_the_connection_for_a_moment),
        CASE(closed_handle_refuses_requests),
        CASE(destroyed_handle_ends_its_session),
        CASE(session_can_be_taken_over),
        CASE(close_after_a_take_over_is_not_acknowledged),
        CASE(credentials_are_passed_on),
        CASE(clock_and_random_numbers),
        CASE(replies_are_copies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
