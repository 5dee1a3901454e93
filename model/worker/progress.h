/* How far the runs of a worker are: the last line each of them wrote, in /progress/<t>, an
 * ephemeral of the worker's session. Inside of the worker.
 *
 * A budget keeps it small (hazard 26): one multi at a time, two seconds apart, with the last line
 * of each run that has a new one. Nothing depends on it: a line that cannot be written is dropped.
 */
#ifndef ROTA_MODEL_WORKER_PROGRESS_H
#define ROTA_MODEL_WORKER_PROGRESS_H

#include "model/worker/runs.h"

/* Run `i` wrote that line. */
void rota_progress_hear(struct rota_worker_context *s, uint32_t i, const char *line);

/* Writes what is new, or asks to be woken when it may. */
void rota_progress_write(struct rota_worker_context *s);

/* Takes in the reply to that. */
void rota_progress_replied(struct rota_worker_context *s, const struct rota_event *e);

/* Run `i` ends without a multi that would delete its znode: it is deleted alone. */
void rota_progress_withdraw(struct rota_worker_context *s, uint32_t i);

/* Gives back the memory of run `i`'s line. */
void rota_progress_forget(struct rota_worker_context *s, uint32_t i);

#endif
