/* The protocols whose roles a scenario can run: `protocol NAME`. rota's own comes first. */
#ifndef ROTA_HARNESS_PROTOCOL_H
#define ROTA_HARNESS_PROTOCOL_H

#include <stdint.h>

#include "backend_sim/actor.h"

struct rota_protocol {
    const char *name;
    const char *summary; /* half a sentence */
    /* Who plays each role, by enum rota_role; NULL: rota's own. */
    const struct rota_actor_ops *masters;
    const struct rota_actor_ops *workers;
    const struct rota_actor_ops *clients;
};

/* Protocol number `i`, counted from 0; NULL behind the last. Static storage. */
const struct rota_protocol *rota_protocol_at(uint32_t i);

#endif
