/* The protocols that a scenario can run with `protocol NAME`. rota's own is the first. */
#ifndef ROTA_HARNESS_LANGUAGE_PROTOCOL_H
#define ROTA_HARNESS_LANGUAGE_PROTOCOL_H

#include <stdint.h>

#include "backend_sim/world/process_role.h"

struct rota_protocol {
    const char *name;
    const char *summary; /* half a sentence */
    /* The implementation of each role; NULL: rota's own. */
    const struct rota_process_role *masters;
    const struct rota_process_role *workers;
    const struct rota_process_role *clients;
};

/* Protocol number `i`, counted from 0; NULL after the last one. Static storage. */
const struct rota_protocol *rota_protocol_at(uint32_t i);

#endif
