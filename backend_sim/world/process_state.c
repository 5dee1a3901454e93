#include "backend_sim/world/process_state.h"

#include "model/base/assert.h"

struct rota_process *rota_process_at(const struct rota_world *w, uint32_t who)
{
    rota_assert(who < w->count);
    return w->processes[who];
}

bool rota_process_is(const struct rota_process *p, enum rota_part part)
{
    return p->part == part;
}

bool rota_process_has_driver(const struct rota_process *p)
{
    return p->part != ROTA_PART_ZK_CLIENT;
}

void rota_process_report_fault(const struct rota_process *p)
{
    if (p->world->hooks->fault != NULL)
        p->world->hooks->fault(p->world->context, p->who);
}
