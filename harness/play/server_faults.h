/* Deeds that befall the servers and the network between them. */
#ifndef ROTA_HARNESS_PLAY_SERVER_FAULTS_H
#define ROTA_HARNESS_PLAY_SERVER_FAULTS_H

#include "harness/judge/history.h"

/* Whether the deed is for servers: names one, or is an election or a partition. */
bool rota_servers_meant(const struct rota_script_action *d);

/* Does it. False if it changed nothing. */
bool rota_servers_suffer(struct rota_world *w, const struct rota_scenario *s,
                         const struct rota_history *h, const struct rota_script_action *d);

/* All servers reach everyone again. */
void rota_servers_heal(struct rota_world *w, const struct rota_scenario *s);

#endif
