/* The one way up: events copied on the client library's threads, taken out by the owner's thread.
 */
#ifndef ROTA_BACKEND_ZK_QUEUE_H
#define ROTA_BACKEND_ZK_QUEUE_H

#include <pthread.h>

#include "model/seam/backend.h"

/* An event with its own memory behind it. */
struct rota_zk_event {
    struct rota_zk_event *next;
    struct rota_handle_event event;
    size_t used;
    size_t size;
    _Alignas(max_align_t) char memory[];
};

/* A zeroed event with `size` bytes of memory for what it points to. Ends the program if there is no
 * memory. */
struct rota_zk_event *rota_zk_event_new(size_t size);

/* Bytes that a text, or an array, needs in an event's memory. */
size_t rota_zk_event_room(size_t bytes);

/* Takes zeroed bytes of an event's memory; the room was asked for with rota_zk_event_new. */
void *rota_zk_event_take(struct rota_zk_event *e, size_t bytes);

/* A copy of a text in the event's memory. */
const char *rota_zk_event_text(struct rota_zk_event *e, const char *text);

struct rota_zk_queue {
    pthread_mutex_t lock;
    struct rota_zk_event *first; /* under the lock */
    struct rota_zk_event **last; /* under the lock */
    struct rota_zk_event *taken; /* of the owner's thread: what it took out at once */
    struct rota_zk_event *given; /* of the owner's thread: what the caller of pop looks at */
    rota_wake_f wake;
    void *context;
};

void rota_zk_queue_init(struct rota_zk_queue *q, rota_wake_f wake, void *context);

/* Frees what is queued. */
void rota_zk_queue_close(struct rota_zk_queue *q);

/* Appends an event, from any thread, and wakes the owner if the queue was empty. Takes it over. */
void rota_zk_queue_push(struct rota_zk_queue *q, struct rota_zk_event *e);

/* The next event, NULL if there is none. Borrowed until the next pop or close. */
const struct rota_handle_event *rota_zk_queue_pop(struct rota_zk_queue *q);

#endif
