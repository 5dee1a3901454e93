/* A world: processes, each of them a driver over a simulated client, around one simulated server or
 * an ensemble, in virtual time. One timeline says what happens next, and one source of choices how.
 * The same seed and the same calls give the same world, event by event, on every machine.
 *
 * A process's run is virtual work: the world's user says how long it takes and how it ends. Clients
 * collect as `rota submit --wait` does. Processes are named by their number `who`. Their faults are
 * in world_faults.h, those of the servers in world_servers.h. */
#ifndef ROTA_BACKEND_SIM_WORLD_WORLD_H
#define ROTA_BACKEND_SIM_WORLD_WORLD_H

#include "backend_sim/world/process.h"
#include "backend_sim/world/world_trace.h"

/* Makes a world at time 0 with a fresh server and no processes. The hooks are borrowed. */
struct rota_world *rota_world_open(const struct rota_world_config *config,
                                   const struct rota_world_hooks *hooks, void *context);

/* Frees everything. NULL is allowed. */
void rota_world_close(struct rota_world *w);

/* ---- time ---- */

/* Carries out what comes next. Returns false if nothing ever will. */
bool rota_world_step(struct rota_world *w);

/* Lets everything happen that happens up to that time; the time is then `until`. */
void rota_world_run(struct rota_world *w, rota_time until);

rota_time rota_world_now(const struct rota_world *w);

/* When something happens next, ROTA_NEVER if nothing will. */
rota_time rota_world_next(const struct rota_world *w);

/* Calls `called` with this number at that time. */
void rota_world_call_at(struct rota_world *w, rota_time when, uint64_t id);

struct rota_choices *rota_world_choices(struct rota_world *w);

/* Every mark that a process has reached so far. */
struct rota_marks rota_world_marks(const struct rota_world *w);

/* ---- processes ---- */

/* Adds a process that does not run yet, returns its number, counted from 0. `config` and what it
 * points to are copied, but for the role's table, which is borrowed. */
uint32_t rota_world_add(struct rota_world *w, const char *name, enum rota_part part,
                        const struct rota_driver_config *config);

/* Adds a plain ZooKeeper client that does not run yet, returns its number. rota_world_start makes
 * its simulated client; the user opens the handle and sends the requests. `on_event` takes what
 * comes back. `context` is borrowed. */
uint32_t rota_world_add_zk_client(struct rota_world *w, const char *name,
                                  rota_zk_client_event_f on_event, void *context);

uint32_t rota_world_count(const struct rota_world *w);

/* Process number `who`; valid until the world is closed. */
struct rota_process *rota_world_process(const struct rota_world *w, uint32_t who);

/* As the functions of process.h. */
void rota_world_start(struct rota_world *w, uint32_t who);
void rota_world_stop(struct rota_world *w, uint32_t who);
void rota_world_crash(struct rota_world *w, uint32_t who, bool again);
void rota_world_pause(struct rota_world *w, uint32_t who, bool work);
void rota_world_resume(struct rota_world *w, uint32_t who);

/* Lets a plain ZooKeeper client take the events that its own requests caused at once. */
void rota_world_deliver(struct rota_world *w, uint32_t who);

/* A plain ZooKeeper client leaves: its connection is closed. */
void rota_world_leave(struct rota_world *w, uint32_t who);

/* Gives a running client a task to submit, or, with `payload` NULL, one to wait for; a running
 * operator, without payload, the object of its request. `job` counts from 0 in each incarnation.
 * Name and payload are copied. A name of NULL lets the client choose one for what it submits. */
void rota_world_submit(struct rota_world *w, uint32_t who, uint64_t job, const char *name,
                       const struct rota_bytes *payload);

/* Tells a running client or operator that no more jobs will come: it leaves when all have ended. */
void rota_world_close_input(struct rota_world *w, uint32_t who);

/* Starts an operator that does not run and names the task or the worker of its request. It leaves
 * when the request is done. */
void rota_world_start_operator(struct rota_world *w, uint32_t who, const char *name);

#endif
