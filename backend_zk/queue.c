#include "backend_zk/queue.h"

#include <stdlib.h>

void rota_zk_queue_init(struct rota_zk_queue *q, rota_wake_f wake, void *context)
{
    *q = (struct rota_zk_queue){.wake = wake, .context = context};
    pthread_mutex_init(&q->lock, NULL);
}

void rota_zk_queue_close(struct rota_zk_queue *q)
{
    free(q->given);
    rota_event_queue_clear(&q->taken);
    rota_event_queue_clear(&q->incoming);
    pthread_mutex_destroy(&q->lock);
}

void rota_zk_queue_push(struct rota_zk_queue *q, struct rota_queued_event *e)
{
    bool was_empty;

    pthread_mutex_lock(&q->lock);
    was_empty = rota_event_queue_push(&q->incoming, e);
    pthread_mutex_unlock(&q->lock);
    if (was_empty && q->wake != NULL)
        q->wake(q->context);
}

const struct rota_handle_event *rota_zk_queue_pop(struct rota_zk_queue *q)
{
    free(q->given);
    if (q->taken.first == NULL) {
        pthread_mutex_lock(&q->lock);
        q->taken = q->incoming;
        q->incoming = (struct rota_event_queue){0};
        pthread_mutex_unlock(&q->lock);
    }
    q->given = rota_event_queue_pop(&q->taken);
    return q->given == NULL ? NULL : &q->given->event;
}
