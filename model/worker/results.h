/* What becomes of an attempt that has ended, and the writing of it (docs/PROTOCOL.md, "Working").
 * Inside of the worker.
 *
 * One multi writes the ends of several runs. For each it deletes the assignment and creates what
 * takes its place, a status or a record under /retry, so that neither can be without the other
 * (hazard 9), and so that a reassignment and a completion exclude each other (hazard 11). */
#ifndef ROTA_MODEL_WORKER_RESULTS_H
#define ROTA_MODEL_WORKER_RESULTS_H

#include "model/worker/runs.h"

/* Run `i` has ended, as the FINISHED event `e` says: done, failed, dead, cancelled, or handed back.
 */
void rota_results_finished(struct rota_worker_context *s, uint32_t i, const struct rota_event *e);

/* Run `i` is not started: its task ends in that state, for that reason, "" for none. */
void rota_results_unstarted(struct rota_worker_context *s, uint32_t i, enum rota_run_result result,
                            const char *reason);

/* Run `i` is not started: it is handed back in good order, which counts nothing. */
void rota_results_hand_back(struct rota_worker_context *s, uint32_t i);

/* The task of run `i` is gone, or was ended by another hand: the assignment is dropped alone. */
void rota_results_drop(struct rota_worker_context *s, uint32_t i);

/* Writes what has ended, one multi at a time: a lone result goes at once, and what ends meanwhile
 * goes together in the next. None while the lease is over. */
void rota_results_write(struct rota_worker_context *s);

/* Takes in the reply to such a multi. */
void rota_results_replied(struct rota_worker_context *s, const struct rota_event *e);

/* Behind the barrier: asks what became of the results whose writing had no known outcome. */
void rota_results_resolve(struct rota_worker_context *s);

/* Takes in the answer for run `i`. */
void rota_results_resolved(struct rota_worker_context *s, uint32_t i, const struct rota_event *e);

/* Gives back the memory of what run `i` was to write. */
void rota_results_forget(struct rota_worker_context *s, uint32_t i);

#endif
