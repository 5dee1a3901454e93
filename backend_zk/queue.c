#include "backend_zk/queue.h"

#include <stdlib.h>

#include "model/base/assert.h"
#include "system/memory.h"

#define EVENT_MAGIC ROTA_MAGIC('Z', 'K', 'E', 'V')

struct rota_zk_event *rota_zk_event_new(size_t size)
{
    struct rota_zk_event *e = rota_memory_zeroed(1, sizeof *e + size);

    e->magic = EVENT_MAGIC;
    return e;
}

void rota_zk_queue_init(struct rota_zk_queue *q, rota_wake_f wake, void *context)
{
    *q = (struct rota_zk_queue){.wake = wake, .context = context};
    q->last = &q->first;
    pthread_mutex_init(&q->lock, NULL);
}

static void list_free(struct rota_zk_event *e)
{
    while (e != NULL) {
        struct rota_zk_event *next = e->next;

        free(e);
        e = next;
    }
}

void rota_zk_queue_close(struct rota_zk_queue *q)
{
    free(q->given);
    list_free(q->taken);
    list_free(q->first);
    pthread_mutex_destroy(&q->lock);
}

void rota_zk_queue_push(struct rota_zk_queue *q, struct rota_zk_event *e)
{
    bool was_empty;

    rota_assert(e->magic == EVENT_MAGIC && e->next == NULL);
    pthread_mutex_lock(&q->lock);
    was_empty = q->first == NULL;
    *q->last = e;
    q->last = &e->next;
    pthread_mutex_unlock(&q->lock);
    if (was_empty && q->wake != NULL)
        q->wake(q->context);
}

const struct rota_handle_event *rota_zk_queue_pop(struct rota_zk_queue *q)
{
    free(q->given);
    if (q->taken == NULL) {
        pthread_mutex_lock(&q->lock);
        q->taken = q->first;
        q->first = NULL;
        q->last = &q->first;
        pthread_mutex_unlock(&q->lock);
    }
    q->given = q->taken;
    if (q->given == NULL)
        return NULL;
    rota_assert(q->given->magic == EVENT_MAGIC);
    q->taken = q->given->next;
    return &q->given->event;
}
