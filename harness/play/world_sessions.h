/* The zkCli sessions of a scenario in a simulated world. */
#ifndef ROTA_HARNESS_PLAY_WORLD_SESSIONS_H
#define ROTA_HARNESS_PLAY_WORLD_SESSIONS_H

#include "backend_sim/world/world.h"
#include "harness/play/zk_sessions.h"

struct rota_world_sessions;

struct rota_world_session {
    struct rota_world_sessions *all;
    uint32_t index;
};

struct rota_world_sessions {
    struct rota_world *w; /* borrowed */
    uint32_t first;       /* process number of z1 */
    struct rota_zk_sessions sessions;
    struct rota_world_session *entries;
    bool (*step)(void *context,
                 rota_time until); /* lets one event happen, see rota_zk_sessions_ops */
    void *context;
};

/* Adds a ZooKeeper client to the world for each session that the scenario names; none of them runs.
 * `ws` must not move. The processes of the scenario must have been added before. */
void rota_world_sessions_init(struct rota_world_sessions *ws, const struct rota_scenario *s,
                              struct rota_world *w, bool (*step)(void *context, rota_time until),
                              void *context);

/* Carries out a statement of kind ZK, see rota_zk_sessions_carry_out. */
enum rota_zk_session_result rota_world_sessions_carry_out(struct rota_world_sessions *ws,
                                                          const struct rota_statement *st,
                                                          char **report);

/* Ends all sessions; call it before the world is closed. */
void rota_world_sessions_close(struct rota_world_sessions *ws);

#endif
