#include "backend_sim/net/late_writes.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "system/memory.h"

/* Takes a late write out of the list; the caller owns it. */
static struct rota_late_write take(struct rota_ensemble *e, uint32_t i)
{
    struct rota_late_write write;

    rota_assert(i < e->late_count);
    write = e->late[i];
    memmove(e->late + i, e->late + i + 1, (--e->late_count - i) * sizeof *e->late);
    return write;
}

static void drop(struct rota_ensemble *e, uint32_t i)
{
    struct rota_late_write write = take(e, i);

    e->sink->dropped(e->context, write.who, write.request->request);
    rota_late_write_clear(&write);
}

/* True if a late write can be executed. A server alone executes it even while it is paused. */
static bool is_executable(const struct rota_ensemble *e, const struct rota_late_write *write)
{
    struct rota_session_view view;

    return rota_server_session(e->server, write->session, &view) &&
           (rota_ensemble_is_single(e) || rota_ensemble_has_leader(e));
}

static void execute(struct rota_ensemble *e, uint32_t i)
{
    struct rota_late_write write;

    if (!is_executable(e, &e->late[i])) {
        drop(e, i);
        return;
    }
    write = take(e, i);
    e->acting = write.who;
    rota_server_write(e->server, 0, write.session, write.identities, write.request->request,
                      rota_ensemble_now_ms(e));
    e->acting = ROTA_NOBODY;
    e->sink->applied(e->context, write.who, write.request->request, e->rc);
    rota_late_write_clear(&write);
}

void rota_late_writes_add(struct rota_ensemble *e, const struct rota_connection *c,
                          struct rota_request_copy *request, rota_time most)
{
    uint64_t most_ms = (uint64_t)most / 1000 + 1;
    rota_time early = (rota_time)rota_choose(e->choices, ROTA_SITE_LATE, most_ms) * 1000;
    const struct rota_server *server = e->replicas[c->server].server;

    e->late = rota_memory_extend(e->late, e->late_count, &e->late_capacity, sizeof *e->late);
    e->late[e->late_count++] = (struct rota_late_write){
        .serial = ++e->serials,
        .session = rota_server_session_of(server, c->number),
        .who = c->who,
        .handle = c->handle,
        .identities = rota_server_identities(server, c->number),
        .request = rota_request_copy_hold(request),
    };
    rota_timeline_put(e->timeline, e->timeline->now + most - early, ROTA_MOMENT_LATE, 0,
                      e->serials);
}

void rota_late_writes_moment(struct rota_ensemble *e, uint64_t serial)
{
    for (uint32_t i = 0; i < e->late_count; i++) {
        if (e->late[i].serial == serial) {
            execute(e, i);
            return;
        }
    }
}

void rota_late_writes_execute(struct rota_ensemble *e, int64_t session)
{
    for (uint32_t i = 0; i < e->late_count;)
        if (e->late[i].session == session)
            execute(e, i);
        else
            i++;
}

void rota_late_writes_drop_moved(struct rota_ensemble *e, int64_t session, uint64_t handle)
{
    for (uint32_t i = 0; i < e->late_count;)
        if (e->late[i].session == session && e->late[i].handle != handle)
            drop(e, i);
        else
            i++;
}

void rota_late_writes_drop_all(struct rota_ensemble *e)
{
    while (e->late_count > 0)
        drop(e, 0);
}

void rota_late_writes_close(struct rota_ensemble *e)
{
    for (uint32_t i = 0; i < e->late_count; i++)
        rota_late_write_clear(&e->late[i]);
    free(e->late);
}
