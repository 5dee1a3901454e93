/* The clock of a process: right, or faster or slower than the clock of the world. */
#ifndef ROTA_BACKEND_SIM_NET_CLOCK_H
#define ROTA_BACKEND_SIM_NET_CLOCK_H

#include "model/seam/backend.h"

/* Zeroed memory is a clock that is right. */
struct rota_clock {
    rota_time world; /* when both clocks were last compared */
    rota_time local;
    int32_t skew_percent;
};

/* The time on the clock at a time of the world. */
rota_time rota_clock_local(const struct rota_clock *c, rota_time world);

/* The first time of the world at which the clock shows `local` or more. ROTA_NEVER stays
 * ROTA_NEVER. */
rota_time rota_clock_world(const struct rota_clock *c, rota_time local);

/* From `now` on, a time of the world, the clock runs so many per cent faster, or slower if
 * negative, by less than 100. It does not jump. */
void rota_clock_skew(struct rota_clock *c, rota_time now, int32_t percent);

#endif
