/* A master with very many waiting tasks: the memory it needs for each, and no work that grows with
 * the square of their number. The tree holds tasks of one kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/master/master.h"
#include "model/tree/path.h"

enum { TASKS = 400000, DEPENDENTS = 100000, ELECTED_MS = 1000000, NAME_BYTES = 16 };

/* A request without a reply, in a ring. */
struct outstanding {
    uint64_t tag;
    enum rota_op op;
    char path[64];
    uint32_t operations;
};

struct crowd {
    struct rota_master master;
    struct rota_pool mem;
    struct rota_outbox out;
    struct outstanding *ring;
    uint32_t head, tail, size;
    rota_time now;
    uint32_t tasks;
    char (*name)[NAME_BYTES];
    const char **names;
    const char *payload; /* of each task but the first */
};

static void open(struct crowd *c, uint32_t tasks, const char *payload)
{
    struct rota_master_config config = {.id = "m1", .address = "host:1"};

    memset(c, 0, sizeof *c);
    rota_pool_init(&c->mem);
    rota_outbox_init(&c->out);
    c->size = 4096;
    c->ring = calloc(c->size, sizeof *c->ring);
    c->name = calloc(tasks, sizeof *c->name);
    c->names = calloc(tasks, sizeof *c->names);
    c->tasks = tasks;
    c->payload = payload;
    for (uint32_t i = 0; i < tasks; i++) {
        snprintf(c->name[i], NAME_BYTES, "t%u", i);
        c->names[i] = c->name[i];
    }
    rota_master_init(&c->master, &config);
}

static void close(struct crowd *c)
{
    rota_pool_close(&c->mem);
    rota_outbox_close(&c->out);
    free(c->ring);
    free(c->name);
    free(c->names);
}

static void receive(struct crowd *c, struct rota_event *e)
{
    e->now = c->now;
    rota_outbox_reset(&c->out);
    rota_master_step(&c->master, &c->mem, e, &c->out);
    rota_master_check(&c->master, &c->mem);
    for (uint32_t i = 0; i < c->out.length; i++) {
        const struct rota_request *r = &c->out.actions[i].request;
        struct outstanding *q = &c->ring[c->tail++ % c->size];

        if (c->out.actions[i].kind != ROTA_ACTION_REQUEST) {
            c->tail--;
            continue;
        }
        assert_true(c->tail - c->head < c->size);
        *q = (struct outstanding){r->tag, r->operation.op, "", r->operation_count};
        if (r->operation_count > 0)
            q->op = ROTA_OP_MULTI;
        else
            snprintf(q->path, sizeof q->path, "%s", r->operation.path);
    }
}

/* Replies as the tree would: no lock, no worker, the tasks. The first task is done, and a client
 * waits for its result. */
static void answer(struct crowd *c)
{
    struct outstanding q = c->ring[c->head++ % c->size];
    struct rota_result results[8] = {{0}};
    struct rota_reply r = {.tag = q.tag, .stat = {.czxid = 9, .ctime_ms = ELECTED_MS}};
    struct rota_event e = {.kind = ROTA_EVENT_REPLY};

    if (strcmp(q.path, ROTA_PATH_MASTER) == 0)
        r.rc = ROTA_ERR_NO_NODE;
    if (strcmp(q.path, ROTA_PATH_TASKS) == 0 && q.op == ROTA_OP_CHILDREN) {
        c->now += 100000; /* so the master does not list them all the time */
        r.children = c->names;
        r.child_count = c->tasks;
    }
    if (strcmp(q.path, "/tasks/t0") == 0)
        r.stat.num_children = r.stat.version = 1;
    else if (strcmp(q.path, "/tasks/t0/status") == 0)
        r.data = (struct rota_bytes){"done", 4};
    else if (q.op == ROTA_OP_GET)
        r.data = (struct rota_bytes){c->payload, (int32_t)strlen(c->payload)};
    for (uint32_t i = 0; i < q.operations; i++)
        results[i].stat.mtime_ms = ELECTED_MS + c->now / 1000;
    r.results = results;
    r.result_count = q.operations;
    e.reply.outcome = r.rc == ROTA_ERR_OK ? ROTA_DONE : ROTA_REFUSED;
    e.reply.body = &r;
    receive(c, &e);
}

static void lead(struct crowd *c)
{
    struct rota_event up = {.kind = ROTA_EVENT_UP,
                            .up = {.fresh = true, .session = 7, .timeout_ms = 10000}};

    receive(c, &up);
    while (c->head != c->tail)
        answer(c);
}

static void very_many_tasks_wait_for_their_time(void **state)
{
    struct rota_event tick = {.kind = ROTA_EVENT_TICK};
    struct crowd c;

    (void)state;
    open(&c, TASKS, "{\"rota\":1,\"delay_ms\":5000}");
    lead(&c);
    assert_int_equal(c.master.task_names.length, TASKS); /* a delayed task is known too */
    assert_int_equal(c.master.timers.length, TASKS);     /* one a task */
    assert_int_equal(c.master.ready, 0);
    assert_true(c.mem.live / TASKS < 600); /* bytes of a task */
    c.now = 6000000;
    receive(&c, &tick);
    assert_int_equal(c.master.ready, TASKS - 1);
    assert_int_equal(c.master.timers.length, 1); /* the retention of t0 */
    close(&c);
}

static void very_many_tasks_depend_on_one(void **state)
{
    struct crowd c;

    (void)state;
    open(&c, DEPENDENTS, "{\"rota\":1,\"after\":[\"t0\"]}");
    lead(&c);
    assert_int_equal(c.master.ready, DEPENDENTS - 1);
    assert_int_equal(c.master.edges.used, DEPENDENTS - 1); /* each needs its status */
    close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(very_many_tasks_wait_for_their_time),
        cmocka_unit_test(very_many_tasks_depend_on_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
