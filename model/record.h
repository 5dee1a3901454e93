/* What the znodes hold: the one place that reads and writes their data. All of it is text a person
 * can read with zkCli. What another program wrote in another manner is read with defaults. */
#ifndef ROTA_MODEL_RECORD_H
#define ROTA_MODEL_RECORD_H

#include "model/outbox.h"

/* /workers/<w>: `host:port slots=4`. Data without slots, as in the seeds, means one slot. */
struct rota_worker_record {
    const char *address;
    uint32_t slots;
};
struct rota_bytes rota_worker_write(struct rota_outbox *o, const struct rota_worker_record *r);
void rota_worker_read(struct rota_outbox *o, struct rota_bytes data, struct rota_worker_record *r);

/* /assign/<w>/<t> and /retry/<t>: `attempt=2 losses=1 epoch=7`, in /retry with ` reason=...` to the
 * end. Data without them, as in the seeds, means the first attempt. */
struct rota_attempt_record {
    uint32_t attempt; /* counted from 1: the attempt that runs, in /retry the one that ended */
    uint32_t losses;  /* workers lost under the task */
    int64_t epoch;    /* of the master that placed it */
    const char *reason;
};
struct rota_bytes rota_attempt_write(struct rota_outbox *o, const struct rota_attempt_record *r);
void rota_attempt_read(struct rota_outbox *o, struct rota_bytes data,
                       struct rota_attempt_record *r);

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
