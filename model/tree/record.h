/* What the znodes hold: the one place that reads and writes their data. All of it is text a person
 * can read with zkCli. What another program wrote in another manner is read with defaults. */
#ifndef ROTA_MODEL_TREE_RECORD_H
#define ROTA_MODEL_TREE_RECORD_H

#include "model/seam/outbox.h"

/* /workers/<w>: `host:port slots=4 tags=gpu,ssd`. Data without slots, as in the seeds, means one
 * slot; without tags, none. */
struct rota_worker_record {
    const char *address;
    uint32_t slots;
    const char *tags; /* with commas between; "" or NULL: none */
};
struct rota_bytes rota_worker_write(struct rota_outbox *o, const struct rota_worker_record *r);
void rota_worker_read(struct rota_outbox *o, struct rota_bytes data, struct rota_worker_record *r);

/* /assign/<w>/<t> and /retry/<t>: `attempt=2 losses=1 failures=1 epoch=7`, in /retry with
 * ` delay=MS` and ` reason=...` to the end of the line; then the history, a line an attempt that
 * has ended. Data without them, as in the seeds, means the first attempt. */
struct rota_attempt_record {
    uint32_t attempt;  /* counted from 1: the attempt that runs, in /retry the one that ended */
    uint32_t losses;   /* workers lost under the task */
    uint32_t spared;   /* workers lost under it in a mass loss, which counts nothing (rule 7) */
    uint32_t failures; /* attempts that failed */
    int64_t epoch;     /* of the master that placed it */
    int64_t delay_ms;  /* /retry: not before so long after the znode was made */
    const char *reason;
    const char *history; /* lines, each with its end; "" or NULL: none */
};
struct rota_bytes rota_attempt_write(struct rota_outbox *o, const struct rota_attempt_record *r);
void rota_attempt_read(struct rota_outbox *o, struct rota_bytes data,
                       struct rota_attempt_record *r);

/* One attempt of a history, in /assign/<w>/<t>, /retry/<t> and, once the task has ended, in
 * /history/<t>: `2 w1 1700000000123 1700000005123 failed exit status 3`. */
struct rota_history_line {
    uint32_t attempt;
    const char *worker;
    int64_t began_ms; /* when it was placed, by the servers' clock, since 1970; 0: not known */
    int64_t ended_ms; /* when that was written down */
    const char *how;  /* done, failed, timeout, lost, handed-back, cancelled, expired */
    const char *reason;
};

/* A history with a line more; the oldest go when there are more than forty or than 4 KiB. */
const char *rota_history_add(struct rota_outbox *o, const char *history,
                             const struct rota_history_line *line);

/* Reads the line at `history` in the outbox's memory; returns what follows, NULL if there was none.
 */
const char *rota_history_next(struct rota_outbox *o, const char *history,
                              struct rota_history_line *line);

/* The data of /assign/<w>: what the master tells that worker, a line each. `drain MS`: nothing new,
 * and after that time what runs is handed back. `cancel N TASK`: the task's attempt N is to be
 * ended. A registration empties it. */
struct rota_order {
    bool drain;
    int64_t drain_ms;
    uint32_t attempt;
    const char *task; /* of a cancel */
};

/* Orders as text, one more at the end of `orders`, which may be "". */
const char *rota_order_add(struct rota_outbox *o, const char *orders,
                           const struct rota_order *order);

/* Reads the order at `orders`; returns what follows, NULL if there was none. A line that is none is
 * passed over. */
const char *rota_order_next(struct rota_outbox *o, const char *orders, struct rota_order *order);

/* Data as text that ends at a NUL; in the outbox's memory. At most `most` bytes. */
char *rota_text_of(struct rota_outbox *o, struct rota_bytes data, size_t most);

/* /drain/<w>: `timeout=30000`; -1 if it says nothing. /tasks: `max=1000`, the most tasks there may
 * be; 0: any number. */
struct rota_bytes rota_drain_write(struct rota_outbox *o, int64_t timeout_ms);
int64_t rota_drain_read(struct rota_outbox *o, struct rota_bytes data);
struct rota_bytes rota_bound_write(struct rota_outbox *o, int64_t most);
int64_t rota_bound_read(struct rota_outbox *o, struct rota_bytes data);

/* /cancel/<t>: `task=CZXID`, of the task that is meant; 0 if it says nothing. */
struct rota_bytes rota_cancel_write(struct rota_outbox *o, int64_t czxid);
int64_t rota_cancel_read(struct rota_outbox *o, struct rota_bytes data);

/* /tasks/<t>/status: the state, then the output from the second line on. A failure's first line is
 * `failed errors=N: reason`, and the last N bytes are the end of its standard error. A task without
 * output has a status of exactly `done`. */
struct rota_status_record {
    const char *state;
    const char *reason; /* "" if there is none */
    struct rota_bytes output;
    struct rota_bytes errors;
};
struct rota_bytes rota_status_write(struct rota_outbox *o, const struct rota_status_record *r);
void rota_status_read(struct rota_outbox *o, struct rota_bytes data, struct rota_status_record *r);

#endif
