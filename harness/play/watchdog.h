/* Ends the program if a step of a process computes without end. No event follows such a step, so
 * nothing else would notice it. The watchdog counts processor time, so a busy machine does not
 * matter. */
#ifndef ROTA_HARNESS_PLAY_WATCHDOG_H
#define ROTA_HARNESS_PLAY_WATCHDOG_H

#include <time.h>

struct rota_watchdog {
    timer_t timer;
    unsigned seconds;
    char sentence[320];
};

/* From now on, if rota_watchdog_reset is not called for that many seconds of processor time, the
 * sentence is written to standard error and the program ends with ROTA_VERDICT_NO_PROGRESS. The
 * sentence is copied, and cut if it is too long. `w` must not move until rota_watchdog_end. There
 * is one watchdog at a time. */
void rota_watchdog_begin(struct rota_watchdog *w, unsigned seconds, const char *sentence);

/* The time begins anew. */
void rota_watchdog_reset(struct rota_watchdog *w);

/* Stops the watchdog. */
void rota_watchdog_end(struct rota_watchdog *w);

#endif
