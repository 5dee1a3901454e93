/* What the master does at a time: begins with tasks whose delay is over, lets others expire, sweeps
 * ends that nobody collects. All in the servers' time, as the Stat of the master's own writes shows
 * it, so that a new master whose clock is off changes nothing (hazard 28), and nothing is polled.
 *
 * The clock is never ahead of the servers': it counts from a time stamp of theirs that was taken
 * before the reply which brought it. A delay is never cut short. */
#ifndef ROTA_MODEL_MASTER_TIMERS_H
#define ROTA_MODEL_MASTER_TIMERS_H

#include "model/master/belief.h"

struct rota_timer {
    int64_t due_ms;
    uint32_t task;
    uint32_t generation;
    bool expiry; /* else the end of a delay, or of the keeping of an end */
};

/* Sets the clock by a time stamp of the master's own latest write. */
void rota_timers_set(struct rota_master_context *s, int64_t server_ms);

/* Something bears that time stamp, so it is not earlier. */
void rota_timers_seen(struct rota_master_context *s, int64_t server_ms);

/* What time it is on the servers, milliseconds since 1970. Every leader knows. */
int64_t rota_timers_now_ms(const struct rota_master_context *s);

/* The task's time comes then. What has become obsolete meanwhile is passed over. */
void rota_timers_put(struct rota_master_context *s, uint32_t task, int64_t due_ms, bool expiry);

/* Takes the next task whose time has come; false if there is none. */
bool rota_timers_take(struct rota_master_context *s, struct rota_timer *next);

/* Wakes the master in time, and looks what time it is while something is on the agenda. */
void rota_timers_keep(struct rota_master_context *s);

/* Takes in the reply to that look. False if the fence refused it. */
bool rota_timers_replied(struct rota_master_context *s, const struct rota_event *e);

#endif
