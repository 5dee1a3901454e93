#include "bench/raw.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/tree/path.h"

#define PLACE ROTA_PATH_ASSIGN "/raw"

enum { PATH_SIZE = 96 };

/* One batch of tasks and their paths. */
struct batch {
    char (*task)[PATH_SIZE];
    char (*status)[PATH_SIZE];
    char (*assignment)[PATH_SIZE];
    struct rota_operation *operations;
    uint32_t count; /* of tasks */
    struct rota_bytes payload;
};

/* What a step does to one task: one or two operations. */
typedef uint32_t (*step_f)(const struct batch *b, uint32_t i, struct rota_operation *ops);

static struct rota_operation create(const char *path, struct rota_bytes data)
{
    return (struct rota_operation){.op = ROTA_OP_CREATE, .path = path, .data = data};
}

static struct rota_operation delete (const char *path)
{
    return (struct rota_operation){.op = ROTA_OP_DELETE, .path = path, .version = -1};
}

/* As a role writes it. */
static struct rota_bytes record(const char *text)
{
    return (struct rota_bytes){text, (int32_t)strlen(text)};
}

static uint32_t submit(const struct batch *b, uint32_t i, struct rota_operation *ops)
{
    ops[0] = create(b->task[i], b->payload);
    return 1;
}

static uint32_t assign(const struct batch *b, uint32_t i, struct rota_operation *ops)
{
    ops[0] = create(b->assignment[i], record("attempt=1 losses=0 epoch=1"));
    return 1;
}

static uint32_t complete(const struct batch *b, uint32_t i, struct rota_operation *ops)
{
    ops[0] = delete (b->assignment[i]);
    ops[1] = create(b->status[i], record("done"));
    return 2;
}

static uint32_t collect(const struct batch *b, uint32_t i, struct rota_operation *ops)
{
    ops[0] = delete (b->status[i]);
    ops[1] = delete (b->task[i]);
    return 2;
}

static bool send_one(struct rota_handle *h, const struct rota_operation *operation)
{
    struct rota_request request = {.operation = *operation};

    return rota_handle_send(h, &request, ROTA_RAW_WINDOW);
}

static bool send_multi(struct rota_handle *h, const struct rota_operation *ops, uint32_t count)
{
    struct rota_request request = {
        .operation = {.op = ROTA_OP_MULTI}, .operations = ops, .operation_count = count};

    return rota_handle_send(h, &request, ROTA_RAW_WINDOW);
}

/* One step of all tasks of a batch. */
static bool go(struct rota_handle *h, const struct batch *b, step_f step, bool together)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < b->count; i++)
        count += step(b, i, b->operations + count);
    if (together)
        return send_multi(h, b->operations, count);
    for (uint32_t i = 0; i < count; i++) {
        if (!send_one(h, b->operations + i))
            return false;
    }
    return true;
}

/* Names as long as those rota's client chooses. */
static void name(struct batch *b, uint64_t session, uint32_t first)
{
    for (uint32_t i = 0; i < b->count; i++) {
        char text[32];

        snprintf(text, sizeof text, "task-%" PRIx64 "-%06" PRIu32, session, first + i);
        snprintf(b->task[i], PATH_SIZE, ROTA_PATH_TASKS "/%s", text);
        snprintf(b->status[i], PATH_SIZE, ROTA_PATH_TASKS "/%s/" ROTA_STATUS_NAME, text);
        snprintf(b->assignment[i], PATH_SIZE, PLACE "/%s", text);
    }
}

static bool live(struct rota_handle *h, struct batch *b, uint32_t tasks, uint32_t size,
                 bool together)
{
    static const step_f steps[] = {submit, assign, complete, collect};

    for (uint32_t done = 0; done < tasks; done += b->count) {
        b->count = tasks - done < size ? tasks - done : size;
        name(b, UINT64_C(0x100000000000000), done);
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            if (!go(h, b, steps[i], together))
                return false;
        }
    }
    return rota_handle_settle(h);
}

bool rota_raw_live(struct rota_handle *h, uint32_t tasks, uint32_t batch, uint32_t payload)
{
    uint32_t size = batch > 0 ? batch : 1;
    struct rota_operation place = create(PLACE, record(""));
    struct batch b = {.task = calloc(size, sizeof *b.task),
                      .status = calloc(size, sizeof *b.status),
                      .assignment = calloc(size, sizeof *b.assignment),
                      .operations = calloc(2 * (size_t)size, sizeof *b.operations)};
    char *bytes = calloc(1, payload + 1);

    rota_assert(b.task != NULL && b.status != NULL && b.assignment != NULL);
    rota_assert(b.operations != NULL && bytes != NULL);
    b.payload = (struct rota_bytes){bytes, (int32_t)payload};
    bool lived = rota_handle_ask(h, &place) && live(h, &b, tasks, size, batch > 0);
    place = delete (PLACE);
    lived = rota_handle_ask(h, &place) && lived;
    free(b.task);
    free(b.status);
    free(b.assignment);
    free(b.operations);
    free(bytes);
    return lived;
}
