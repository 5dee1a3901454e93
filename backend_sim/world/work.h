/* The virtual work of a process: its runs take time, write lines of progress and end as planned. */
#ifndef ROTA_BACKEND_SIM_WORLD_WORK_H
#define ROTA_BACKEND_SIM_WORLD_WORK_H

#include "backend_sim/world/process_state.h"

/* Begins the run of a RUN action. */
void rota_work_begin(struct rota_process *p, const struct rota_action *run);

/* Cancels a run; FINISHED follows, with a grace a little later. An unknown number is ignored. */
void rota_work_cancel(struct rota_process *p, uint64_t run, bool at_once);

/* The moment of a run has come: it writes a line, or ends. Returns true if it ends its worker: then
 * the process must crash. */
bool rota_work_moment(struct rota_process *p, uint64_t serial);

/* The runs may go on until that time by the process's clock, as its lease says. */
void rota_work_set_lease(struct rota_process *p, rota_time until);

/* Puts the end of the lease on the timeline, after the clock of the process has changed. */
void rota_work_rearm_lease(struct rota_process *p);

/* The guard looks at the clock: if the lease is over it ends all runs, whatever the process does.
 */
void rota_work_lease_moment(struct rota_process *p);

/* Paused work goes on; the time of the pause does not count. */
void rota_work_resume(struct rota_process *p);

/* The process is gone, and its runs with it. */
void rota_work_drop(struct rota_process *p);

/* Asserts what holds between its steps. */
void rota_work_check(const struct rota_process *p);

#endif
