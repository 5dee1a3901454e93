/* The results of runs: what becomes of an attempt that has ended, and how that is written
 * (docs/PROTOCOL.md, "Working").
 *
 * One multi writes the results of several runs. For each it deletes the assignment and creates what
 * takes its place, a status or a record under /retry, so neither can be without the other (hazard
 * 9), and a reassignment and a completion exclude each other (hazard 11). */
#ifndef ROTA_MODEL_WORKER_RESULTS_H
#define ROTA_MODEL_WORKER_RESULTS_H

#include "model/worker/runs.h"

/* Run `i` has ended at the host, as the FINISHED event `e` says. */
void rota_results_finished(struct rota_worker_context *s, uint32_t i, const struct rota_event *e);

/* Run `i` does not begin: its task gets the final status `result`, for that reason, "" for none. */
void rota_results_not_begun(struct rota_worker_context *s, uint32_t i, enum rota_run_result result,
                            const char *reason);

/* Run `i` does not begin, or was stopped: it is handed back, which counts as no failure and no
 * loss. */
void rota_results_hand_back(struct rota_worker_context *s, uint32_t i);

/* The task of run `i` is gone, or has a status by another client: only the assignment is deleted.
 */
void rota_results_delete_assignment(struct rota_worker_context *s, uint32_t i);

/* Gives run `i` back, with nothing to write: its progress is deleted. */
void rota_results_forget(struct rota_worker_context *s, uint32_t i);

/* The same for a run whose assignment was removed by another client. */
void rota_results_supersede(struct rota_worker_context *s, uint32_t i);

/* Writes the results of runs that have ended, one multi at a time: a single result is written at
 * once, and those that end in the meantime are written together in the next. None is written while
 * the lease is over. */
void rota_results_write(struct rota_worker_context *s);

/* Takes in the reply to the multi. */
void rota_results_written(struct rota_worker_context *s, const struct rota_event *e);

/* To be called behind the barrier: asks what became of results with an unknown outcome. */
void rota_results_resolve(struct rota_worker_context *s);

/* Takes in the reply for run `i`. */
void rota_results_resolved(struct rota_worker_context *s, uint32_t i, const struct rota_event *e);

#endif
