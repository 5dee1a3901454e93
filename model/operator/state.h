/* The state of the operator: plain data, with its records in a pool. */
#ifndef ROTA_MODEL_OPERATOR_STATE_H
#define ROTA_MODEL_OPERATOR_STATE_H

#include "model/base/map.h"
#include "model/base/queue.h"
#include "model/seam/event.h"

/* The commands of a person, and the states in which their jobs end. Every command also has
 * `missing`: the task or the worker does not exist. */
enum rota_operator_command {
    ROTA_OPERATOR_CANCEL,  /* tasks. Waits for the final status, which is the state: `cancelled`, or
                              another one if the task ended before it was cancelled */
    ROTA_OPERATOR_RETRY,   /* tasks. `waiting`: the task is to run again; `refused`: it is done, or
                              has no final status */
    ROTA_OPERATOR_DRAIN,   /* workers. `draining`; with `wait` `drained`: it holds no assignment */
    ROTA_OPERATOR_UNDRAIN, /* workers. `undrained`; `missing` also if it was not drained */
};

struct rota_operator_config {
    enum rota_operator_command command;
    bool wait;          /* DRAIN: until the worker holds no assignment */
    int64_t timeout_ms; /* DRAIN: the time after which running tasks are handed back; -1: the
                           worker's own */
};

struct rota_operator {
    struct rota_operator_config config;
    bool up;          /* requests may be sent */
    bool tree_exists; /* /tasks was found in this session */
    bool closed;      /* no more WAIT will come */
    uint16_t generation;
    uint32_t failures; /* jobs that ended in another state than the command asks for */
    uint32_t refusals; /* of them, those that were refused */
    uint32_t live;     /* jobs that have not ended */
    uint32_t active;   /* of them, those that are ASKING or WATCHING */
    rota_time audit_at;
    struct rota_map names;     /* of tasks or workers -> index of the job */
    struct rota_array jobs;    /* struct rota_operator_job */
    struct rota_queue pending; /* jobs that are PENDING */
};

#endif
