#include "backend_sim/net/clock.h"

#include "model/base/assert.h"

rota_time rota_clock_local(const struct rota_clock *c, rota_time world)
{
    return c->local + (world - c->world) * (100 + c->skew_percent) / 100;
}

rota_time rota_clock_world(const struct rota_clock *c, rota_time local)
{
    rota_time pace = 100 + c->skew_percent;

    if (local == ROTA_NEVER)
        return ROTA_NEVER;
    if (local <= c->local)
        return c->world;
    /* Durations are years at most, so the product fits. */
    return c->world + ((local - c->local) * 100 + pace - 1) / pace;
}

void rota_clock_skew(struct rota_clock *c, rota_time now, int32_t percent)
{
    rota_assert(percent > -100);
    c->local = rota_clock_local(c, now);
    c->world = now;
    c->skew_percent = percent;
}
