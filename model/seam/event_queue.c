#include "model/seam/event_queue.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/base/pool.h"
#include "model/seam/message_copy.h"

/* A zeroed event with `size` bytes of memory. */
static struct rota_queued_event *event_new(uint32_t handle, enum rota_handle_event_kind kind,
                                           size_t size)
{
    struct rota_queued_event *e = calloc(1, sizeof *e + size);

    if (e == NULL)
        rota_pool_exhausted();
    e->event.kind = kind;
    e->event.handle = handle;
    return e;
}

struct rota_queued_event *rota_queued_event_session(uint32_t handle, enum rota_session_state state)
{
    struct rota_queued_event *e = event_new(handle, ROTA_HANDLE_SESSION, 0);

    e->event.session.state = state;
    return e;
}

struct rota_queued_event *rota_queued_event_watch(uint32_t handle, enum rota_watch_kind kind,
                                                  const char *path)
{
    size_t size = strlen(path) + 1;
    struct rota_queued_event *e = event_new(handle, ROTA_HANDLE_WATCH, size);

    e->event.watch.kind = kind;
    e->event.watch.path = memcpy(e->memory, path, size);
    return e;
}

struct rota_queued_event *rota_queued_event_reply(uint32_t handle, const struct rota_reply *reply)
{
    struct rota_queued_event *e = event_new(handle, ROTA_HANDLE_REPLY, rota_reply_copy_size(reply));

    e->event.reply = *rota_reply_copy_to(e->memory, reply);
    return e;
}

struct rota_queued_event *rota_queued_event_failed(uint32_t handle,
                                                   const struct rota_request *request, int32_t rc)
{
    struct rota_queued_event *e =
        event_new(handle, ROTA_HANDLE_REPLY, rota_reply_failed_size(request));

    e->event.reply = *rota_reply_failed_to(e->memory, request, rc);
    return e;
}

bool rota_event_queue_push(struct rota_event_queue *q, struct rota_queued_event *e)
{
    bool was_empty = q->first == NULL;

    rota_assert(e->next == NULL && e != q->last);
    if (was_empty)
        q->first = e;
    else
        q->last->next = e;
    q->last = e;
    return was_empty;
}

struct rota_queued_event *rota_event_queue_pop(struct rota_event_queue *q)
{
    struct rota_queued_event *e = q->first;

    if (e == NULL)
        return NULL;
    q->first = e->next;
    if (q->first == NULL)
        q->last = NULL;
    e->next = NULL;
    return e;
}

void rota_event_queue_clear(struct rota_event_queue *q)
{
    struct rota_queued_event *e;

    while ((e = rota_event_queue_pop(q)) != NULL)
        free(e);
}
