/* The data of znodes: the one place that writes and reads it. All of it is text that a person can
 * read with zkCli. Reading never fails: data that another program wrote in another form is read
 * with defaults.
 *
 * Every function that writes returns text in the outbox's memory; every function that reads points
 * into the outbox's memory too, except where it says otherwise. */
#ifndef ROTA_MODEL_TREE_RECORD_H
#define ROTA_MODEL_TREE_RECORD_H

#include "model/seam/outbox.h"

/* /workers/<w>: `host:port slots=4 tags=gpu,ssd`. Data without slots, as plain ZooKeeper clients
 * write it, means one slot; data without tags means none. */
struct rota_worker_record {
    const char *address;
    uint32_t slots;
    const char *tags; /* separated by commas; "" or NULL: none */
};
struct rota_bytes rota_worker_record_write(struct rota_outbox *o,
                                           const struct rota_worker_record *r);
void rota_worker_record_read(struct rota_outbox *o, struct rota_bytes data,
                             struct rota_worker_record *r);

/* /assign/<w>/<t> and /retry/<t>: `attempt=2 losses=1 spared=1 failures=1 epoch=7`, in /retry with
 * ` delay=MS` and ` reason=...` to the end of the line; then the history, one line for each attempt
 * that has ended. Data without these, as plain ZooKeeper clients write it, means the first attempt.
 */
struct rota_attempt_record {
    uint32_t attempt;        /* from 1: the one that runs; in /retry the one that ended */
    uint32_t losses;         /* workers lost while they ran the task */
    uint32_t excused_losses; /* `spared`: the same in a mass loss, which does not count towards the
                                limit of losses (PROTOCOL rule 7) */
    uint32_t failures;       /* attempts that failed */
    int64_t epoch;           /* of the master that assigned it */
    int64_t delay_ms;        /* /retry: how long after the znode's creation the task may start */
    const char *reason;
    const char *history; /* lines, each with its newline; "" or NULL: none */
};
struct rota_bytes rota_attempt_record_write(struct rota_outbox *o,
                                            const struct rota_attempt_record *r);
void rota_attempt_record_read(struct rota_outbox *o, struct rota_bytes data,
                              struct rota_attempt_record *r);

/* One attempt in a history, in /assign/<w>/<t>, /retry/<t> and, once the task has its final status,
 * in /history/<t>: `2 w1 1700000000123 1700000005123 failed exit status 3`. */
struct rota_history_line {
    uint32_t attempt;
    const char *worker;
    int64_t began_ms; /* when it was assigned, by the servers' clock, since 1970; 0: not known */
    int64_t ended_ms; /* when its end was recorded, by the same clock */
    const char *how;  /* done, failed, timeout, lost, handed-back, cancelled, expired */
    const char *reason;
};

/* The history with one more line. The oldest lines are dropped when there are more than forty, or
 * more than 4 KiB. */
const char *rota_history_line_add(struct rota_outbox *o, const char *history,
                                  const struct rota_history_line *line);

/* Reads the first line of `history`. Returns the rest of the history, not copied; NULL if there was
 * no line. */
const char *rota_history_line_next(struct rota_outbox *o, const char *history,
                                   struct rota_history_line *line);

/* The data of /assign/<w>: the master's orders to that worker, one a line. `drain MS`: start no new
 * run, and hand back after that time the runs that are left. `cancel N TASK`: end attempt N of the
 * task. A registration of the worker empties it. */
struct rota_order {
    bool drain;       /* otherwise a cancel */
    int64_t drain_ms; /* -1: the worker's own default */
    uint32_t attempt;
    const char *task;
};

/* The orders with one more at the end; `orders` may be "". */
const char *rota_order_add(struct rota_outbox *o, const char *orders,
                           const struct rota_order *order);

/* Reads the first order of `orders`, passing over lines that are no order. Returns the rest, not
 * copied; NULL if there was no order. */
const char *rota_order_next(struct rota_outbox *o, const char *orders, struct rota_order *order);

/* /drain/<w>: `timeout=30000`; -1: the worker's own default. */
struct rota_bytes rota_drain_record_write(struct rota_outbox *o, int64_t timeout_ms);
int64_t rota_drain_record_read(struct rota_outbox *o, struct rota_bytes data);

/* /tasks: `max=1000`, the bound on the number of tasks; 0: no bound. */
struct rota_bytes rota_bound_record_write(struct rota_outbox *o, int64_t most);
int64_t rota_bound_record_read(struct rota_outbox *o, struct rota_bytes data);

/* /cancel/<t>: `task=CZXID`, the incarnation of the task to be cancelled; 0: not given. */
struct rota_bytes rota_cancel_record_write(struct rota_outbox *o, int64_t czxid);
int64_t rota_cancel_record_read(struct rota_outbox *o, struct rota_bytes data);

/* /collect/<t>: `status=CZXID`, the final status that was read; 0: none is given. */
struct rota_bytes rota_collect_record_write(struct rota_outbox *o, int64_t czxid);
int64_t rota_collect_record_read(struct rota_outbox *o, struct rota_bytes data);

/* /tasks/<t>/status: the state, then the output from the second line on. The first line of a
 * failure is `failed errors=N: reason`, and the last N bytes are the end of its standard error. The
 * status of a task that is done and has no output is exactly `done`. */
struct rota_status_record {
    const char *state;
    const char *reason;       /* "" if there is none */
    struct rota_bytes output; /* reading: points into the data */
    struct rota_bytes errors; /* the same */
};
struct rota_bytes rota_status_record_write(struct rota_outbox *o,
                                           const struct rota_status_record *r);
void rota_status_record_read(struct rota_outbox *o, struct rota_bytes data,
                             struct rota_status_record *r);

#endif
