/* Each action of a scenario, and the call of the world that does it: one table for the statements
 * of a scenario and for injected faults. Actions that submit tasks or need an operator are not in
 * it (submissions.h, operators.h), nor is a partition, which is for many at once. */
#ifndef ROTA_HARNESS_PLAY_WORLD_ACTION_H
#define ROTA_HARNESS_PLAY_WORLD_ACTION_H

#include "backend_sim/world/world.h"
#include "harness/language/action.h"

/* Why the action is not possible for this process now, as the end of a sentence; NULL if it is, or
 * if the table has no such action. */
const char *rota_world_action_obstacle(struct rota_world *w, uint32_t who,
                                       enum rota_script_action_kind kind);

/* Does the action, of the table, to a process. How long it lasts is the caller's concern. False if
 * it changed nothing. */
bool rota_world_action_do(struct rota_world *w, uint32_t who,
                          const struct rota_script_action *action);

/* The same for a server, counted from 0. Returns NULL, or why it changed nothing, as the end of a
 * sentence. */
const char *rota_world_action_do_server(struct rota_world *w, uint32_t server,
                                        const struct rota_script_action *action);

#endif
