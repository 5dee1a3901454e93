/* Timers: when delayed tasks begin, tasks that wait expire, and final statuses are swept. All times
 * are the servers', as the Stat of the master's own writes shows them, so that a new master whose
 * clock is off changes nothing (hazard 28), and nothing is polled.
 *
 * The clock is never ahead of the servers': it counts on from a time stamp of theirs that was taken
 * before the reply that brought it. A delay is never cut short. */
#ifndef ROTA_MODEL_MASTER_TIMERS_H
#define ROTA_MODEL_MASTER_TIMERS_H

#include "model/master/belief.h"

struct rota_timer {
    int64_t due_ms;
    uint32_t task;
    uint32_t generation; /* of the task's record */
    bool expiry;         /* the task expires; else a delay or a retention is over */
};

/* Sets the clock to the time stamp of the master's own latest write. */
void rota_timers_set_clock(struct rota_master_context *s, int64_t server_ms);

/* Notes a time stamp of the servers: it is not later than that. */
void rota_timers_note_stamp(struct rota_master_context *s, int64_t server_ms);

/* The servers' time, in milliseconds since 1970. Every leader knows it. */
int64_t rota_timers_now_ms(const struct rota_master_context *s);

/* Sets a timer for a task; one for the expiry of a task only if there is none yet. A timer is stale
 * once the task no longer waits for it, and then has no effect. */
void rota_timers_put(struct rota_master_context *s, uint32_t task, int64_t due_ms, bool expiry);

/* Removes the next timer that is due and not stale; false if there is none. */
bool rota_timers_take(struct rota_master_context *s, struct rota_timer *next);

/* While there are timers: asks for a wake-up when the first is due, and reads the servers' clock
 * once a minute. */
void rota_timers_schedule(struct rota_master_context *s);

/* Takes in the reply to a reading of the clock that the fence did not refuse. */
void rota_timers_clock_read(struct rota_master_context *s, const struct rota_event *e);

/* Asserts that the heap is in order, and that every task that waits for a time has a timer. */
void rota_timers_check(const struct rota_master_context *s);

#endif
