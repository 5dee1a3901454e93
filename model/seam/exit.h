/* How a role ends its process: the exit action and the sentences that go with it. */
#ifndef ROTA_MODEL_SEAM_EXIT_H
#define ROTA_MODEL_SEAM_EXIT_H

#include "model/seam/outbox.h"

/* Appends the end of the process: the driver closes the session and then leaves with `status`.
 * `sentence`, NULL for none, says to people why and what to do next; it is borrowed for the step.
 * Actions after this one are not carried out. */
void rota_exit_add(struct rota_outbox *out, enum rota_exit status, const char *sentence);

/* The sentence for a process that cannot go on because the server refused a request at `path` with
 * the error `rc`. In the outbox's memory. */
const char *rota_exit_forbidden_text(struct rota_outbox *out, const char *path, int32_t rc);

/* The sentence for a process that received FAILED with the error `rc`. In the outbox's memory. */
const char *rota_exit_unreachable_text(struct rota_outbox *out, int32_t rc);

#endif
