/* The duties of the leader that depend on the clock: it ends sessions whose time has run out, and
 * removes empty containers and TTL nodes. */
#ifndef ROTA_BACKEND_SIM_NET_LEADER_CLOCK_H
#define ROTA_BACKEND_SIM_NET_LEADER_CLOCK_H

#include "backend_sim/net/ensemble_state.h"

/* Makes sure that a moment comes at which the sessions, or the containers and TTL nodes, are
 * checked in time. */
void rota_leader_clock_arm_expiry(struct rota_ensemble *e);
void rota_leader_clock_arm_reap(struct rota_ensemble *e);

/* Does what is due. If no leader decides, it stays due. */
void rota_leader_clock_expire(struct rota_ensemble *e);
void rota_leader_clock_reap(struct rota_ensemble *e);

/* Arms both anew, for a leader that has just started. */
void rota_leader_clock_restart(struct rota_ensemble *e);

/* Does at once what became due while no leader decided (S69). */
void rota_leader_clock_catch_up(struct rota_ensemble *e);

#endif
