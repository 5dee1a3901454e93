#include "tests/unit/server/server_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

__attribute__((format(printf, 2, 3))) static void log_add(struct bench *b, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(b->log + b->length, sizeof b->log - b->length, format, args);
    va_end(args);
    assert_true(n >= 0 && b->length + (size_t)n < sizeof b->log);
    b->length += (size_t)n;
}

static void keep_results(struct bench *b, const struct rota_reply *reply)
{
    b->result_count = reply->result_count;
    for (uint32_t i = 0; i < reply->result_count && i < 16; i++) {
        b->results[i] = reply->results[i].rc;
        b->result_stats[i] = reply->results[i].stat;
        if (reply->results[i].path != NULL)
            log_add(b, " %s", reply->results[i].path);
    }
}

static void on_reply(void *context, uint64_t connection, const struct rota_reply *reply)
{
    struct bench *b = context;

    log_add(b, "c%d %s", (int)connection, rota_error_name(reply->rc));
    if (reply->path != NULL)
        log_add(b, " %s", reply->path);
    b->rc = reply->rc;
    b->stat = reply->stat;
    snprintf(b->path, sizeof b->path, "%s", reply->path == NULL ? "" : reply->path);
    b->data_length = reply->data.length;
    snprintf(b->data, sizeof b->data, "%.*s", reply->data.length < 0 ? 0 : reply->data.length,
             reply->data.data == NULL ? "" : (const char *)reply->data.data);
    b->children[0] = '\0';
    for (uint32_t i = 0; i < reply->child_count; i++) {
        size_t used = strlen(b->children);

        snprintf(b->children + used, sizeof b->children - used, "%s ", reply->children[i]);
    }
    if (reply->acl_count > 0) {
        b->acl.perms = reply->acl[0].perms;
        snprintf(b->acl_id, sizeof b->acl_id, "%s:%s", reply->acl[0].scheme, reply->acl[0].id);
    }
    keep_results(b, reply);
    log_add(b, "\n");
}

static void on_watch(void *context, uint64_t connection, enum rota_watch_kind kind,
                     const char *path)
{
    static const char *const names[] = {"?", "CREATED", "DELETED", "CHANGED", "CHILD"};

    log_add(context, "c%d %s %s\n", (int)connection, names[kind], path);
}

static void on_cut(void *context, uint64_t connection)
{
    log_add(context, "c%d cut\n", (int)connection);
}

static const char *mark_of(enum rota_op op)
{
    return op == ROTA_OP_CREATE    ? "+"
           : op == ROTA_OP_DELETE  ? "-"
           : op == ROTA_OP_SET     ? "="
           : op == ROTA_OP_SET_ACL ? "%"
                                   : "?";
}

static void on_commit(void *context, const struct rota_commit *commit)
{
    static const char *const kinds[] = {"", " session opened", " closed", " reaped"};
    struct bench *b = context;

    log_add(b, "#%d%s", (int)commit->zxid, commit->expired ? " expired" : kinds[commit->kind]);
    if (commit->rc != ROTA_ERR_OK)
        log_add(b, " refused %s", rota_error_name(commit->rc));
    for (uint32_t i = 0; i < commit->change_count; i++)
        log_add(b, " %s%s", mark_of(commit->changes[i].op), commit->changes[i].path);
    log_add(b, "\n");
}

const struct rota_server_sink bench_sink = {on_reply, on_watch, on_cut, on_commit};

void bench_open(struct bench *b, uint64_t seed)
{
    memset(b, 0, sizeof *b);
    b->server = rota_server_open(&(struct rota_server_config){.seed = seed}, &bench_sink, b);
}

void bench_close(struct bench *b)
{
    rota_server_close(b->server);
}

struct rota_session_grant bench_connect(struct bench *b, uint64_t connection)
{
    struct rota_connect connect = {.timeout_ms = 10000};
    struct rota_session_grant grant;

    assert_int_equal(rota_server_connect(b->server, connection, &connect, b->now_ms, &grant),
                     ROTA_CONNECT_ACCEPTED);
    bench_clear(b);
    return grant;
}

static int32_t execute(struct bench *b, uint64_t c, const struct rota_request *request)
{
    b->rc = INT32_MAX;
    rota_server_request(b->server, c, request, b->now_ms);
    rota_server_check(b->server);
    return b->rc;
}

int32_t bench_request(struct bench *b, uint64_t c, struct rota_operation o)
{
    return execute(b, c, &(struct rota_request){.operation = o});
}

struct rota_operation op_create(const char *path, enum rota_mode mode)
{
    return (struct rota_operation){
        .op = ROTA_OP_CREATE, .path = path, .mode = mode, .data = {"", 0}};
}

struct rota_operation op_set(const char *path, const char *data, int32_t version)
{
    return (struct rota_operation){.op = ROTA_OP_SET,
                                   .path = path,
                                   .version = version,
                                   .data = {data, data == NULL ? -1 : (int32_t)strlen(data)}};
}

struct rota_operation op_delete(const char *path, int32_t version)
{
    return (struct rota_operation){.op = ROTA_OP_DELETE, .path = path, .version = version};
}

struct rota_operation op_check(const char *path, int32_t version)
{
    return (struct rota_operation){.op = ROTA_OP_CHECK, .path = path, .version = version};
}

int32_t bench_create(struct bench *b, uint64_t c, const char *path, enum rota_mode mode)
{
    return bench_request(b, c, op_create(path, mode));
}

int32_t bench_set(struct bench *b, uint64_t c, const char *path, const char *data, int32_t version)
{
    return bench_request(b, c, op_set(path, data, version));
}

int32_t bench_delete(struct bench *b, uint64_t c, const char *path, int32_t version)
{
    return bench_request(b, c, op_delete(path, version));
}

int32_t bench_read(struct bench *b, uint64_t c, enum rota_op op, const char *path, bool watch)
{
    return bench_request(b, c, (struct rota_operation){.op = op, .path = path, .watch = watch});
}

int32_t bench_multi(struct bench *b, uint64_t c, const struct rota_operation *o, uint32_t count)
{
    return execute(b, c,
                   &(struct rota_request){.operation = {.op = ROTA_OP_MULTI},
                                          .operations = o,
                                          .operation_count = count});
}

void bench_expect(struct bench *b, const char *expected)
{
    assert_string_equal(b->log, expected);
    bench_clear(b);
}

void bench_clear(struct bench *b)
{
    b->length = 0;
    b->log[0] = '\0';
}
