/* A transaction on its way from the leader to the other servers. */
#ifndef ROTA_BACKEND_SIM_ENTRY_H
#define ROTA_BACKEND_SIM_ENTRY_H

#include "backend_sim/server.h"

struct rota_entry {
    struct rota_entry *next;
    int64_t committed; /* microseconds: when a quorum has it */
    uint32_t left;     /* servers that have not applied it */
    struct rota_commit commit;
};

/* Copies a commit and everything it points to, into one block. */
struct rota_entry *rota_entry_copy(const struct rota_commit *commit);

/* Frees it. */
void rota_entry_free(struct rota_entry *entry);

#endif
