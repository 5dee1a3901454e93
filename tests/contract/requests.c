/* Requests and their replies. */
#include <stdlib.h>
#include <string.h>

#include "model/seam/request_limits.h"
#include "system/memory.h"
#include "tests/contract/tests.h"

enum { MANY = 60, LONG_MANY = 300, LONG_NAME = 4000 };

void test_answered_once(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation create = op_create("/a", "x", ROTA_MODE_PERSISTENT);
    struct rota_operation missing = op_get("/missing", true);
    struct rota_operation bad = op_get("/a//b", false);
    struct rota_operation children = op_children("/", true);
    struct rota_operation multi[] = {op_check("/a", 7), op_delete("/a", -1)};

    for (int i = 0; i < MANY; i++) {
        peer_send(p, &create);
        peer_send(p, &missing);
        peer_send(p, &bad);
        peer_send(p, &children);
        peer_send_multi(p, multi, 2);
    }
    for (uint64_t tag = 1; tag <= 5 * MANY; tag++)
        peer_await(p, tag);
    do_sync(p);
    for (uint64_t tag = 1; tag <= 5 * MANY; tag++)
        assert_int_equal(count_replies(p, tag), 1);
}

void test_answered_in_order(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation create = op_create("/a", "x", ROTA_MODE_PERSISTENT);
    struct rota_operation get = op_get("/a", false);
    struct rota_operation set = op_set("/a", "y", -1);
    struct rota_operation sync = op_sync("/");
    uint64_t last = peer_send(p, &create);

    for (int i = 0; i < MANY; i++) {
        peer_send(p, &set);
        peer_send(p, &get);
        peer_send_multi(p, &set, 1);
        last = peer_send(p, &sync);
    }
    peer_await(p, last);
    for (uint64_t tag = 2; tag <= last; tag++)
        assert_true(index_of_reply(p, tag - 1) < index_of_reply(p, tag));
}

void test_copied(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    char path[] = "/a";
    char text[] = "first";
    char scheme[] = "world";
    char id[] = "anyone";
    struct rota_acl acl = {ROTA_PERM_ALL, scheme, id};
    struct rota_operation o = op_create(path, text, ROTA_MODE_PERSISTENT);
    struct rota_operation many[2];
    uint64_t tag;

    o.acl = &acl;
    o.acl_count = 1;
    tag = peer_send(p, &o);
    memset(path, 'z', 2);
    memset(text, 'z', 5);
    memset(scheme, 'z', 5);
    memset(id, 'z', 6);
    assert_int_equal(peer_await(p, tag)->rc, ROTA_ERR_OK);
    expect_data(p, "/a", "first");

    memcpy(path, "/b", 2);
    memcpy(text, "other", 5);
    many[0] = op_create(path, text, ROTA_MODE_PERSISTENT);
    many[1] = op_set("/a", text, 0);
    tag = peer_send_multi(p, many, 2);
    memset(path, 'z', 2);
    memset(text, 'z', 5);
    memset(many, 0, sizeof many);
    assert_int_equal(peer_await(p, tag)->rc, ROTA_ERR_OK);
    expect_data(p, "/a", "other");
    expect_data(p, "/b", "other");
}

static void expect_bytes(struct peer *p, const char *path, const void *bytes, int32_t length)
{
    struct rota_operation o = op_get(path, false);
    const struct rota_reply *r = peer_do(p, &o);

    assert_int_equal(r->rc, ROTA_ERR_OK);
    assert_int_equal(r->data.length, length);
    assert_int_equal(r->stat.data_length, length > 0 ? length : 0);
    if (length > 0)
        assert_memory_equal(r->data.data, bytes, (size_t)length);
}

void test_null_is_not_empty(struct stage *s)
{
    enum { LARGE = 300000 };
    struct peer *p = peer_connect(s, 0);
    unsigned char *bytes = rota_memory_zeroed(1, LARGE);
    struct rota_operation o = op_create("/bytes", NULL, ROTA_MODE_PERSISTENT);

    for (int i = 0; i < LARGE; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 256);
    do_create(p, "/null", NULL, ROTA_MODE_PERSISTENT);
    do_create(p, "/empty", "", ROTA_MODE_PERSISTENT);
    o.data = (struct rota_bytes){bytes, LARGE};
    assert_int_equal(peer_do(p, &o)->rc, ROTA_ERR_OK);
    expect_bytes(p, "/null", NULL, -1);
    expect_bytes(p, "/empty", "", 0);
    expect_bytes(p, "/bytes", bytes, LARGE);
    do_set(p, "/empty", NULL);
    do_set(p, "/null", "");
    expect_bytes(p, "/null", "", 0);
    expect_bytes(p, "/empty", NULL, -1);
    free(bytes);
}

static void expect_same(const struct rota_stat *a, const struct rota_stat *b)
{
    assert_int_equal(a->czxid, b->czxid);
    assert_int_equal(a->mzxid, b->mzxid);
    assert_int_equal(a->pzxid, b->pzxid);
    assert_int_equal(a->mtime_ms, b->mtime_ms);
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->cversion, b->cversion);
    assert_int_equal(a->aversion, b->aversion);
    assert_int_equal(a->data_length, b->data_length);
    assert_int_equal(a->num_children, b->num_children);
}

void test_refusal_changes_nothing(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation read = op_exists("/a", false);
    struct rota_stat before;
    struct rota_stat after;

    do_create(p, "/a", "x", ROTA_MODE_PERSISTENT);
    do_create(p, "/a/b", "y", ROTA_MODE_EPHEMERAL);
    before = peer_do(p, &read)->stat;
    do_refused(p, op_create("/a", "z", ROTA_MODE_PERSISTENT), ROTA_ERR_NODE_EXISTS);
    do_refused(p, op_create("/no/a", "z", ROTA_MODE_PERSISTENT), ROTA_ERR_NO_NODE);
    do_refused(p, op_create("/a/b/c", "z", ROTA_MODE_PERSISTENT),
               ROTA_ERR_NO_CHILDREN_FOR_EPHEMERALS);
    do_refused(p, op_delete("/no", -1), ROTA_ERR_NO_NODE);
    do_refused(p, op_delete("/a", 9), ROTA_ERR_BAD_VERSION); /* checked before NOT_EMPTY: S25 */
    do_refused(p, op_delete("/a", 0), ROTA_ERR_NOT_EMPTY);
    do_refused(p, op_set("/no", "z", -1), ROTA_ERR_NO_NODE);
    do_refused(p, op_set("/a", "z", 1), ROTA_ERR_BAD_VERSION);
    do_refused(p, op_get("/no", false), ROTA_ERR_NO_NODE);
    do_refused(p, op_exists("/no", false), ROTA_ERR_NO_NODE);
    do_refused(p, op_children("/no", false), ROTA_ERR_NO_NODE);
    do_refused(p, op_create("/a/", "z", ROTA_MODE_PERSISTENT), ROTA_ERR_BAD_ARGUMENTS);
    do_refused(p, op_create("a", "z", ROTA_MODE_PERSISTENT), ROTA_ERR_BAD_ARGUMENTS);
    do_refused(p, op_get("/a/../a", false), ROTA_ERR_BAD_ARGUMENTS);
    do_refused(p, op_create("/\x7f", "z", ROTA_MODE_PERSISTENT), ROTA_ERR_BAD_ARGUMENTS);
    after = peer_do(p, &read)->stat;
    expect_same(&before, &after);
}

void test_multi_refused(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation o[] = {op_set("/a", "y", -1), op_create("/b", "z", ROTA_MODE_PERSISTENT),
                                 op_create("/s-", "z", ROTA_MODE_SEQUENTIAL), op_check("/a", 7),
                                 op_delete("/a", -1)};
    const struct rota_reply *r;

    do_create(p, "/a", "x", ROTA_MODE_PERSISTENT);
    r = peer_multi(p, o, 5);
    assert_int_equal(r->rc, ROTA_ERR_BAD_VERSION);
    assert_int_equal(r->result_count, 5);
    for (int i = 0; i < 3; i++)
        assert_int_equal(r->results[i].rc, ROTA_ERR_OK); /* although nothing was applied: S41 */
    assert_int_equal(r->results[3].rc, ROTA_ERR_BAD_VERSION);
    assert_int_equal(r->results[4].rc, ROTA_ERR_INCONSISTENT);
    expect_data(p, "/a", "x");
    assert_false(node_exists(p, "/b"));
    do_create(p, "/s-", "x", ROTA_MODE_PERSISTENT);
    o[2] = op_create("/s-", "z", ROTA_MODE_SEQUENTIAL);
    assert_string_equal(peer_do(p, &o[2])->path,
                        "/s-0000000002"); /* the refused multi used no number: S40 */
}

void test_multi_applied(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation o[] = {op_create("/d", "x", ROTA_MODE_PERSISTENT),
                                 op_create("/d/e", NULL, ROTA_MODE_EPHEMERAL),
                                 op_create("/d/s-", "z", ROTA_MODE_SEQUENTIAL),
                                 op_set("/d", "y", 0),
                                 op_check("/d", 1),
                                 op_set("/a", "first", 0),
                                 op_set("/a", "second", 1),
                                 op_delete("/b", 0),
                                 op_create("/b", "again", ROTA_MODE_PERSISTENT)};
    struct rota_operation read_a = op_exists("/a", false);
    struct rota_operation read_b = op_exists("/b", false);
    const struct rota_reply *r;
    struct rota_stat a;
    struct rota_stat b;

    do_create(p, "/a", "x", ROTA_MODE_PERSISTENT);
    do_create(p, "/b", "x", ROTA_MODE_PERSISTENT);
    r = peer_multi(p, o, 9);
    assert_int_equal(r->rc, ROTA_ERR_OK);
    assert_int_equal(r->result_count, 9);
    for (int i = 0; i < 9; i++)
        assert_int_equal(r->results[i].rc, ROTA_ERR_OK);
    assert_string_equal(r->results[0].path, "/d");
    assert_string_equal(r->results[1].path, "/d/e");
    assert_string_equal(r->results[2].path, "/d/s-0000000001");
    assert_int_equal(r->results[3].stat.version, 1);
    assert_int_equal(r->results[6].stat.version, 2);
    a = peer_do(p, &read_a)->stat;
    b = peer_do(p, &read_b)->stat;
    assert_int_equal(a.mzxid, b.czxid); /* one transaction: S3 */
    assert_int_equal(a.version, 2);
    assert_int_equal(b.version, 0);
    expect_data(p, "/d", "y");
    expect_data(p, "/b", "again");
    assert_int_equal(peer_multi(p, NULL, 0)->rc, ROTA_ERR_OK);
}

void test_multi_guarded(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation container[] = {op_create("/a", "x", ROTA_MODE_PERSISTENT),
                                         op_create("/c", "x", ROTA_MODE_CONTAINER)};
    struct rota_operation paths[] = {op_create("/a", "x", ROTA_MODE_PERSISTENT),
                                     op_create("/b//c", "x", ROTA_MODE_PERSISTENT),
                                     op_delete("/d", -1)};
    struct rota_operation read[] = {op_get("/", false)};

    assert_int_equal(peer_multi(p, container, 2)->rc, ROTA_ERR_BAD_ARGUMENTS);
    assert_int_equal(peer_multi(p, paths, 3)->rc, ROTA_ERR_BAD_ARGUMENTS);
    assert_int_equal(peer_multi(p, read, 1)->rc, ROTA_ERR_BAD_ARGUMENTS);
    assert_false(node_exists(p, "/a"));
}

void test_versions(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation set = op_set("/a", "y", -1);
    struct rota_stat first = do_create(p, "/a", "x", ROTA_MODE_PERSISTENT);
    struct rota_stat second;

    assert_int_equal(first.version, 0);
    assert_int_equal(first.mzxid, first.czxid);
    assert_int_equal(peer_do(p, &set)->stat.version, 1);
    set.version = 1;
    assert_int_equal(peer_do(p, &set)->stat.version, 2);
    do_refused(p, set, ROTA_ERR_BAD_VERSION);
    do_refused(p, op_delete("/a", 1), ROTA_ERR_BAD_VERSION);
    do_delete(p, "/a");
    second = do_create(p, "/a", "x", ROTA_MODE_PERSISTENT);
    assert_int_equal(second.version,
                     0); /* a version alone does not tell incarnations apart: S23, hazard 2 */
    assert_true(second.czxid > first.czxid);
}

void test_sequence(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation next = op_create("/d/t-", "x", ROTA_MODE_SEQUENTIAL);
    struct rota_operation brief = op_create("/d/e-", "x", ROTA_MODE_EPHEMERAL_SEQUENTIAL);

    do_create(p, "/d", NULL, ROTA_MODE_PERSISTENT);
    assert_string_equal(peer_do(p, &next)->path, "/d/t-0000000000");
    do_create(p, "/d/other", NULL, ROTA_MODE_PERSISTENT);
    do_refused(p, op_create("/d/other", NULL, ROTA_MODE_PERSISTENT), ROTA_ERR_NODE_EXISTS);
    do_delete(p, "/d/other");
    assert_string_equal(peer_do(p, &brief)->path, "/d/e-0000000002");
    assert_string_equal(peer_do(p, &next)->path, "/d/t-0000000003");
    do_create(p, "/d/t-0000000005", NULL, ROTA_MODE_PERSISTENT);
    do_refused(p, next, ROTA_ERR_NODE_EXISTS); /* the name is taken, and the counter stays: S11 */
    do_refused(p, next, ROTA_ERR_NODE_EXISTS);
}

void test_czxid_grows(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);
    int64_t last = 0;

    do_create(p, "/d", NULL, ROTA_MODE_PERSISTENT);
    for (int i = 0; i < MANY; i++) {
        struct peer *creator = i % 2 == 0 ? p : q;
        struct rota_stat stat = do_create(creator, "/d/x", NULL, ROTA_MODE_PERSISTENT);

        assert_true(stat.czxid > last);
        last = stat.czxid;
        do_delete(creator, "/d/x");
    }
}

/* A listing may be longer than the longest request. */
static void expect_long_listing(struct peer *p)
{
    char path[LONG_NAME] = "/long/";
    struct rota_operation next = op_create(path, "", ROTA_MODE_SEQUENTIAL);
    struct rota_operation list = op_children("/long", false);
    const struct rota_reply *r;
    size_t bytes = 0;

    memset(path + strlen(path), 'l', sizeof path - strlen(path) - 1);
    do_create(p, "/long", NULL, ROTA_MODE_PERSISTENT);
    for (int i = 0; i < LONG_MANY; i++)
        peer_send(p, &next);
    r = peer_do(p, &list);
    for (uint32_t i = 0; i < r->child_count; i++)
        bytes += strlen(r->children[i]);
    assert_int_equal(r->child_count, LONG_MANY);
    assert_true(bytes > ROTA_REQUEST_LIMIT);
}

void test_children(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation next = op_create("/d/t-", "x", ROTA_MODE_SEQUENTIAL);
    struct rota_operation list = op_children("/d", false);
    bool seen[MANY] = {false};
    const struct rota_reply *r;

    do_create(p, "/d", NULL, ROTA_MODE_PERSISTENT);
    assert_int_equal(peer_do(p, &list)->child_count, 0);
    for (int i = 0; i < MANY; i++)
        peer_send(p, &next);
    r = peer_do(p, &list);
    assert_int_equal(r->rc, ROTA_ERR_OK);
    assert_int_equal(r->child_count, MANY);
    assert_int_equal(r->stat.num_children, MANY);
    for (uint32_t i = 0; i < r->child_count; i++) {
        long n = strtol(r->children[i] + strlen("t-"), NULL, 10);

        assert_in_range(n, 0, MANY - 1);
        assert_false(seen[n]);
        seen[n] = true;
    }
    expect_long_listing(p);
}

void test_access(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);
    const struct rota_acl reader = {ROTA_PERM_READ, "world", "anyone"};
    const struct rota_acl creator = {ROTA_PERM_ALL, "auth", ""};
    struct rota_operation auth = {.op = ROTA_OP_ADD_AUTH, .scheme = "digest"};
    struct rota_operation o = op_create("/read", "x", ROTA_MODE_PERSISTENT);
    struct rota_operation get_acl = {.op = ROTA_OP_GET_ACL, .path = "/read"};
    const struct rota_reply *r;
    uint64_t tag;

    o.acl = &reader;
    o.acl_count = 1;
    assert_int_equal(peer_do(p, &o)->rc, ROTA_ERR_OK);
    expect_data(p, "/read", "x");
    do_refused(p, op_set("/read", "y", 9), ROTA_ERR_NO_AUTH); /* checked before BAD_VERSION: S26 */
    r = peer_do(p, &get_acl);
    assert_int_equal(r->rc, ROTA_ERR_OK);
    assert_int_equal(r->acl_count, 1);
    assert_int_equal(r->acl[0].perms, ROTA_PERM_READ);
    assert_string_equal(r->acl[0].scheme, "world");
    o.acl_count = 0;
    do_refused(p, o, ROTA_ERR_INVALID_ACL);

    auth.data = (struct rota_bytes){"ada:lovelace", 12};
    tag = peer_send(p, &auth);
    do_sync(p); /* credentials are sent with the next request */
    assert_int_equal(peer_await(p, tag)->rc, ROTA_ERR_OK);
    o = op_create("/mine", "x", ROTA_MODE_PERSISTENT);
    o.acl = &creator;
    o.acl_count = 1;
    assert_int_equal(peer_do(p, &o)->rc, ROTA_ERR_OK);
    expect_data(p, "/mine", "x");
    do_refused(q, op_get("/mine", false), ROTA_ERR_NO_AUTH);
}

void test_too_large(struct stage *s)
{
    enum { LIMIT = 1048575 };
    struct peer *p = peer_connect(s, 0);
    char *bytes = rota_memory_zeroed(1, LIMIT);
    struct rota_client_id id = session_of(p);
    struct rota_operation set = op_set("/a", NULL, -1);
    struct rota_operation get = op_get("/a", false);
    uint64_t first;
    uint64_t second;
    size_t from;
    int32_t rc;

    do_create(p, "/a", "x", ROTA_MODE_PERSISTENT);
    from = p->count;
    set.data = (struct rota_bytes){bytes, LIMIT};
    first = peer_send(p, &set);
    second = peer_send(p, &get);
    assert_true(rc_is_unknown(peer_await(p, first)->rc));
    rc = peer_await(p, second)->rc; /* the client may have connected again before it is sent */
    assert_true(rc == ROTA_ERR_OK || rc_is_unknown(rc));
    await_state(p, ROTA_SESSION_CONNECTED, from);
    assert_int_equal(session_of(p).id, id.id);
    expect_data(p, "/a", "x");
    free(bytes);
}
