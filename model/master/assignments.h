/* Assignments: which worker holds which task, as /assign says, and which lost worker a task is
 * still assigned to. */
#ifndef ROTA_MODEL_MASTER_ASSIGNMENTS_H
#define ROTA_MODEL_MASTER_ASSIGNMENTS_H

#include "model/master/belief.h"

/* Takes in the children of /assign/<worker>, of a reply that is OK or NO_NODE: reads the
 * assignments that are new, and releases the tasks that are gone from there. */
void rota_assignments_listed(struct rota_master_context *s, uint32_t worker,
                             const struct rota_reply *r);

/* Puts a task that no worker holds among those of a worker, and takes it out of there. The caller
 * sets the task's state. */
void rota_assignments_add(struct rota_master_context *s, uint32_t task, uint32_t worker);
void rota_assignments_remove(struct rota_master_context *s, uint32_t task);

/* The attempts of a task that a worker holds are known: if it is a suspect, the worker gets no
 * other task until the suspect has left it (rule 7: a suspect runs alone). */
void rota_assignments_isolate(struct rota_master_context *s, uint32_t task);

/* Reads the assignment of a held task, and the data of its worker after it: which of the worker's
 * incarnations the assignment belongs to is seen when both are known. */
void rota_assignments_read(struct rota_master_context *s, uint32_t task);

/* The task's worker is lost: the task leaves it, but its assignment stays until it is moved. */
void rota_assignments_lose(struct rota_master_context *s, uint32_t task);

/* The assignment to the lost worker was moved, or is gone; nothing happens if there was none. */
void rota_assignments_moved(struct rota_master_context *s, uint32_t task);

/* The data of a worker became known: takes back the tasks that its present incarnation does not
 * hold (rule 4), and sets the time at which /assign of a dead worker is swept. */
void rota_assignments_reclaim(struct rota_master_context *s, uint32_t worker);

/* The data of a held task's assignment became known: takes the task back if it is due. */
void rota_assignments_reclaim_task(struct rota_master_context *s, uint32_t task);

/* Asserts that the lists and counts of every worker agree with the tasks. */
void rota_assignments_check(const struct rota_master_context *s);

#endif
