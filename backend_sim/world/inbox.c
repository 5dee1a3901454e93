#include "backend_sim/world/inbox.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "system/memory.h"

void rota_inbox_schedule(struct rota_process *p)
{
    p->inbox_scheduled = true;
    rota_timeline_put(&p->world->timeline, p->world->timeline.now, ROTA_MOMENT_INBOX, p->who,
                      p->incarnation);
}

void rota_inbox_put(struct rota_process *p, const struct rota_inbox_message *message)
{
    struct rota_inbox_message *m = rota_memory_copy(message, sizeof *message);

    rota_assert(p->state == ROTA_PROCESS_RUNNING && rota_process_has_driver(p));
    m->next = NULL;
    if (p->inbox == NULL)
        p->inbox = m;
    else
        p->inbox_last->next = m;
    p->inbox_last = m;
    if (!p->inbox_scheduled && !p->paused)
        rota_inbox_schedule(p);
}

static void free_message(struct rota_inbox_message *m)
{
    free(m->name);
    free(m->payload);
    free(m);
}

/* `reason` holds the text of a failure, of `size` bytes. */
static void fill_finished(struct rota_event *e, const struct rota_inbox_message *m, char *reason,
                          size_t size)
{
    e->finished.run = m->number;
    e->finished.ending = m->ending;
    e->finished.output = ROTA_NULL_BYTES;
    e->finished.errors = ROTA_NULL_BYTES;
    e->finished.reason = "";
    if (m->ending == ROTA_ENDING_SUCCESS && m->name != NULL) {
        e->finished.output = (struct rota_bytes){m->name, (int32_t)strlen(m->name)};
    } else if (m->ending == ROTA_ENDING_FAILURE) {
        snprintf(reason, size, "exit status %" PRId32, m->exit_status);
        e->finished.reason = reason;
        e->finished.exit_status = m->exit_status;
    }
}

static void deliver(struct rota_process *p, const struct rota_inbox_message *m)
{
    struct rota_event e = {.kind = m->kind};
    char reason[32];

    switch (m->kind) {
    case ROTA_EVENT_FINISHED:
        fill_finished(&e, m, reason, sizeof reason);
        break;
    case ROTA_EVENT_PROGRESS:
        e.progress.run = m->number;
        e.progress.line = m->name;
        break;
    case ROTA_EVENT_SUBMIT:
    case ROTA_EVENT_WAIT:
    case ROTA_EVENT_COLLECT:
        e.job.job = m->number;
        e.job.name = m->name;
        e.job.payload = (struct rota_bytes){m->payload, m->payload_length};
        break;
    default:
        break;
    }
    rota_driver_notify(&p->driver, &e);
}

void rota_inbox_deliver_first(struct rota_process *p)
{
    struct rota_inbox_message *m = p->inbox;

    rota_assert(m != NULL);
    p->inbox = m->next;
    deliver(p, m);
    free_message(m);
}

void rota_inbox_clear(struct rota_process *p)
{
    while (p->inbox != NULL) {
        struct rota_inbox_message *m = p->inbox;

        p->inbox = m->next;
        free_message(m);
    }
}
