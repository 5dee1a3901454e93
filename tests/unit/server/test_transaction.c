/* Reads and writes: rules S1-S47. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "system/memory.h"
#include "tests/unit/server/server_bench.h"

#define PERSISTENT ROTA_MODE_PERSISTENT
#define EPHEMERAL  ROTA_MODE_EPHEMERAL
#define SEQUENTIAL ROTA_MODE_SEQUENTIAL

static int setup(void **state)
{
    struct bench *b = rota_memory_zeroed(1, sizeof *b);

    bench_open(b, 1);
    bench_connect(b, 1);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench_close(*state);
    free(*state);
    return 0;
}

static struct rota_stat stat_of(const struct bench *b, const char *path)
{
    const struct rota_tree *t = rota_server_tree(b->server);
    rota_ref node = rota_tree_find(t, path);

    assert_int_not_equal(node, 0);
    return rota_tree_stat(t, node);
}

static bool exists(const struct bench *b, const char *path)
{
    return rota_tree_find(rota_server_tree(b->server), path) != 0;
}

/* The fields of a znode, to set values that two billion requests would reach. */
static struct rota_node *node_of(const struct bench *b, const char *path)
{
    const struct rota_tree *t = rota_server_tree(b->server);

    return rota_tree_node(t, rota_tree_find(t, path));
}

/* S1-S4, S20 */
static void every_write_takes_one_zxid_refused_or_not(void **state)
{
    struct bench *b = *state;
    struct rota_operation two[] = {op_create("/m", PERSISTENT), op_delete("/none", -1)};

    bench_create(b, 1, "/a", PERSISTENT);
    bench_create(b, 1, "/a", PERSISTENT);
    bench_read(b, 1, ROTA_OP_EXISTS, "/a", false);
    bench_delete(b, 1, "/none", -1);
    bench_multi(b, 1, two, 2);
    bench_multi(b, 1, NULL, 0);
    bench_read(b, 1, ROTA_OP_SYNC, "/x", false);
    bench_set(b, 1, "/a", "x", 5);
    bench_expect(b, "#2 +/a\nc1 OK /a\n"
                    "#3 refused NODE_EXISTS\nc1 NODE_EXISTS\n"
                    "c1 OK\n"
                    "#4 refused NO_NODE\nc1 NO_NODE\n"
                    "#5 refused NO_NODE\nc1 NO_NODE\n"
                    "#6\nc1 OK\n"
                    "c1 OK /x\n"
                    "#7 refused BAD_VERSION\nc1 BAD_VERSION\n");
    assert_int_equal(rota_server_last_zxid(b->server), 7);
}

/* S7, S9: sequence numbers count all creates, are not reduced by deletes and begin again with the
 * parent */
static void sequence_number_is_the_internal_cversion(void **state)
{
    struct bench *b = *state;

    bench_create(b, 1, "/p", PERSISTENT);
    bench_create(b, 1, "/p/plain", PERSISTENT);
    bench_delete(b, 1, "/p/plain", -1);
    bench_create(b, 1, "/p/plain/no", PERSISTENT); /* refused, so not counted */
    bench_create(b, 1, "/p/s-", SEQUENTIAL);
    assert_string_equal(b->path, "/p/s-0000000001");
    assert_int_equal(stat_of(b, "/p").cversion, 3); /* S8: two creates, one delete */
    bench_delete(b, 1, "/p/s-0000000001", -1);
    bench_delete(b, 1, "/p", -1);
    bench_create(b, 1, "/p", PERSISTENT);
    bench_create(b, 1, "/p/s-", ROTA_MODE_EPHEMERAL_SEQUENTIAL);
    assert_string_equal(b->path, "/p/s-0000000000");
}

/* S11 */
static void taken_sequence_name_blocks_until_another_create(void **state)
{
    struct bench *b = *state;

    bench_create(b, 1, "/p", PERSISTENT);
    bench_create(b, 1, "/p/x0000000001", PERSISTENT);
    assert_int_equal(bench_create(b, 1, "/p/x", SEQUENTIAL), ROTA_ERR_NODE_EXISTS);
    assert_int_equal(bench_create(b, 1, "/p/x", SEQUENTIAL), ROTA_ERR_NODE_EXISTS);
    bench_create(b, 1, "/p/other", PERSISTENT);
    assert_int_equal(bench_create(b, 1, "/p/x", SEQUENTIAL), ROTA_ERR_OK);
    assert_string_equal(b->path, "/p/x0000000002");
}

/* S12; tests/live/test_sequence_end.c checks the same on a real server */
static void sequence_counter_stops_at_its_largest_number(void **state)
{
    struct bench *b = *state;
    int64_t pzxid;

    bench_create(b, 1, "/p", PERSISTENT);
    node_of(b, "/p")->cversion = INT32_MAX - 1;
    bench_create(b, 1, "/p/x", SEQUENTIAL);
    assert_string_equal(b->path, "/p/x2147483646");
    pzxid = stat_of(b, "/p").pzxid;
    bench_create(b, 1, "/p/x", SEQUENTIAL);
    assert_string_equal(b->path, "/p/x2147483647");
    assert_int_equal(bench_create(b, 1, "/p/x", SEQUENTIAL), ROTA_ERR_NODE_EXISTS);
    assert_int_equal(bench_create(b, 1, "/p/y", SEQUENTIAL), ROTA_ERR_OK);
    assert_string_equal(b->path, "/p/y2147483647");
    assert_int_equal(bench_create(b, 1, "/p/chosen", PERSISTENT), ROTA_ERR_OK);
    assert_int_equal(node_of(b, "/p")->cversion, INT32_MAX);
    assert_int_equal(stat_of(b, "/p").pzxid, pzxid);
    assert_int_equal(stat_of(b, "/p").num_children, 4);
    assert_int_equal(stat_of(b, "/p").cversion, (int32_t)(2u * INT32_MAX - 4u)); /* in 32 bits */
}

/* S13 */
static void sequential_name_may_be_empty(void **state)
{
    struct bench *b = *state;

    bench_create(b, 1, "/q", PERSISTENT);
    bench_create(b, 1, "/q/", SEQUENTIAL);
    assert_string_equal(b->path, "/q/0000000000");
    bench_create(b, 1, "/", SEQUENTIAL);
    assert_string_equal(b->path, "/0000000001");
}

/* S14-S18 */
static void each_write_changes_these_fields_and_no_others(void **state)
{
    struct bench *b = *state;
    struct rota_acl acl = {ROTA_PERM_ALL, "digest", "u:p"};
    struct rota_stat p, c;

    b->now_ms = 1000;
    bench_create(b, 1, "/p", PERSISTENT); /* 2 */
    b->now_ms = 2000;
    bench_create(b, 1, "/p/c", PERSISTENT); /* 3 */
    p = stat_of(b, "/p");
    assert_int_equal(p.czxid, 2);
    assert_int_equal(p.mzxid, 2);
    assert_int_equal(p.pzxid, 3);
    assert_int_equal(p.mtime_ms, 1000);
    assert_int_equal(p.cversion, 1);
    assert_int_equal(p.num_children, 1);
    bench_set(b, 1, "/p/c", "abc", 0); /* 4 */
    c = b->stat;
    assert_int_equal(c.version, 1);
    assert_int_equal(c.czxid, 3);
    assert_int_equal(c.mzxid, 4);
    assert_int_equal(c.pzxid, 3);
    assert_int_equal(c.data_length, 3);
    assert_int_equal(stat_of(b, "/p").pzxid, 3);
    bench_set(b, 1, "/p/c", "abc", 1); /* 5: the same data counts too (S16) */
    assert_int_equal(b->stat.version, 2);
    bench_request(b, 1,
                  (struct rota_operation){.op = ROTA_OP_SET_ACL, /* 6 */
                                          .path = "/p/c",
                                          .version = -1,
                                          .acl = &acl,
                                          .acl_count = 1});
    assert_int_equal(b->stat.aversion, 1);
    assert_int_equal(b->stat.version, 2);
    assert_int_equal(b->stat.mzxid, 5);
    bench_delete(b, 1, "/p/c", 2); /* 7 */
    p = stat_of(b, "/p");
    assert_int_equal(p.pzxid, 7);
    assert_int_equal(p.mzxid, 2);
    assert_int_equal(p.cversion, 2);
    assert_int_equal(p.num_children, 0);
    bench_create(b, 1, "/container", ROTA_MODE_CONTAINER);
    assert_int_equal(stat_of(b, "/container").ephemeral_owner, 0);
    bench_create(b, 1, "/e", EPHEMERAL);
    assert_int_equal(stat_of(b, "/e").ephemeral_owner, rota_server_session_of(b->server, 1));
}

/* S22, S23 */
static void versions_are_checked(void **state)
{
    struct bench *b = *state;

    bench_create(b, 1, "/a", PERSISTENT);
    assert_int_equal(bench_set(b, 1, "/a", "x", -2), ROTA_ERR_BAD_VERSION);
    assert_int_equal(bench_set(b, 1, "/a", "x", 1), ROTA_ERR_BAD_VERSION);
    assert_int_equal(bench_set(b, 1, "/a", "x", -1), ROTA_ERR_OK);
    assert_int_equal(bench_delete(b, 1, "/a", 0), ROTA_ERR_BAD_VERSION);
    assert_int_equal(bench_delete(b, 1, "/a", 1), ROTA_ERR_OK);
    bench_create(b, 1, "/a", PERSISTENT);
    assert_int_equal(stat_of(b, "/a").version, 0);
    node_of(b, "/a")->version = INT32_MAX;
    bench_set(b, 1, "/a", "x", INT32_MAX);
    assert_int_equal(b->stat.version, INT32_MIN);
}

static const struct rota_acl nobody = {ROTA_PERM_ALL, "digest", "nobody:x"};

static void create_closed(struct bench *b, const char *path)
{
    struct rota_operation o = op_create(path, PERSISTENT);

    o.acl = &nobody;
    o.acl_count = 1;
    assert_int_equal(bench_request(b, 1, o), ROTA_ERR_OK);
}

/* S24 */
static void create_refuses_in_this_order(void **state)
{
    struct bench *b = *state;
    struct rota_operation o = op_create("no-slash", (enum rota_mode)9);
    struct rota_acl none;

    bench_create(b, 1, "/e", EPHEMERAL);
    create_closed(b, "/closed");
    o.acl = &none;
    o.acl_count = 0;
    assert_int_equal(bench_request(b, 1, o), ROTA_ERR_BAD_ARGUMENTS);
    o.mode = ROTA_MODE_TTL;
    assert_int_equal(bench_request(b, 1, o), ROTA_ERR_BAD_ARGUMENTS);
    o.mode = PERSISTENT;
    assert_int_equal(bench_request(b, 1, o), ROTA_ERR_BAD_ARGUMENTS);
    o.path = "/none/x";
    assert_int_equal(bench_request(b, 1, o), ROTA_ERR_INVALID_ACL);
    o.path = "/e";
    assert_int_equal(bench_request(b, 1, o), ROTA_ERR_INVALID_ACL);
    assert_int_equal(bench_create(b, 1, "/none/\x7f", PERSISTENT), ROTA_ERR_NO_NODE);
    assert_int_equal(bench_create(b, 1, "/closed/\x7f", PERSISTENT), ROTA_ERR_NO_AUTH);
    assert_int_equal(bench_create(b, 1, "/\x7f", PERSISTENT), ROTA_ERR_BAD_ARGUMENTS);
    assert_int_equal(bench_create(b, 1, "/e/x", PERSISTENT), ROTA_ERR_NO_CHILDREN_FOR_EPHEMERALS);
    assert_int_equal(bench_create(b, 1, "/e/x", SEQUENTIAL), ROTA_ERR_NO_CHILDREN_FOR_EPHEMERALS);
    assert_int_equal(bench_create(b, 1, "/e/x/y", PERSISTENT), ROTA_ERR_NO_NODE);
    assert_int_equal(bench_create(b, 1, "/e", PERSISTENT), ROTA_ERR_NODE_EXISTS);
}

/* S25, S28: the permission to delete is one of the parent */
static void delete_refuses_in_this_order(void **state)
{
    struct bench *b = *state;

    bench_create(b, 1, "/p", PERSISTENT);
    bench_create(b, 1, "/p/c", PERSISTENT);
    create_closed(b, "/closed");
    assert_int_equal(bench_delete(b, 1, "/none/x", 5), ROTA_ERR_NO_NODE);
    assert_int_equal(bench_delete(b, 1, "/closed/none", 5), ROTA_ERR_NO_AUTH);
    assert_int_equal(bench_delete(b, 1, "/none", 5), ROTA_ERR_NO_NODE);
    assert_int_equal(bench_delete(b, 1, "/p", 5), ROTA_ERR_BAD_VERSION);
    assert_int_equal(bench_delete(b, 1, "/p", 0), ROTA_ERR_NOT_EMPTY);
    assert_int_equal(bench_delete(b, 1, "/closed", -1), ROTA_ERR_OK);
}

/* S26, S27 */
static void set_check_and_set_acl_refuse_in_this_order(void **state)
{
    struct bench *b = *state;
    struct rota_operation acl = {.op = ROTA_OP_SET_ACL, .path = "/none", .acl = &nobody};
    struct rota_operation check[] = {op_check("/closed", 5)};

    create_closed(b, "/closed");
    assert_int_equal(bench_set(b, 1, "/\x7f", "", 5), ROTA_ERR_BAD_ARGUMENTS);
    assert_int_equal(bench_set(b, 1, "/none", "", 5), ROTA_ERR_NO_NODE);
    assert_int_equal(bench_set(b, 1, "/closed", "", 5), ROTA_ERR_NO_AUTH);
    assert_int_equal(bench_multi(b, 1, check, 1), ROTA_ERR_NO_AUTH);
    check[0] = op_check("/none", 5);
    assert_int_equal(bench_multi(b, 1, check, 1), ROTA_ERR_NO_NODE);
    check[0] = op_check("/\x1f", 5);
    assert_int_equal(bench_multi(b, 1, check, 1), ROTA_ERR_BAD_ARGUMENTS);
    check[0] = op_check("/", 5);
    assert_int_equal(bench_multi(b, 1, check, 1), ROTA_ERR_BAD_VERSION);
    assert_int_equal(bench_request(b, 1, acl), ROTA_ERR_INVALID_ACL);
    acl.acl_count = 1;
    assert_int_equal(bench_request(b, 1, acl), ROTA_ERR_NO_NODE);
    acl.path = "/closed";
    assert_int_equal(bench_request(b, 1, acl), ROTA_ERR_NO_AUTH);
    acl.path = "/zookeeper";
    acl.version = 5;
    assert_int_equal(bench_request(b, 1, acl), ROTA_ERR_BAD_VERSION);
    acl.path = "/\x7f";
    assert_int_equal(bench_request(b, 1, acl), ROTA_ERR_BAD_ARGUMENTS);
}

/* S28 */
static void reads_do_not_validate_paths_and_exists_needs_no_permission(void **state)
{
    struct bench *b = *state;

    create_closed(b, "/closed");
    assert_int_equal(bench_read(b, 1, ROTA_OP_GET, "//", false), ROTA_ERR_NO_NODE);
    assert_int_equal(bench_read(b, 1, ROTA_OP_GET, "/closed", false), ROTA_ERR_NO_AUTH);
    assert_int_equal(bench_read(b, 1, ROTA_OP_CHILDREN, "/closed", false), ROTA_ERR_NO_AUTH);
    assert_int_equal(bench_read(b, 1, ROTA_OP_GET_ACL, "/closed", false), ROTA_ERR_NO_AUTH);
    assert_int_equal(bench_read(b, 1, ROTA_OP_EXISTS, "/closed", false), ROTA_ERR_OK);
    assert_int_equal(bench_read(b, 1, ROTA_OP_GET_ACL, "/", false), ROTA_ERR_OK);
    assert_string_equal(b->acl_id, "world:anyone");
    assert_int_equal(b->acl.perms, ROTA_PERM_ALL);
}

static int32_t add_auth(struct bench *b, uint64_t c, const char *scheme, const char *credentials)
{
    return bench_request(
        b, c,
        (struct rota_operation){.op = ROTA_OP_ADD_AUTH,
                                .scheme = scheme,
                                .data = {credentials, (int32_t)strlen(credentials)}});
}

/* S29, S88: "auth" stands for the identities of the connection; the digest is the one that
 * ZooKeeper's own tools print */
static void digest_permits_its_owner(void **state)
{
    struct bench *b = *state;
    struct rota_acl mine = {ROTA_PERM_ALL, "auth", ""};
    struct rota_operation o = op_create("/mine", PERSISTENT);

    o.acl = &mine;
    o.acl_count = 1;
    assert_int_equal(bench_request(b, 1, o), ROTA_ERR_INVALID_ACL);
    assert_int_equal(add_auth(b, 1, "digest", "super:admin"), ROTA_ERR_OK);
    assert_int_equal(bench_request(b, 1, o), ROTA_ERR_OK);
    assert_int_equal(bench_read(b, 1, ROTA_OP_GET_ACL, "/mine", false), ROTA_ERR_OK);
    assert_string_equal(b->acl_id, "digest:super:xQJmxLMiHGwaqBvst5y6rkB6HQs=");
    assert_int_equal(bench_read(b, 1, ROTA_OP_GET, "/mine", false), ROTA_ERR_OK);
    bench_connect(b, 2);
    assert_int_equal(bench_read(b, 2, ROTA_OP_GET, "/mine", false), ROTA_ERR_NO_AUTH);
    assert_int_equal(add_auth(b, 2, "digest", "super:other"), ROTA_ERR_OK);
    assert_int_equal(bench_read(b, 2, ROTA_OP_GET, "/mine", false), ROTA_ERR_NO_AUTH);
    assert_int_equal(add_auth(b, 2, "digest", "super:admin"), ROTA_ERR_OK);
    assert_int_equal(bench_read(b, 2, ROTA_OP_GET, "/mine", false), ROTA_ERR_OK);
}

/* Lengths at which SHA-1 begins another block; the digests come from Python's hashlib. */
static void digest_of_long_credentials(void **state)
{
    struct bench *b = *state;
    static const struct {
        int length;
        const char *digest;
    } known[] = {{51, "lygKtxaoysxmXOxBN0PLutseJ0E="},
                 {58, "KnlHaqBQzkGQilNyQdfPs9LQsuw="},
                 {59, "QaKZrBOV8k38s3XUR1krjCN2L1s="},
                 {60, "/GCi31g/CPlx73jM5S0oruVj4i4="},
                 {200, "nqeW60nU2cykLuaJa/IqNDC73CQ="}};
    struct rota_acl mine = {ROTA_PERM_ALL, "auth", ""};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct rota_operation o = op_create("/s", SEQUENTIAL);
        char credentials[256], expected[128];

        snprintf(credentials, sizeof credentials, "u:%0*d", known[i].length, 0);
        memset(credentials + 2, 'p', (size_t)known[i].length);
        snprintf(expected, sizeof expected, "digest:u:%s", known[i].digest);
        bench_connect(b, 10 + i);
        add_auth(b, 10 + i, "digest", credentials);
        o.acl = &mine;
        o.acl_count = 1;
        bench_request(b, 10 + i, o);
        snprintf(credentials, sizeof credentials, "%s", b->path);
        bench_read(b, 10 + i, ROTA_OP_GET_ACL, credentials, false);
        assert_string_equal(b->acl_id, expected);
    }
}

/* Credentials become a Java string: malformed bytes are replaced before the digest is made, and a
 * character outside of the basic plane is returned as two surrogates. */
static void digest_of_other_characters(void **state)
{
    struct bench *b = *state;
    static const struct {
        const char *credentials;
        const char *id;
    } known[] = {
        {"zo\xc3\xab:p", "digest:zo\xc3\xab:HjsiEMTsO8fWB2huhyGsqk7BI1I="},
        {"\xf0\x9f\x98\x80:p", "digest:\xed\xa0\xbd\xed\xb8\x80:mnxuLb+eH1AAHGgvuO6/0m5r6/g="},
        {"ann:\xff\xe2\x82", "digest:ann:8pxEYfUvihAk43fA7qPnBaJ/96I="},
    };
    struct rota_acl mine = {ROTA_PERM_ALL, "auth", ""};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct rota_operation o = op_create("/s", SEQUENTIAL);
        char path[256];

        bench_connect(b, 10 + i);
        add_auth(b, 10 + i, "digest", known[i].credentials);
        o.acl = &mine;
        o.acl_count = 1;
        bench_request(b, 10 + i, o);
        snprintf(path, sizeof path, "%s", b->path);
        assert_int_equal(bench_read(b, 10 + i, ROTA_OP_GET_ACL, path, false), ROTA_ERR_OK);
        assert_string_equal(b->acl_id, known[i].id);
        assert_int_equal(bench_read(b, 10 + i, ROTA_OP_GET, path, false), ROTA_ERR_OK);
        assert_int_equal(bench_read(b, 1, ROTA_OP_GET, path, false), ROTA_ERR_NO_AUTH);
    }
}

/* A connection that may read an access list but not change it sees the user names and not the
 * digests. */
static void digest_is_shown_to_those_who_may_change_it(void **state)
{
    struct bench *b = *state;
    struct rota_acl acl[] = {{ROTA_PERM_ADMIN, "auth", ""}, {ROTA_PERM_READ, "world", "anyone"}};
    struct rota_operation o = op_create("/mine", PERSISTENT);

    o.acl = acl;
    o.acl_count = 2;
    add_auth(b, 1, "digest", "super:admin");
    bench_request(b, 1, o);
    bench_read(b, 1, ROTA_OP_GET_ACL, "/mine", false);
    assert_string_equal(b->acl_id, "digest:super:xQJmxLMiHGwaqBvst5y6rkB6HQs=");
    bench_connect(b, 2);
    bench_read(b, 2, ROTA_OP_GET_ACL, "/mine", false);
    assert_string_equal(b->acl_id, "digest:super:x");
}

/* S88 */
static void refused_credentials_cut_the_connection(void **state)
{
    struct bench *b = *state;

    add_auth(b, 1, "world", "anyone");
    bench_expect(b, "c1 AUTH_FAILED\nc1 cut\n");
    bench_connect(b, 2);
    add_auth(b, 2, "kerberos", "a:b");
    bench_expect(b, "c2 AUTH_FAILED\nc2 cut\n");
}

/* Found by the conformance test: any bytes are valid for a digest, and an address needs no proof.
 */
static void digests_need_no_colon_and_addresses_no_proof(void **state)
{
    struct bench *b = *state;

    add_auth(b, 1, "digest", "nocolon");
    add_auth(b, 1, "digest", "");
    add_auth(b, 1, "ip", "10.0.0.1");
    bench_expect(b, "c1 OK\nc1 OK\nc1 OK\n");
}

/* Names of identities are Java strings, like paths. */
static void names_in_access_lists_are_encoded_as_java_does(void **state)
{
    struct bench *b = *state;
    struct rota_acl acl = {31, "digest", "\xff:\xf0\x90\x80\x80"};
    struct rota_operation o = op_create("/odd", PERSISTENT);
    struct rota_acl open = {31, "world", "anyone"};
    struct rota_acl both[] = {acl, open};

    o.acl = both;
    o.acl_count = 2;
    assert_int_equal(bench_request(b, 1, o), ROTA_ERR_OK);
    assert_int_equal(bench_read(b, 1, ROTA_OP_GET_ACL, "/odd", false), ROTA_ERR_OK);
    assert_string_equal(b->acl_id, "digest:\xef\xbf\xbd:\xed\xa0\x80\xed\xb0\x80");
}

/* Every connection comes from 127.0.0.1. */
static void addresses_match_by_their_leading_bits(void **state)
{
    struct bench *b = *state;
    static const struct {
        const char *id;
        int32_t rc;
    } cases[] = {
        {"127.0.0.1", ROTA_ERR_OK},      {"127.9.9.9/8", ROTA_ERR_OK},
        {"127.0.0.0/31", ROTA_ERR_OK},   {"127.0.0.3/31", ROTA_ERR_NO_AUTH},
        {"0.0.0.0/0", ROTA_ERR_OK},      {"10.0.0.1", ROTA_ERR_NO_AUTH},
        {"+127.0.0.01/32", ROTA_ERR_OK},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rota_acl acl = {31, "ip", cases[i].id};
        struct rota_operation o = op_create("/ip", PERSISTENT);

        o.acl = &acl;
        o.acl_count = 1;
        assert_int_equal(bench_request(b, 1, o), ROTA_ERR_OK);
        assert_int_equal(bench_read(b, 1, ROTA_OP_GET, "/ip", false), cases[i].rc);
        bench_delete(b, 1, "/ip", -1);
    }
}

/* S29 */
static void impossible_access_lists_are_refused(void **state)
{
    struct bench *b = *state;
    static const struct rota_acl lists[] = {
        {31, "world", "nobody"}, {31, "nothing", "x"},      {31, "digest", "nocolon"},
        {31, "digest", "a:b:c"}, {31, NULL, "x"},           {31, "ip", ""},
        {31, "ip", "127.0.0"},   {31, "ip", "127.0.0.256"}, {31, "ip", "1.1.1.1/33"},
        {31, "ip", "1.1.1.1/"},  {31, "ip", "1.1.1.1.1"},   {31, "ip", "1.1.1.-1"},
        {31, "digest", "a:"},    {31, "digest", ":"}};

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct rota_operation o = op_create("/x", PERSISTENT);

        o.acl = &lists[i];
        o.acl_count = 1;
        assert_int_equal(bench_request(b, 1, o), ROTA_ERR_INVALID_ACL);
    }
}

/* S32 */
static void root_and_zookeeper_cannot_be_deleted(void **state)
{
    struct bench *b = *state;

    assert_int_equal(bench_create(b, 1, "/", PERSISTENT), ROTA_ERR_NODE_EXISTS);
    assert_int_equal(bench_delete(b, 1, "/", -1), ROTA_ERR_BAD_ARGUMENTS);
    assert_int_equal(bench_delete(b, 1, "/zookeeper/quota", -1), ROTA_ERR_BAD_ARGUMENTS);
    assert_int_equal(bench_set(b, 1, "/", "x", -1), ROTA_ERR_OK);
    assert_int_equal(bench_set(b, 1, "/zookeeper", "x", -1), ROTA_ERR_OK);
    assert_int_equal(bench_set(b, 1, "/zookeeper/config", "x", -1), ROTA_ERR_NO_AUTH);
    assert_int_equal(bench_create(b, 1, "/zookeeper/x", PERSISTENT), ROTA_ERR_OK);
}

/* S33 */
static void no_data_differs_from_empty_data(void **state)
{
    struct bench *b = *state;

    bench_create(b, 1, "/a", PERSISTENT);
    bench_read(b, 1, ROTA_OP_GET, "/a", false);
    assert_int_equal(b->data_length, 0);
    bench_set(b, 1, "/a", NULL, -1);
    bench_read(b, 1, ROTA_OP_GET, "/a", false);
    assert_int_equal(b->data_length, -1);
    assert_int_equal(b->stat.data_length, 0);
    bench_set(b, 1, "/a", "text", -1);
    bench_read(b, 1, ROTA_OP_GET, "/a", false);
    assert_string_equal(b->data, "text");
}

/* S35: the numbers are those of the real server */
static void request_too_large_cuts_the_connection(void **state)
{
    struct bench *b = *state;
    static const char zeros[1048552];
    struct rota_operation o = op_set("/big", "", -1);

    bench_create(b, 1, "/big", PERSISTENT);
    o.data = (struct rota_bytes){zeros, 1048551};
    assert_int_equal(bench_request(b, 1, o), ROTA_ERR_OK);
    o.data.length = 1048552;
    bench_clear(b);
    bench_request(b, 1, o);
    bench_expect(b, "c1 cut\n");
    assert_false(rota_server_request(b->server, 1, &(struct rota_request){.operation = o}, 0));
    assert_int_equal(rota_server_session_count(b->server), 1); /* the session survives */
}

/* S39 */
static void containers_and_ttl_nodes_are_reaped_when_empty(void **state)
{
    struct bench *b = *state;
    struct rota_operation ttl = op_create("/ttl", ROTA_MODE_TTL);

    ttl.ttl_ms = 1000;
    assert_int_equal(bench_request(b, 1, ttl), ROTA_ERR_OK);
    bench_create(b, 1, "/unused", ROTA_MODE_CONTAINER);
    bench_create(b, 1, "/used", ROTA_MODE_CONTAINER);
    bench_create(b, 1, "/used/x", EPHEMERAL);
    assert_int_equal(rota_server_reap(b->server, 500), 0);
    bench_delete(b, 1, "/used/x", -1);
    bench_clear(b);
    assert_int_equal(rota_server_reap(b->server, 1000), 1);
    bench_expect(b, "#7 reaped -/used\n");
    assert_int_equal(rota_server_reap(b->server, 1001), 1);
    bench_expect(b, "#8 reaped -/ttl\n");
    assert_true(exists(b, "/unused"));
    bench_create(b, 1, "/outer", ROTA_MODE_CONTAINER);
    bench_create(b, 1, "/outer/inner", ROTA_MODE_CONTAINER);
    bench_create(b, 1, "/outer/inner/x", EPHEMERAL);
    bench_delete(b, 1, "/outer/inner/x", -1);
    assert_int_equal(rota_server_reap(b->server, 2000), 1);
    assert_int_equal(rota_server_reap(b->server, 3000), 1);
    assert_false(exists(b, "/outer"));
}

/* S39 */
static void containers_are_checked_at_regular_times(void **state)
{
    struct bench *b = *state;

    assert_int_equal(rota_server_next_reap(b->server, 0), INT64_MAX);
    bench_create(b, 1, "/c", ROTA_MODE_CONTAINER);
    assert_int_equal(rota_server_next_reap(b->server, 0), 60000);
    assert_int_equal(rota_server_next_reap(b->server, 59999), 60000);
    assert_int_equal(rota_server_next_reap(b->server, 60000), 120000);
    rota_server_begin_term(b->server, 61234);
    assert_int_equal(rota_server_next_reap(b->server, 70000), 121234);
}

/* S24 */
static void ttl_can_be_disabled(void **state)
{
    struct bench b;
    struct rota_operation ttl = op_create("/ttl", ROTA_MODE_TTL_SEQUENTIAL);

    (void)state;
    memset(&b, 0, sizeof b);
    b.server =
        rota_server_open(&(struct rota_server_config){.ttl_disabled = true}, &bench_sink, &b);
    bench_connect(&b, 1);
    assert_int_equal(bench_request(&b, 1, ttl), ROTA_ERR_UNIMPLEMENTED);
    bench_close(&b);
}

/* S40: each operation sees the effects of those before it */
static void multi_is_applied_in_order(void **state)
{
    struct bench *b = *state;
    struct rota_operation ops[] = {op_create("/p", PERSISTENT),
                                   op_create("/p/c", EPHEMERAL),
                                   op_set("/p", "1", 0),
                                   op_set("/p", "2", 1),
                                   op_delete("/p/c", 0),
                                   op_create("/p/c", PERSISTENT),
                                   op_create("/p/s-", SEQUENTIAL),
                                   op_create("/p/s-", SEQUENTIAL),
                                   op_check("/p", 2)};

    assert_int_equal(bench_multi(b, 1, ops, 9), ROTA_ERR_OK);
    bench_expect(b, "#2 +/p +/p/c =/p =/p -/p/c +/p/c +/p/s-0000000002 +/p/s-0000000003 ?/p\n"
                    "c1 OK /p /p/c /p/c /p/s-0000000002 /p/s-0000000003\n");
    assert_int_equal(b->result_stats[2].version, 1);
    assert_int_equal(b->result_stats[3].version, 2);
    assert_int_equal(stat_of(b, "/p").cversion, 5);
    assert_int_equal(stat_of(b, "/p").num_children, 3);
    assert_int_equal(stat_of(b, "/p/c").ephemeral_owner, 0);
    assert_int_equal(stat_of(b, "/p/c").czxid, 2);
}

/* S20, S40, S41 */
static void refused_multi_changes_nothing(void **state)
{
    struct bench *b = *state;
    struct rota_stat before[4], after[4];
    static const char *const paths[] = {"/", "/p", "/p/c", "/p/e"};
    struct rota_operation ops[] = {op_create("/p/new", EPHEMERAL),
                                   op_create("/p/s-", SEQUENTIAL),
                                   op_set("/p/c", "new", -1),
                                   op_set("/p/c", NULL, -1),
                                   op_delete("/p/c", 3),
                                   op_create("/p/c", EPHEMERAL),
                                   op_delete("/p/e", -1),
                                   op_check("/p", 7),
                                   op_delete("/p", -1)};

    bench_create(b, 1, "/p", PERSISTENT);
    bench_create(b, 1, "/p/c", PERSISTENT);
    bench_create(b, 1, "/p/e", EPHEMERAL);
    bench_set(b, 1, "/p/c", "old", -1);
    for (int i = 0; i < 4; i++)
        before[i] = stat_of(b, paths[i]);
    bench_clear(b);
    assert_int_equal(bench_multi(b, 1, ops, 9), ROTA_ERR_BAD_VERSION);
    bench_expect(b, "#6 refused BAD_VERSION\nc1 BAD_VERSION\n");
    for (int i = 0; i < 9; i++)
        assert_int_equal(b->results[i], i < 7    ? ROTA_ERR_OK
                                        : i == 7 ? ROTA_ERR_BAD_VERSION
                                                 : ROTA_ERR_INCONSISTENT);
    for (int i = 0; i < 4; i++) {
        after[i] = stat_of(b, paths[i]);
        assert_memory_equal(&before[i], &after[i], STAT_BYTES);
    }
    bench_read(b, 1, ROTA_OP_GET, "/p/c", false);
    assert_string_equal(b->data, "old");
    bench_create(b, 1, "/p/s-", SEQUENTIAL); /* the name that was rolled back */
    assert_string_equal(b->path, "/p/s-0000000002");
    bench_clear(b);
    bench_request(
        b, 1, (struct rota_operation){.op = ROTA_OP_CLOSE}); /* its only ephemeral is /p/e again */
    bench_expect(b, "#8 closed -/p/e\nc1 OK\n");
}

/* S47 */
static void sync_answers_the_path_whether_it_exists_or_not(void **state)
{
    struct bench *b = *state;

    assert_int_equal(bench_read(b, 1, ROTA_OP_SYNC, "/none", false), ROTA_ERR_OK);
    assert_string_equal(b->path, "/none");
}

/* Found by the conformance test: a server sends paths back as Java encodes them. */
static void sync_encodes_malformed_paths_as_java_does(void **state)
{
    struct bench *b = *state;
    static const char *const paths[][2] = {
        {"/\xe2\x82", "/\xef\xbf\xbd"},
        {"/\xe2\x82/a", "/\xef\xbf\xbd/a"},
        {"/\xe2(\xa1", "/\xef\xbf\xbd(\xef\xbf\xbd"},
        {"/\xc0\x80", "/\xef\xbf\xbd\xef\xbf\xbd"},
        {"/\xed\xa0\x80", "/\xef\xbf\xbd"},
        {"/\xf0\x90\x80\x80", "/\xed\xa0\x80\xed\xb0\x80"},
        {"/caf\xc3\xa9", "/caf\xc3\xa9"},
    };

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        bench_read(b, 1, ROTA_OP_SYNC, paths[i][0], false);
        assert_string_equal(b->path, paths[i][1]);
    }
}

/* S37 */
static void every_child_is_listed_once(void **state)
{
    struct bench *b = *state;

    bench_create(b, 1, "/p", PERSISTENT);
    bench_create(b, 1, "/p/a", PERSISTENT);
    bench_create(b, 1, "/p/b", PERSISTENT);
    bench_create(b, 1, "/p/c", PERSISTENT);
    bench_delete(b, 1, "/p/b", -1);
    bench_read(b, 1, ROTA_OP_CHILDREN, "/p", false);
    assert_non_null(strstr(b->children, "a "));
    assert_non_null(strstr(b->children, "c "));
    assert_int_equal(strlen(b->children), 4);
    assert_int_equal(b->stat.num_children, 2);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_write_takes_one_zxid_refused_or_not),
        CASE(sequence_number_is_the_internal_cversion),
        CASE(taken_sequence_name_blocks_until_another_create),
        CASE(sequence_counter_stops_at_its_largest_number),
        CASE(sequential_name_may_be_empty),
        CASE(each_write_changes_these_fields_and_no_others),
        CASE(versions_are_checked),
        CASE(create_refuses_in_this_order),
        CASE(delete_refuses_in_this_order),
        CASE(set_check_and_set_acl_refuse_in_this_order),
        CASE(reads_do_not_validate_paths_and_exists_needs_no_permission),
        CASE(digest_permits_its_owner),
        CASE(digest_of_long_credentials),
        CASE(digest_of_other_characters),
        CASE(digest_is_shown_to_those_who_may_change_it),
        CASE(refused_credentials_cut_the_connection),
        CASE(digests_need_no_colon_and_addresses_no_proof),
        CASE(names_in_access_lists_are_encoded_as_java_does),
        CASE(addresses_match_by_their_leading_bits),
        CASE(impossible_access_lists_are_refused),
        CASE(root_and_zookeeper_cannot_be_deleted),
        CASE(no_data_differs_from_empty_data),
        CASE(request_too_large_cuts_the_connection),
        CASE(containers_and_ttl_nodes_are_reaped_when_empty),
        CASE(containers_are_checked_at_regular_times),
        cmocka_unit_test(ttl_can_be_disabled),
        CASE(multi_is_applied_in_order),
        CASE(refused_multi_changes_nothing),
        CASE(sync_answers_the_path_whether_it_exists_or_not),
        CASE(sync_encodes_malformed_paths_as_java_does),
        CASE(every_child_is_listed_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
