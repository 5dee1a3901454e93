#include "backend_sim/world/process_role.h"

#include "backend_sim/world/process.h"

/* The host is the process, and the driver lies in it. */
static void *driver_open(const struct rota_driver_config *config, struct rota_backend *backend,
                         struct rota_host *host)
{
    struct rota_process *p = (struct rota_process *)host;

    rota_driver_init(&p->driver, config, backend, host);
    return &p->driver;
}

static void driver_hear(void *actor, const struct rota_handle_event *event)
{
    rota_driver_hear(actor, event);
}

static void driver_tell(void *actor, struct rota_event *event)
{
    rota_driver_tell(actor, event);
}

static void driver_tick(void *actor)
{
    rota_driver_tick(actor);
}

static rota_time driver_deadline(const void *actor)
{
    return rota_driver_deadline(actor);
}

static bool driver_finished(const void *actor)
{
    const struct rota_driver *d = actor;

    return d->finished;
}

static void driver_close(void *actor)
{
    rota_driver_close(actor);
}

static void driver_marks(const void *actor, struct rota_marks *marks)
{
    const struct rota_driver *d = actor;

    rota_marks_join(marks, &d->outbox.marks);
    rota_marks_join(marks, &d->session_outbox.marks);
}

const struct rota_process_role rota_driver_actor = {
    .open = driver_open,
    .hear = driver_hear,
    .tell = driver_tell,
    .tick = driver_tick,
    .deadline = driver_deadline,
    .finished = driver_finished,
    .close = driver_close,
    .marks = driver_marks,
};
