/* A transaction on its way from the leader to the servers. */
#ifndef ROTA_BACKEND_SIM_NET_LOG_ENTRY_H
#define ROTA_BACKEND_SIM_NET_LOG_ENTRY_H

#include "server/server.h"

struct rota_log_entry {
    struct rota_log_entry *next;
    int64_t committed; /* microseconds: when a quorum has stored it */
    uint32_t left;     /* servers that have not applied it */
    struct rota_commit commit;
};

/* Copies a commit and everything it points to, into one block. */
struct rota_log_entry *rota_log_entry_copy(const struct rota_commit *commit);

/* Frees it. */
void rota_log_entry_free(struct rota_log_entry *entry);

#endif
