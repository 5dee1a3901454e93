/* Lets time pass in the world, and judges it after every event. */
#ifndef ROTA_HARNESS_PLAY_PACE_H
#define ROTA_HARNESS_PLAY_PACE_H

#include "harness/play/run_context.h"

/* Whether no failure was found so far. Checks the invariants and the statements of `never`. */
bool rota_play_holds(struct rota_run_context *ctx);

/* Lets one event happen, no later than `until`. False at that time, or if something failed. */
bool rota_play_step(struct rota_run_context *ctx, rota_time until);

/* Lets that much time pass. */
void rota_play_wait(struct rota_run_context *ctx, rota_span span);

#endif
