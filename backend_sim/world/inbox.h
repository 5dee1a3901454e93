/* The inbox of a process: messages that do not come from ZooKeeper. */
#ifndef ROTA_BACKEND_SIM_WORLD_INBOX_H
#define ROTA_BACKEND_SIM_WORLD_INBOX_H

#include "backend_sim/world/process_state.h"

/* Appends a copy of the message; its name and payload are taken over. */
void rota_inbox_put(struct rota_process *p, const struct rota_inbox_message *message);

/* Puts the moment of the inbox on the timeline. */
void rota_inbox_schedule(struct rota_process *p);

/* Takes the first message out and gives it to the driver. The inbox is not empty. */
void rota_inbox_deliver_first(struct rota_process *p);

/* Drops all messages. */
void rota_inbox_clear(struct rota_process *p);

#endif
