/* A server under test. Its output becomes a log, one line each:
 *
 *     #3 +/a          a commit: its zxid and its changes (+ create, - delete, = set, % access list,
 *                     ? check), or "refused NO_NODE", "session opened", "closed", "expired",
 * "reaped" c1 CREATED /a   a watch event on connection 1 c1 OK /a        a reply c1 cut the server
 * has closed connection 1
 */
#ifndef ROTA_TESTS_UNIT_SERVER_SERVER_BENCH_H
#define ROTA_TESTS_UNIT_SERVER_SERVER_BENCH_H

#include "server/server.h"

/* The bytes of a Stat without the padding at its end. */
#define STAT_BYTES (offsetof(struct rota_stat, num_children) + sizeof(int32_t))

struct bench {
    struct rota_server *server;
    int64_t now_ms;
    char log[16384];
    size_t length;
    /* the last reply */
    int32_t rc;
    struct rota_stat stat;
    char path[256];
    char data[256];
    int32_t data_length;
    char children[1024]; /* each followed by a space */
    int32_t results[16];
    uint32_t result_count;
    struct rota_stat result_stats[16];
    struct rota_acl acl;
    char acl_id[128];
};

extern const struct rota_server_sink bench_sink;

/* Makes a server with default settings and this seed, at time 0. */
void bench_open(struct bench *b, uint64_t seed);
void bench_close(struct bench *b);

/* Connects with a new session of 10 s, and clears the log. */
struct rota_session_grant bench_connect(struct bench *b, uint64_t connection);

/* Execute one request, and check the server's lists. Return the code of the reply, INT32_MAX if
 * there is no reply. */
int32_t bench_create(struct bench *b, uint64_t c, const char *path, enum rota_mode mode);
int32_t bench_set(struct bench *b, uint64_t c, const char *path, const char *data, int32_t version);
int32_t bench_delete(struct bench *b, uint64_t c, const char *path, int32_t version);
int32_t bench_read(struct bench *b, uint64_t c, enum rota_op op, const char *path, bool watch);
int32_t bench_multi(struct bench *b, uint64_t c, const struct rota_operation *o, uint32_t count);
int32_t bench_request(struct bench *b, uint64_t c, struct rota_operation o);

/* Operations for a multi. */
struct rota_operation op_create(const char *path, enum rota_mode mode);
struct rota_operation op_set(const char *path, const char *data, int32_t version);
struct rota_operation op_delete(const char *path, int32_t version);
struct rota_operation op_check(const char *path, int32_t version);

/* Compares the log with this text, and clears it. */
void bench_expect(struct bench *b, const char *expected);

/* Clears the log. */
void bench_clear(struct bench *b);

#endif
