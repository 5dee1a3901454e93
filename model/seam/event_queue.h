/* A queue of handle events, first in, first out: each backend hands its events up through one. An
 * event is one block of memory with everything that it points to, to be freed with free(). The
 * queue knows no threads: a backend with threads puts a lock around it. If there is no memory,
 * rota_pool_exhausted is called. */
#ifndef ROTA_MODEL_SEAM_EVENT_QUEUE_H
#define ROTA_MODEL_SEAM_EVENT_QUEUE_H

#include <stddef.h>

#include "model/seam/backend.h"

struct rota_queued_event {
    struct rota_queued_event *next;
    struct rota_handle_event event;
    _Alignas(max_align_t) char memory[]; /* what the event points to */
};

/* Zeroed memory is an empty queue. */
struct rota_event_queue {
    struct rota_queued_event *first;
    struct rota_queued_event *last;
};

/* An event of a handle: a change of session, whose other fields the caller fills in. */
struct rota_queued_event *rota_queued_event_session(uint32_t handle, enum rota_session_state state);

/* A watch event, with a copy of the path. */
struct rota_queued_event *rota_queued_event_watch(uint32_t handle, enum rota_watch_kind kind,
                                                  const char *path);

/* A reply, copied. */
struct rota_queued_event *rota_queued_event_reply(uint32_t handle, const struct rota_reply *reply);

/* The reply that a client itself gives to a request that failed: see rota_reply_failed_to. */
struct rota_queued_event *rota_queued_event_failed(uint32_t handle,
                                                   const struct rota_request *request, int32_t rc);

/* Appends an event, which is in no queue, and takes ownership of it. Returns true if the queue was
 * empty. */
bool rota_event_queue_push(struct rota_event_queue *q, struct rota_queued_event *e);

/* Takes the first event out, which the caller owns then. NULL if the queue is empty. */
struct rota_queued_event *rota_event_queue_pop(struct rota_event_queue *q);

/* Frees all events. */
void rota_event_queue_clear(struct rota_event_queue *q);

#endif
