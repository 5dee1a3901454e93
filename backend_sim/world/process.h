/* The life of one process: it is started, takes its events step by step, is paused and resumed, is
 * stopped or crashes. */
#ifndef ROTA_BACKEND_SIM_WORLD_PROCESS_H
#define ROTA_BACKEND_SIM_WORLD_PROCESS_H

#include "backend_sim/world/process_state.h"

/* Makes a process that does not run yet. `config` and what it points to are copied, but for the
 * role's table, which is borrowed; NULL for a ZK_CLIENT. Freed by rota_process_destroy. */
struct rota_process *rota_process_create(struct rota_world *w, uint32_t who, const char *name,
                                         enum rota_part part,
                                         const struct rota_driver_config *config);

/* Frees a process. One that runs ends as by a crash, without a line in the trace. */
void rota_process_destroy(struct rota_process *p);

/* Adds the marks that the driver of a running process has reached. */
void rota_process_join_marks(const struct rota_process *p, struct rota_marks *marks);

/* Starts a process that does not run, with a new session and an empty state. One that is stopping
 * starts again once it has ended. */
void rota_process_start(struct rota_process *p);

/* Asks a process to end in good order. */
void rota_process_stop(struct rota_process *p);

/* Ends a process at once; what it has sent still arrives. Its runs end with it. With `again` it
 * starts again at once. */
void rota_process_crash(struct rota_process *p, bool again);

/* Ends a running ZK_CLIENT: its connection is closed. */
void rota_process_leave(struct rota_process *p);

/* Pauses a process whole, with `work` also the runs that it has begun; and resumes it. */
void rota_process_pause(struct rota_process *p, bool work);
void rota_process_resume(struct rota_process *p);

/* The pace of its clock has changed. */
void rota_process_rearm(struct rota_process *p);

/* Gives the process every event that waits for it; then it dies, leaves or goes on. */
void rota_process_pump(struct rota_process *p);

/* The same, but only if the process runs, is not paused and is not at work already. */
void rota_process_pump_if_idle(struct rota_process *p);

/* One of its own moments has come: CLIENT, PROCESS, INBOX, WORK or LEASE. */
void rota_process_moment(struct rota_process *p, const struct rota_moment *m);

/* Asserts what holds between its steps. */
void rota_process_check(const struct rota_process *p);

#endif
