/* The end of a run with injected faults: all faults end, and the world must be as good as new. */
#ifndef ROTA_HARNESS_PLAY_RECOVERY_H
#define ROTA_HARNESS_PLAY_RECOVERY_H

#include "harness/play/run_context.h"

/* Ends all faults, starts what has died, and waits until all tasks are collected. Then the clients
 * submit as many tasks as there are slots, which must run at once and be collected in time; and the
 * same again under the next master. */
void rota_recovery_run(struct rota_run_context *ctx);

#endif
