/* The way up: events are appended by the client library's threads and taken out by the owner's
 * thread. */
#ifndef ROTA_BACKEND_ZK_QUEUE_H
#define ROTA_BACKEND_ZK_QUEUE_H

#include <pthread.h>

#include "model/seam/event_queue.h"

struct rota_zk_queue {
    pthread_mutex_t lock;
    struct rota_event_queue incoming; /* under the lock */
    struct rota_event_queue taken;    /* owner's thread: the events taken out together */
    struct rota_queued_event *given;  /* owner's thread: the event that pop has returned */
    rota_wake_f wake;
    void *context;
};

void rota_zk_queue_init(struct rota_zk_queue *q, rota_wake_f wake, void *context);

/* Frees the queued events. */
void rota_zk_queue_close(struct rota_zk_queue *q);

/* Appends an event and takes ownership of it. If the queue was empty, the owner is woken. Any
 * thread may call it. */
void rota_zk_queue_push(struct rota_zk_queue *q, struct rota_queued_event *e);

/* The next event, NULL if there is none. Borrowed until the next pop or close. Owner's thread. */
const struct rota_handle_event *rota_zk_queue_pop(struct rota_zk_queue *q);

#endif
