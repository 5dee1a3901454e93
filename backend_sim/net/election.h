/* Elections: servers that lose their leader or their quorum give up after a while, look for a
 * leader and elect one. */
#ifndef ROTA_BACKEND_SIM_NET_ELECTION_H
#define ROTA_BACKEND_SIM_NET_ELECTION_H

#include "backend_sim/net/ensemble_state.h"

/* The server stops following or leading: it drops its forwards, closes its connections, and looks
 * for a leader. */
void rota_election_look(struct rota_ensemble *e, uint32_t server);

/* The leader stops leading. Its followers notice at once, since their connections to it end. */
void rota_election_depose(struct rota_ensemble *e);

/* To be called when servers reach each other that did not before, or no longer. */
void rota_election_review(struct rota_ensemble *e);

/* Moments: a server gives up; an election ends. */
void rota_election_give_up_moment(struct rota_ensemble *e, uint32_t server, uint64_t serial);
void rota_election_moment(struct rota_ensemble *e, uint64_t serial);

#endif
