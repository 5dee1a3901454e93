#include "model/driver.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/base/format.h"

/* The session layer's requests use an outbox of their own, so that the role's stays whole. */

static void pump(struct rota_driver *d);

static void role_step(struct rota_driver *d, const struct rota_event *event)
{
    switch (d->role) {
    case ROTA_ROLE_MASTER:
        rota_master_step(&d->master, &d->memory, event, &d->outbox);
        rota_master_check(&d->master, &d->memory);
        break;
    case ROTA_ROLE_WORKER:
        rota_worker_step(&d->worker, &d->memory, event, &d->outbox);
        rota_worker_check(&d->worker, &d->memory);
        break;
    case ROTA_ROLE_CLIENT:
        rota_client_step(&d->client, &d->memory, event, &d->outbox);
        rota_client_check(&d->client, &d->memory);
        break;
    case ROTA_ROLE_READER:
        rota_reader_step(&d->reader, &d->memory, event, &d->outbox);
        break;
    case ROTA_ROLE_OPERATOR:
        rota_operator_step(&d->operating, &d->memory, event, &d->outbox);
        rota_operator_check(&d->operating, &d->memory);
        break;
    }
}

/* Carries out what the session layer asks of the handle. */
static void carry_out_session(struct rota_driver *d)
{
    for (uint32_t i = 0; i < d->session_outbox.length && !d->stopped; i++) {
        const struct rota_action *a = &d->session_outbox.actions[i];

        if (a->kind == ROTA_ACTION_OPEN) {
            uint32_t handle =
                d->backend->ops->open(d->backend, a->open.take_over ? &a->open.client_id : NULL);

            rota_session_opened(&d->session, handle);
        } else if (d->host->ops->door != NULL && !d->host->ops->door(d->host, &a->request)) {
            d->stopped = true;
        } else {
            d->backend->ops->request(d->backend, &a->request);
        }
    }
    d->session_outbox.length = 0;
}

static void carry_out_exit(struct rota_driver *d, const struct rota_action *a)
{
    d->leaving = true;
    d->status = a->exit.status;
    if (a->exit.sentence != NULL)
        rota_format(d->sentence, sizeof d->sentence, "%s", a->exit.sentence);
    rota_session_leave(&d->session, &d->session_outbox);
}

/* Carries out what the role asked for in its step. */
static void carry_out_role(struct rota_driver *d)
{
    rota_time now = d->backend->ops->now(d->backend);

    for (uint32_t i = 0; i < d->outbox.length && !d->stopped && !d->leaving; i++) {
        const struct rota_action *a = &d->outbox.actions[i];

        switch (a->kind) {
        case ROTA_ACTION_REQUEST:
            rota_session_send(&d->session, &d->session_memory, &a->request, now,
                              &d->session_outbox);
            carry_out_session(d);
            break;
        case ROTA_ACTION_RESTART:
            rota_session_restart(&d->session, &d->session_outbox);
            break;
        case ROTA_ACTION_EXIT:
            carry_out_exit(d, a);
            break;
        case ROTA_ACTION_OPEN:
            rota_assert(a->kind != ROTA_ACTION_OPEN);
            break;
        default:
            d->host->ops->act(d->host, a);
            break;
        }
    }
    carry_out_session(d);
}

static void note(struct rota_driver *d, enum rota_note_kind kind, int64_t a, int64_t b)
{
    struct rota_action action = {.kind = ROTA_ACTION_NOTE};

    rota_outbox_mark(&d->outbox, (enum rota_mark)kind);
    action.note = (struct rota_note){.kind = kind, .a = a, .b = b};
    d->host->ops->act(d->host, &action);
}

/* What happens to the session is part of every process's trace. */
static void note_session(struct rota_driver *d, const struct rota_event *event)
{
    switch (event->kind) {
    case ROTA_EVENT_START:
        note(d, ROTA_NOTE_STARTED, 0, 0);
        break;
    case ROTA_EVENT_UP:
        note(d, event->up.fresh ? ROTA_NOTE_CONNECTED : ROTA_NOTE_RESUMED, event->up.session,
             event->up.timeout_ms);
        break;
    case ROTA_EVENT_DOWN:
        note(d, ROTA_NOTE_DISCONNECTED, 0, 0);
        break;
    case ROTA_EVENT_LOST:
        note(d, ROTA_NOTE_EXPIRED, 0, 0);
        break;
    default:
        break;
    }
}

static void step(struct rota_driver *d, const struct rota_event *event)
{
    if (d->stopped || d->leaving)
        return;
    note_session(d, event);
    rota_outbox_reset(&d->outbox);
    role_step(d, event);
    d->wake = d->outbox.wake;
    carry_out_role(d);
    rota_session_check(&d->session);
}

/* Tells the role all that the session layer has for it, and leaves when the session has been
 * closed. */
static void pump(struct rota_driver *d)
{
    struct rota_event event;
    struct rota_reply body;

    carry_out_session(d);
    while (!d->stopped && !d->leaving &&
           rota_session_next(&d->session, &d->session_memory, d->backend->ops->now(d->backend),
                             &event, &body))
        step(d, &event);
    if (d->leaving && !d->finished && !d->stopped && d->session.phase == ROTA_PHASE_GONE) {
        struct rota_action exit = {.kind = ROTA_ACTION_EXIT};

        d->finished = true;
        note(d, ROTA_NOTE_ENDED, d->status, 0);
        exit.exit.status = d->status;
        exit.exit.sentence = d->sentence[0] == '\0' ? NULL : d->sentence;
        d->host->ops->act(d->host, &exit);
    }
}

static void init_role(struct rota_driver *d, const struct rota_driver_config *config)
{
    uint64_t seed = d->backend->ops->random(d->backend);

    switch (d->role) {
    case ROTA_ROLE_MASTER:
        rota_master_init(&d->master, &config->master, seed);
        break;
    case ROTA_ROLE_WORKER:
        rota_worker_init(&d->worker, &config->worker, seed);
        break;
    case ROTA_ROLE_CLIENT:
        rota_client_init(&d->client, &config->client, seed);
        break;
    case ROTA_ROLE_READER:
        rota_reader_init(&d->reader, &config->reader);
        break;
    case ROTA_ROLE_OPERATOR:
        rota_operator_init(&d->operating, &config->operating);
        break;
    }
}

void rota_driver_init(struct rota_driver *d, const struct rota_driver_config *config,
                      struct rota_backend *backend, struct rota_host *host)
{
    struct rota_event start = {.kind = ROTA_EVENT_START, .now = backend->ops->now(backend)};

    memset(d, 0, sizeof *d);
    d->backend = backend;
    d->host = host;
    d->role = config->role;
    d->wake = ROTA_NEVER;
    rota_pool_init(&d->memory);
    rota_pool_init(&d->session_memory);
    rota_outbox_init(&d->outbox);
    rota_outbox_init(&d->session_outbox);
    rota_session_init(&d->session, &config->session);
    init_role(d, config);
    rota_session_begin(&d->session, start.now, &d->session_outbox);
    carry_out_session(d);
    step(d, &start);
    pump(d);
}

/* The clock comes first, here and below: a process that stood still must know that its lease is
 * over before it hears what was waiting for it (hazard 7). */
void rota_driver_tell(struct rota_driver *d, struct rota_event *event)
{
    rota_driver_tick(d);
    event->now = d->backend->ops->now(d->backend);
    step(d, event);
    pump(d);
}

void rota_driver_hear(struct rota_driver *d, const struct rota_handle_event *event)
{
    struct rota_event told;

    rota_driver_tick(d);
    if (d->stopped || d->finished)
        return;
    rota_outbox_reset(&d->session_outbox);
    if (rota_session_hear(&d->session, &d->session_memory, event, d->backend->ops->now(d->backend),
                          &told, &d->session_outbox))
        step(d, &told);
    pump(d);
}

void rota_driver_tick(struct rota_driver *d)
{
    rota_time now = d->backend->ops->now(d->backend);

    if (d->stopped || d->finished || now < rota_driver_deadline(d))
        return;
    rota_outbox_reset(&d->session_outbox);
    rota_session_tick(&d->session, now, &d->session_outbox);
    if (now >= d->wake) {
        struct rota_event tick = {.kind = ROTA_EVENT_TICK, .now = now};

        step(d, &tick);
    }
    pump(d);
}

bool rota_driver_run(struct rota_driver *d, uint32_t most)
{
    struct rota_handle_event event;

    for (uint32_t i = 0; i < most && !d->stopped; i++) {
        if (!d->backend->ops->next(d->backend, &event)) {
            rota_driver_tick(d);
            return false;
        }
        rota_driver_hear(d, &event);
    }
    rota_driver_tick(d);
    return !d->stopped;
}

rota_time rota_driver_deadline(const struct rota_driver *d)
{
    rota_time session = rota_session_deadline(&d->session);

    if (d->stopped || d->finished)
        return ROTA_NEVER;
    return d->leaving || session < d->wake ? session : d->wake;
}

void rota_driver_close(struct rota_driver *d)
{
    rota_pool_close(&d->memory);
    rota_pool_close(&d->session_memory);
    rota_outbox_close(&d->outbox);
    rota_outbox_close(&d->session_outbox);
}
