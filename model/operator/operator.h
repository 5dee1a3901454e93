/* The operator: what a person asks for about tasks and workers that exist (docs/PROTOCOL.md). Each
 * WAIT event names one of them as a job, each job ends with a RESULT: its `state` says what came of
 * it, its `reason` more, if there is more.
 *
 * Every request can be repeated without harm: what a lost reply leaves unknown is asked for again
 * behind the barrier. */
#ifndef ROTA_MODEL_OPERATOR_OPERATOR_H
#define ROTA_MODEL_OPERATOR_OPERATOR_H

#include "model/seam/event.h"
#include "model/base/map.h"
#include "model/seam/outbox.h"
#include "model/base/pool.h"
#include "model/seam/role.h"
#include "model/base/queue.h"

enum rota_operator_command {
    ROTA_OPERATOR_CANCEL, /* tasks; the state is the one the task ended in: `cancelled`, or another
                             if it was faster; `missing` if there is none. Waits for the end */
    ROTA_OPERATOR_RETRY,  /* tasks; `waiting` if it was sent back, `missing`, or `refused` if it has
                             not ended, or is done */
    ROTA_OPERATOR_DRAIN,  /* workers; `draining`, with `wait` `drained` when it holds nothing;
                             `missing` if there is none */
    ROTA_OPERATOR_UNDRAIN, /* workers; `undrained`, or `missing` if it was not drained */
};

struct rota_operator_config {
    enum rota_operator_command command;
    bool wait;          /* DRAIN: until the worker holds nothing */
    int64_t timeout_ms; /* DRAIN: after that, what runs is handed back; -1: as the worker has it */
};

/* When all jobs have ended after CLOSE_INPUT it leaves: with ROTA_EXIT_REFUSED if one was refused,
 * ROTA_EXIT_FAILED if one came to something else than was asked for. */
struct rota_operator {
    struct rota_operator_config config;
    bool up;
    bool founded; /* in this session the tree was seen */
    bool closed;  /* no more WAIT will come */
    uint16_t generation;
    uint32_t failures;  /* jobs that came to something else than was asked for */
    uint32_t refusals;  /* jobs that were refused */
    uint32_t live;      /* jobs that have not ended */
    uint32_t under_way; /* of them, asked about or watched */
    rota_time audit_at;
    struct rota_map names;     /* of tasks or workers -> index */
    struct rota_array job;     /* struct rota_operator_job: the jobs */
    struct rota_queue pending; /* to be asked about from the beginning */
};

/* Initialises. `config` is copied. */
void rota_operator_init(struct rota_operator *p, const struct rota_operator_config *config);

/* One step: takes an event, appends what is to be done. */
void rota_operator_step(struct rota_operator *p, struct rota_pool *mem,
                        const struct rota_event *event, struct rota_outbox *out);

/* Checks what must always hold between steps. */
void rota_operator_check(const struct rota_operator *p, const struct rota_pool *mem);

/* The table by which a driver runs it; its config is struct rota_operator_config. */
extern const struct rota_role rota_operator_role;

#endif
