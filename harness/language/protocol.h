/* The protocols that a scenario can run with `protocol NAME`. rota's own is the first. */
#ifndef ROTA_HARNESS_LANGUAGE_PROTOCOL_H
#define ROTA_HARNESS_LANGUAGE_PROTOCOL_H

#include <stdint.h>

#include "model/seam/role.h"

struct rota_protocol {
    const char *name;
    const char *summary; /* half a sentence */
    /* The role of the processes m1, m2, ...; its config is a struct rota_master_config. */
    const struct rota_role *master;
    /* The role of w1, w2, ...; its config is a struct rota_worker_config. */
    const struct rota_role *worker;
    /* The role of c1, c2, ...; its config is a struct rota_client_config. */
    const struct rota_role *client;
};

/* Protocol number `i`, counted from 0; NULL after the last one. Static storage. */
const struct rota_protocol *rota_protocol_at(uint32_t i);

#endif
