/* What a worker holds: the runs of the tasks assigned to it. Inside of the worker: worker.c
 * registers and leaves, work.c reads what is assigned, starts it and writes down how it ended. */
#ifndef ROTA_MODEL_WORK_H
#define ROTA_MODEL_WORK_H

#include "model/ask.h"
#include "model/worker.h"

/* One step's surroundings, passed along. */
struct rota_worker_step {
    struct rota_worker *w;
    struct rota_pool *mem;
    struct rota_outbox *out;
    rota_time now;
};

/* What a request was for. */
enum rota_worker_ask {
    ROTA_WORKER_ASK_PLACE = 1, /* exists /assign/<w> */
    ROTA_WORKER_ASK_REGISTER,
    ROTA_WORKER_ASK_SELF,  /* get /workers/<w> */
    ROTA_WORKER_ASK_SLOTS, /* the write that says slots=0 */
    ROTA_WORKER_ASK_GOODBYE,
    ROTA_WORKER_ASK_LIST, /* from here on work.c asks */
    ROTA_WORKER_ASK_ASSIGNMENT,
    ROTA_WORKER_ASK_PAYLOAD,
    ROTA_WORKER_ASK_RESOLVE,
    ROTA_WORKER_ASK_RESULTS,
};

/* The tag of a question asked in the present generation of belief. */
uint64_t rota_work_tag(const struct rota_worker_step *s, enum rota_worker_ask what, uint32_t index);

/* Reads what is assigned, if that is wanted. */
void rota_work_list(struct rota_worker_step *s);

/* Starts what waits, as slots are free; none while the lease is low (hazard 7) or while stopping.
 */
void rota_work_start(struct rota_worker_step *s);

/* Takes in how a run ended. */
void rota_work_finished(struct rota_worker_step *s, const struct rota_event *e);

/* Ends all that runs. */
void rota_work_end_all(struct rota_worker_step *s, bool at_once);

/* Gives back what has not been started. */
void rota_work_hand_back(struct rota_worker_step *s);

/* Whether anything assigned to this incarnation is held still. */
bool rota_work_left(const struct rota_worker_step *s);

/* Writes what has ended, one multi at a time. */
void rota_work_write(struct rota_worker_step *s);

/* Behind the barrier: asks what became of the results whose writing had no known outcome. */
void rota_work_resolve(struct rota_worker_step *s);

/* Forgets everything: the session is over. What runs must have been ended. */
void rota_work_clear(struct rota_worker_step *s);

/* Takes in a reply. False if the worker's place under /assign is gone. */
bool rota_work_replied(struct rota_worker_step *s, enum rota_worker_ask what, uint32_t index,
                       const struct rota_event *e);

#endif
