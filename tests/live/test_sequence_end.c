/* The last sequence numbers that a parent gives, on a real server (S12). Two thousand million
 * creates would take days, so the server starts with a transaction log that the test writes: the
 * transaction that creates the first child contains the number of children created so far. A unit
 * test of the server expects the same of the simulator. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "model/base/error.h"
#include "tests/live/probe.h"
#include "tests/live/zkserver.h"

enum { SESSION_MS = 6000, CREATE = 1, ALL = 31, END_OF_RECORD = 'B', LOG_VERSION = 2 };

/* A record in ZooKeeper's format, with big-endian numbers. */
struct record {
    uint8_t bytes[512];
    size_t length;
};

static void put(struct record *r, const void *bytes, size_t length)
{
    assert_true(r->length + length <= sizeof r->bytes);
    memcpy(r->bytes + r->length, bytes, length);
    r->length += length;
}

static void put_int(struct record *r, int32_t number)
{
    uint32_t n = htonl((uint32_t)number);

    put(r, &n, sizeof n);
}

static void put_long(struct record *r, int64_t number)
{
    put_int(r, (int32_t)(number >> 32));
    put_int(r, (int32_t)number);
}

static void put_text(struct record *r, const char *text)
{
    put_int(r, (int32_t)strlen(text));
    put(r, text, strlen(text));
}

static uint32_t adler32(const struct record *r)
{
    const uint32_t prime = 65521;
    uint32_t a = 1, b = 0;

    for (size_t i = 0; i < r->length; i++) {
        a = (a + r->bytes[i]) % prime;
        b = (b + a) % prime;
    }
    return b << 16 | a;
}

/* Adds a create transaction to the log, after which the parent has had that many creates. */
static void add_create(struct record *log, int64_t zxid, const char *path, int32_t creates)
{
    struct record r = {0};

    put_long(&r, 1); /* session */
    put_int(&r, 0);  /* number of the request */
    put_long(&r, zxid);
    put_long(&r, 1600000000000);
    put_int(&r, CREATE);
    put_text(&r, path);
    put_int(&r, -1); /* no data */
    put_int(&r, 1);  /* one entry in the access list */
    put_int(&r, ALL);
    put_text(&r, "world");
    put_text(&r, "anyone");
    put(&r, "", 1); /* not ephemeral */
    put_int(&r, creates);
    put_long(log, adler32(&r));
    put_int(log, (int32_t)r.length);
    put(log, r.bytes, r.length);
    put(log, (uint8_t[]){END_OF_RECORD}, 1);
}

static void write_log(const char *folder)
{
    struct record log = {0};
    char path[512];
    FILE *f;

    put(&log, "ZKLG", 4);
    put_int(&log, LOG_VERSION);
    put_long(&log, 0); /* database */
    add_create(&log, 1, "/p", 1);
    add_create(&log, 2, "/p/first", INT32_MAX - 1);
    snprintf(path, sizeof path, "%s/data", folder);
    assert_int_equal(mkdir(path, 0777), 0);
    snprintf(path, sizeof path, "%s/data/version-2", folder);
    assert_int_equal(mkdir(path, 0777), 0);
    snprintf(path, sizeof path, "%s/data/version-2/log.1", folder);
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(log.bytes, log.length, 1, f), 1);
    assert_int_equal(fclose(f), 0);
}

static int32_t create(struct probe *p, const char *path, enum rota_mode mode)
{
    return probe_ask(
        p, (struct rota_operation){
               .op = ROTA_OP_CREATE, .path = path, .data = ROTA_NULL_BYTES, .mode = mode});
}

static struct rota_stat parent(struct probe *p)
{
    struct rota_operation exists = {.op = ROTA_OP_EXISTS, .path = "/p"};

    assert_int_equal(probe_ask(p, exists), ROTA_ERR_OK);
    return p->event.reply.stat;
}

static void sequence_numbers_end_and_stick(void **state)
{
    const struct rota_zkserver *server = *state;
    struct probe p = {0};
    int64_t pzxid;

    probe_connect(&p, server->hosts, SESSION_MS, NULL);
    assert_int_equal(create(&p, "/p/x", ROTA_MODE_SEQUENTIAL), ROTA_ERR_OK);
    assert_string_equal(p.event.reply.path, "/p/x2147483646");
    pzxid = parent(&p).pzxid;
    assert_int_equal(create(&p, "/p/x", ROTA_MODE_SEQUENTIAL), ROTA_ERR_OK);
    assert_string_equal(p.event.reply.path, "/p/x2147483647");
    assert_int_equal(create(&p, "/p/x", ROTA_MODE_SEQUENTIAL), ROTA_ERR_NODE_EXISTS);
    assert_int_equal(create(&p, "/p/y", ROTA_MODE_SEQUENTIAL), ROTA_ERR_OK);
    assert_string_equal(p.event.reply.path, "/p/y2147483647");
    assert_int_equal(create(&p, "/p/chosen", ROTA_MODE_PERSISTENT), ROTA_ERR_OK);
    assert_int_equal(parent(&p).pzxid, pzxid);
    assert_int_equal(parent(&p).num_children, 5);
    assert_int_equal(parent(&p).cversion, (int32_t)(2u * INT32_MAX - 5u)); /* S8, in 32 bits */
    probe_close(&p);
    probe_await(&p, ROTA_SESSION_CLOSED);
    probe_end(&p);
}

static int begin(void **state)
{
    struct rota_zkserver *server = calloc(1, sizeof *server);
    struct rota_zkserver_config config = {.more = "snapshot.trust.empty=true\n"};
    const char *parent_folder = getenv("TMPDIR");
    char folder[256];

    assert_non_null(server);
    *state = server;
    snprintf(folder, sizeof folder, "%s/rota-zk-XXXXXX",
             parent_folder != NULL ? parent_folder : "/tmp");
    config.directory = mkdtemp(folder);
    assert_non_null(config.directory);
    write_log(folder);
    if (rota_zkserver_start(server, &config)) {
        server->temporary = true;
        return 0;
    }
    fprintf(stderr, "test_sequence_end: %s\n", server->error);
    return -1;
}

static int end(void **state)
{
    rota_zkserver_close(*state);
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequence_numbers_end_and_stick),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
