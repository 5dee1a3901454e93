/* Deeds that befall the servers and the network between them. */
#ifndef ROTA_HARNESS_SERVER_H
#define ROTA_HARNESS_SERVER_H

#include "harness/history.h"

/* Whether the deed is for servers: names one, or is an election or a partition. */
bool rota_servers_meant(const struct rota_deed *d);

/* Does it. False if it changed nothing. */
bool rota_servers_suffer(struct rota_world *w, const struct rota_scenario *s,
                         const struct rota_history *h, const struct rota_deed *d);

/* All servers reach everyone again. */
void rota_servers_heal(struct rota_world *w, const struct rota_scenario *s);

#endif
