/* Ends the program when it computes on and on without coming back: a step of a process that never
 * returns is seen by nobody else, for no event follows it. It counts the processor's time, so a
 * machine that is busy with other things excuses what is slow. */
#ifndef ROTA_HARNESS_PLAY_WATCHDOG_H
#define ROTA_HARNESS_PLAY_WATCHDOG_H

#include <time.h>

struct rota_watchdog {
    timer_t timer;
    unsigned seconds;
    char sentence[320];
};

/* From now on, if rota_watchdog_pat does not come for so many seconds of processor time, the
 * sentence is written to standard error and the program ends with ROTA_VERDICT_NO_PROGRESS. The
 * sentence is copied, and shortened if it is too long; the watchdog stays where it is until it is
 * called off. One at a time. */
void rota_watchdog_begin(struct rota_watchdog *w, unsigned seconds, const char *sentence);

/* All is well: the time begins anew. */
void rota_watchdog_pat(struct rota_watchdog *w);

/* Calls it off. */
void rota_watchdog_end(struct rota_watchdog *w);

#endif
