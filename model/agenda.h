/* What the master does at a time: begins with tasks whose delay is over, lets others expire, sweeps
 * ends that nobody collects. All in the servers' time, as the Stat of the master's own writes shows
 * it, so that a new master whose clock is off changes nothing (hazard 28), and nothing is polled.
 *
 * The clock is never ahead of the servers': it counts from a time stamp of theirs that was taken
 * before the reply which brought it. A delay is never cut short. */
#ifndef ROTA_MODEL_AGENDA_H
#define ROTA_MODEL_AGENDA_H

#include "model/ledger.h"

struct rota_appointment {
    int64_t due_ms;
    uint32_t task;
    uint32_t stamp;
    bool expiry; /* else the end of a delay, or of the keeping of an end */
};

/* Sets the clock by a time stamp of the master's own latest write. */
void rota_agenda_set(struct rota_step *s, int64_t server_ms);

/* Something bears that time stamp, so it is not earlier. */
void rota_agenda_seen(struct rota_step *s, int64_t server_ms);

/* What time it is on the servers, milliseconds since 1970. Every leader knows. */
int64_t rota_agenda_now_ms(const struct rota_step *s);

/* The task's time comes then. What has become obsolete meanwhile is passed over. */
void rota_agenda_put(struct rota_step *s, uint32_t task, int64_t due_ms, bool expiry);

/* Takes the next task whose time has come; false if there is none. */
bool rota_agenda_take(struct rota_step *s, struct rota_appointment *next);

/* Wakes the master in time, and looks what time it is while something is on the agenda. */
void rota_agenda_keep(struct rota_step *s);

/* Takes in the reply to that look. False if the fence refused it. */
bool rota_agenda_replied(struct rota_step *s, const struct rota_event *e);

#endif
