#include "bench/raw_writes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/tree/path.h"
#include "system/memory.h"

#define WORKER_PATH ROTA_PATH_ASSIGN "/raw"

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

/* Writes the operations of one step for one task. Returns their number, one or two. */
typedef uint32_t (*step_f)(const struct batch *b, uint32_t i, struct rota_operation *ops);

static struct rota_operation create_operation(const char *path, struct rota_bytes data)
{
    return (struct rota_operation){.op = ROTA_OP_CREATE, .path = path, .data = data};
}

static struct rota_operation delete_operation(const char *path)
{
    return (struct rota_operation){.op = ROTA_OP_DELETE, .path = path, .version = -1};
}

/* The bytes of a record, without its NUL. */
static struct rota_bytes record(const char *text)
{
    return (struct rota_bytes){text, (int32_t)strlen(text)};
}

static uint32_t submit(const struct batch *b, uint32_t i, struct rota_operation *ops)
{
    ops[0] = create_operation(b->task[i], b->payload);
    return 1;
}

static uint32_t assign(const struct batch *b, uint32_t i, struct rota_operation *ops)
{
    ops[0] = create_operation(b->assignment[i], record("attempt=1 losses=0 epoch=1"));
    return 1;
}

static uint32_t complete(const struct batch *b, uint32_t i, struct rota_operation *ops)
{
    ops[0] = delete_operation(b->assignment[i]);
    ops[1] = create_operation(b->status[i], record("done"));
    return 2;
}

static uint32_t collect(const struct batch *b, uint32_t i, struct rota_operation *ops)
{
    ops[0] = delete_operation(b->status[i]);
    ops[1] = delete_operation(b->task[i]);
    return 2;
}

static bool send_one(struct rota_handle *h, const struct rota_operation *operation)
{
    struct rota_request request = {.operation = *operation};

    return rota_handle_send(h, &request, ROTA_RAW_WRITES_WINDOW);
}

static bool send_multi(struct rota_handle *h, const struct rota_operation *ops, uint32_t count)
{
    struct rota_request request = {
        .operation = {.op = ROTA_OP_MULTI}, .operations = ops, .operation_count = count};

    return rota_handle_send(h, &request, ROTA_RAW_WRITES_WINDOW);
}

/* Takes one step for all tasks of a batch. */
static bool take_step(struct rota_handle *h, const struct batch *b, step_f step, bool together)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < b->count; i++)
        count += step(b, i, b->operations + count);
    if (together)
        return send_multi(h, b->operations, count);
    for (uint32_t i = 0; i < count; i++)
        if (!send_one(h, b->operations + i))
            return false;
    return true;
}

/* Writes the paths, with names as long as those of rota's client. */
static void write_paths(struct batch *b, uint64_t session, uint32_t first)
{
    for (uint32_t i = 0; i < b->count; i++) {
        char text[32];

        snprintf(text, sizeof text, "task-%" PRIx64 "-%06" PRIu32, session, first + i);
        snprintf(b->task[i], PATH_SIZE, ROTA_PATH_TASKS "/%s", text);
        snprintf(b->status[i], PATH_SIZE, ROTA_PATH_TASKS "/%s/" ROTA_STATUS_NAME, text);
        snprintf(b->assignment[i], PATH_SIZE, WORKER_PATH "/%s", text);
    }
}

static bool write_all(struct rota_handle *h, struct batch *b, uint32_t tasks, uint32_t size,
                      bool together)
{
    static const step_f steps[] = {submit, assign, complete, collect};

    for (uint32_t done = 0; done < tasks; done += b->count) {
        b->count = tasks - done < size ? tasks - done : size;
        write_paths(b, UINT64_C(0x100000000000000), done);
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
            if (!take_step(h, b, steps[i], together))
                return false;
    }
    return rota_handle_settle(h);
}

bool rota_raw_writes_run(struct rota_handle *h, uint32_t tasks, uint32_t batch, uint32_t payload)
{
    uint32_t size = batch > 0 ? batch : 1;
    struct rota_operation worker = create_operation(WORKER_PATH, record(""));
    struct batch b = {.task = rota_memory_zeroed(size, sizeof *b.task),
                      .status = rota_memory_zeroed(size, sizeof *b.status),
                      .assignment = rota_memory_zeroed(size, sizeof *b.assignment),
                      .operations = rota_memory_zeroed(2 * (size_t)size, sizeof *b.operations)};
    char *bytes = rota_memory_zeroed(1, payload + 1);

    b.payload = (struct rota_bytes){bytes, (int32_t)payload};
    bool written = rota_handle_ask(h, &worker) && write_all(h, &b, tasks, size, batch > 0);
    worker = delete_operation(WORKER_PATH);
    written = rota_handle_ask(h, &worker) && written;
    free(b.task);
    free(b.status);
    free(b.assignment);
    free(b.operations);
    free(bytes);
    return written;
}
