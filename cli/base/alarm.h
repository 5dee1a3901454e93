/* A timer on the clock that also counts the time the machine is suspended; the timers of a uv loop
 * do not. */
#ifndef ROTA_CLI_BASE_ALARM_H
#define ROTA_CLI_BASE_ALARM_H

#include <stdint.h>
#include <uv.h>

#include "model/seam/backend.h"

struct rota_alarm;

typedef void (*rota_alarm_f)(struct rota_alarm *a);

struct rota_alarm {
    rota_alarm_f on_alarm;
    void *context;  /* the owner's */
    uint32_t magic; /* while it is open */
    rota_time when; /* boot time, as set */
    int descriptor;
    uv_poll_t poll;
};

/* CLOCK_BOOTTIME in microseconds. Times of different processes of one machine can be compared. */
rota_time rota_clock_boottime(void);

/* Opens an alarm that is not set. The caller has set the callback and the context. Returns 0 or a
 * libuv error. */
int rota_alarm_open(struct rota_alarm *a, uv_loop_t *loop);

/* Sets the alarm to that boot time; ROTA_NEVER clears it. The callback is called once. */
void rota_alarm_set(struct rota_alarm *a, rota_time when);

/* Closes the alarm; `a` may be freed after the next run of the loop. Does nothing if it is not
 * open. */
void rota_alarm_close(struct rota_alarm *a);

#endif
