/* The state that the processes of a world share: the timeline, the choices, the network, and the
 * hash over everything that happens. Data only. */
#ifndef ROTA_BACKEND_SIM_WORLD_WORLD_STATE_H
#define ROTA_BACKEND_SIM_WORLD_WORLD_STATE_H

#include "backend_sim/net/link.h"
#include "backend_sim/world/world_hooks.h"
#include "model/base/mark.h"

#define XXH_INLINE_ALL
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

struct rota_process;

struct rota_world_config {
    uint64_t seed;
    rota_time latency;
    uint32_t tick_ms;    /* of the servers; 0: 2000 */
    uint32_t servers;    /* 0 or 1: one alone, more are an ensemble */
    rota_time lag;       /* how much later the followers of an ensemble apply a transaction */
    bool quorum_sync;    /* a sync asks for a quorum, which ZooKeeper's does not (S96) */
    uint32_t reap_ms;    /* between two looks at containers and TTL nodes; 0: a minute (S39) */
    uint32_t session_ms; /* the session timeout that every client asks for */
    bool record_choices; /* keep a log of all that is drawn */
};

struct rota_world {
    struct rota_world_config config;
    const struct rota_world_hooks *hooks;
    void *context;
    struct rota_timeline timeline;
    struct rota_choices choices;
    struct rota_net net;
    struct rota_process **processes;
    uint32_t count;
    uint32_t capacity;
    uint64_t events;       /* delivered and handled so far */
    uint64_t events_still; /* of them, those since time has passed */
    uint64_t serials;
    XXH3_state_t *hash;
    struct rota_marks marks; /* of the world itself, and of processes that have ended */
};

#endif
