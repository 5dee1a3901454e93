/* A timer on the clock that counts suspended time too, as a uv loop's own timers do not. */
#ifndef ROTA_CLI_BASE_ALARM_H
#define ROTA_CLI_BASE_ALARM_H

#include <uv.h>

#include "model/seam/backend.h"

struct rota_alarm;

typedef void (*rota_alarm_f)(struct rota_alarm *a);

struct rota_alarm {
    rota_alarm_f on_alarm;
    void *context;  /* the owner's */
    rota_time when; /* as set */
    int descriptor;
    uv_poll_t poll;
};

/* CLOCK_BOOTTIME in microseconds: comparable between the processes of one machine. */
rota_time rota_clock_boottime(void);

/* Makes an alarm that is not set. The caller has set the callback and the context. Returns 0 or a
 * libuv error. */
int rota_alarm_open(struct rota_alarm *a, uv_loop_t *loop);

/* Sets it to that boot time, ROTA_NEVER for not at all. The alarm comes once. */
void rota_alarm_set(struct rota_alarm *a, rota_time when);

/* Closes it; `a` may be freed once the loop has run on. Harmless if it was not opened. */
void rota_alarm_close(struct rota_alarm *a);

#endif
