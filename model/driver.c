#include "model/driver.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/base/format.h"

/* The session layer has an outbox of its own: it appends requests while the actions of the role are
 * being carried out. */

static void pump(struct rota_driver *d);

static bool is_direct(const struct rota_driver *d)
{
    return d->role->receive != NULL;
}

static void *state_of(const struct rota_driver *d)
{
    return rota_pool_at(&d->state_memory, d->state);
}

/* Lets a request leave through the door. */
static void send_request(struct rota_driver *d, const struct rota_request *request)
{
    if (d->host->ops->door != NULL && !d->host->ops->door(d->host, request))
        d->stopped = true;
    else
        d->backend->ops->request(d->backend, request);
}

/* Carries out the actions of the session layer. */
static void carry_out_session(struct rota_driver *d)
{
    for (uint32_t i = 0; i < d->session_outbox.length && !d->stopped; i++) {
        const struct rota_action *a = &d->session_outbox.actions[i];

        if (a->kind == ROTA_ACTION_OPEN) {
            uint32_t handle =
                d->backend->ops->open(d->backend, a->open.take_over ? &a->open.client_id : NULL);

            rota_session_opened(&d->session, handle);
        } else {
            send_request(d, &a->request);
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
    if (!is_direct(d))
        rota_session_leave(&d->session, &d->session_outbox);
}

/* A request of the role goes to the session layer, or to the handle if there is none. */
static void carry_out_request(struct rota_driver *d, const struct rota_action *a, rota_time now)
{
    if (is_direct(d)) {
        send_request(d, &a->request);
    } else {
        rota_session_send(&d->session, &d->session_memory, &a->request, now, &d->session_outbox);
        carry_out_session(d);
    }
}

static void carry_out_open(struct rota_driver *d, const struct rota_action *a)
{
    rota_assert(is_direct(d)); /* otherwise the session layer opens the handles */
    d->handle = d->backend->ops->open(d->backend, a->open.take_over ? &a->open.client_id : NULL);
}

/* Carries out the actions of the role's step. */
static void carry_out_role(struct rota_driver *d)
{
    rota_time now = d->backend->ops->now(d->backend);

    for (uint32_t i = 0; i < d->outbox.length && !d->stopped && !d->leaving; i++) {
        const struct rota_action *a = &d->outbox.actions[i];

        switch (a->kind) {
        case ROTA_ACTION_REQUEST:
            carry_out_request(d, a, now);
            break;
        case ROTA_ACTION_RESTART:
            rota_assert(!is_direct(d));
            rota_session_restart(&d->session, &d->session_outbox);
            break;
        case ROTA_ACTION_EXIT:
            carry_out_exit(d, a);
            break;
        case ROTA_ACTION_OPEN:
            carry_out_open(d, a);
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

static void note_down(struct rota_driver *d, int32_t rc)
{
    struct rota_action action = {.kind = ROTA_ACTION_NOTE};

    if (rc == ROTA_ERR_OK) {
        note(d, ROTA_NOTE_DISCONNECTED, 0, 0);
        return;
    }
    rota_outbox_mark(&d->outbox, (enum rota_mark)ROTA_NOTE_PAUSED);
    action.note = (struct rota_note){.kind = ROTA_NOTE_PAUSED, .name = rota_error_sentence(rc)};
    d->host->ops->act(d->host, &action);
}

/* The trace of every process shows what happens to its session. */
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
        note_down(d, event->down.rc);
        break;
    case ROTA_EVENT_LOST:
        note(d, ROTA_NOTE_EXPIRED, 0, 0);
        break;
    default:
        break;
    }
}

/* Checks the role after its step and carries out the actions. */
static void end_step(struct rota_driver *d)
{
    if (d->role->check != NULL)
        d->role->check(state_of(d), &d->memory);
    d->wake = d->outbox.wake;
    carry_out_role(d);
    if (!is_direct(d))
        rota_session_check(&d->session, &d->session_memory);
}

static void step(struct rota_driver *d, const struct rota_event *event)
{
    if (d->stopped || d->leaving)
        return;
    note_session(d, event);
    rota_outbox_reset(&d->outbox);
    d->role->step(state_of(d), &d->memory, event, &d->outbox);
    end_step(d);
}

/* The step of a direct role on an event of its handle. */
static void step_direct(struct rota_driver *d, const struct rota_handle_event *event)
{
    if (d->leaving || event->handle != d->handle)
        return;
    rota_outbox_reset(&d->outbox);
    d->role->receive(state_of(d), &d->memory, event, &d->outbox);
    end_step(d);
}

/* True if the process can exit: no session is left to close. */
static bool has_closed(const struct rota_driver *d)
{
    return is_direct(d) || d->session.phase == ROTA_PHASE_GONE;
}

/* Gives the role the events that the session layer has for it, and exits once the session has been
 * closed. */
static void pump(struct rota_driver *d)
{
    struct rota_event event;
    struct rota_reply body;

    carry_out_session(d);
    while (!d->stopped && !d->leaving && !is_direct(d) &&
           rota_session_next(&d->session, &d->session_memory, d->backend->ops->now(d->backend),
                             &event, &body))
        step(d, &event);
    if (d->leaving && !d->finished && !d->stopped && has_closed(d)) {
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
    d->state = rota_pool_take(&d->state_memory, d->role->state_size);
    d->role->init(state_of(d), config->config, d->backend->ops->random(d->backend));
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
    rota_pool_init(&d->state_memory);
    rota_pool_init(&d->memory);
    rota_pool_init(&d->session_memory);
    rota_outbox_init(&d->outbox);
    rota_outbox_init(&d->session_outbox);
    rota_session_init(&d->session, &config->session);
    init_role(d, config);
    if (!is_direct(d))
        rota_session_begin(&d->session, start.now, &d->session_outbox);
    carry_out_session(d);
    step(d, &start);
    pump(d);
}

/* The clock comes first, here and below: a process that was paused must find its lease over before
 * it handles the events that waited meanwhile (hazard 7). */
void rota_driver_notify(struct rota_driver *d, struct rota_event *event)
{
    rota_assert(event->kind >= ROTA_EVENT_STOP); /* the others are the session layer's */
    rota_driver_tick(d);
    event->now = d->backend->ops->now(d->backend);
    step(d, event);
    pump(d);
}

void rota_driver_receive(struct rota_driver *d, const struct rota_handle_event *event)
{
    struct rota_event to_role;

    rota_driver_tick(d);
    if (d->stopped || d->finished)
        return;
    rota_outbox_reset(&d->session_outbox);
    if (is_direct(d))
        step_direct(d, event);
    else if (rota_session_receive(&d->session, &d->session_memory, event,
                                  d->backend->ops->now(d->backend), &to_role, &d->session_outbox))
        step(d, &to_role);
    pump(d);
}

void rota_driver_tick(struct rota_driver *d)
{
    rota_time now = d->backend->ops->now(d->backend);

    if (d->stopped || d->finished || now < rota_driver_deadline(d))
        return;
    rota_outbox_reset(&d->session_outbox);
    if (!is_direct(d))
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
        rota_driver_receive(d, &event);
    }
    rota_driver_tick(d);
    return !d->stopped;
}

rota_time rota_driver_deadline(const struct rota_driver *d)
{
    rota_time session = is_direct(d) ? ROTA_NEVER : rota_session_deadline(&d->session);

    if (d->stopped || d->finished)
        return ROTA_NEVER;
    return d->leaving || session < d->wake ? session : d->wake;
}

void rota_driver_close(struct rota_driver *d)
{
    rota_pool_close(&d->state_memory);
    rota_pool_close(&d->memory);
    rota_pool_close(&d->session_memory);
    rota_outbox_close(&d->outbox);
    rota_outbox_close(&d->session_outbox);
}
