/* Attempts: how often a task was placed, how many workers were lost under it, and the history of
 * its former attempts. A lost worker counts as a loss when the task leaves it, and in a mass loss
 * as an excused one (rule 7: failures and losses are counted apart, and a mass loss counts none).
 */
#ifndef ROTA_MODEL_MASTER_ATTEMPTS_H
#define ROTA_MODEL_MASTER_ATTEMPTS_H

#include "model/master/belief.h"
#include "model/tree/record.h"

/* Takes over what a record under /assign or /retry says of the task's attempts. */
void rota_attempts_keep(struct rota_master_context *s, uint32_t task,
                        const struct rota_attempt_record *record);

/* The losses of a task, and its excused ones, once it has left the lost worker that it is still
 * assigned to, if there is one. */
void rota_attempts_count_loss(const struct rota_master_context *s, const struct rota_master_task *t,
                              uint32_t *losses, uint32_t *excused_losses);

/* True if so many workers were lost under the task that it is dead; `*losses` is their number. */
bool rota_attempts_exhausted(const struct rota_master_context *s, uint32_t task, uint32_t *losses);

/* True if so many workers were lost under the task that it runs alone (rule 7). */
bool rota_attempts_suspect(const struct rota_master_context *s, const struct rota_master_task *t);

/* The history of a task, with a line for the attempt that ended with its lost worker, if it is
 * still assigned to one. In the pool or in the outbox's memory. */
const char *rota_attempts_history(struct rota_master_context *s, uint32_t task);

#endif
