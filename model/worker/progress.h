/* The progress of the runs: the line that each wrote last, in /progress/<t>, an ephemeral of the
 * worker's session.
 *
 * It has a budget, because progress written at will would saturate the servers (hazard 26): one
 * multi at a time, two seconds apart, with the last line of each run that has a new one. Nothing
 * depends on a line: one that cannot be written is dropped. */
#ifndef ROTA_MODEL_WORKER_PROGRESS_H
#define ROTA_MODEL_WORKER_PROGRESS_H

#include "model/worker/runs.h"

/* Run `i` wrote that line. */
void rota_progress_line(struct rota_worker_context *s, uint32_t i, const char *line);

/* Writes the new lines, or asks to be woken when it may. */
void rota_progress_write(struct rota_worker_context *s);

/* Takes in the reply to the multi. */
void rota_progress_written(struct rota_worker_context *s, const struct rota_event *e);

/* Deletes the znode of run `i`, which ends without a multi that would delete it. */
void rota_progress_delete(struct rota_worker_context *s, uint32_t i);

/* The session has ended. */
void rota_progress_clear(struct rota_worker_context *s);

#endif
