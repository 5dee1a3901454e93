/* The zkCli sessions z1, z2, ... of a scenario, in a simulated world or on a real ZooKeeper.
 *
 * A session opens at its first statement and ends at its `quit`; a later statement opens it again.
 * When a command is finished, everything that the session has printed since its last statement is
 * compared, with events. If something is still missing, the statement waits for it. */
#ifndef ROTA_HARNESS_PLAY_ZK_SESSIONS_H
#define ROTA_HARNESS_PLAY_ZK_SESSIONS_H

#include "harness/language/scenario.h"
#include "harness/zkcli/zkcli.h"

/* Functions of the world that the sessions need. `index` counts sessions from 0. */
struct rota_zk_sessions_ops {
    /* Makes a backend for the session, without a handle. NULL: it failed, and `reason` says why. */
    struct rota_backend *(*open)(void *context, uint32_t index, char *reason, size_t size);
    /* The session has ended: destroys its backend. */
    void (*close)(void *context, uint32_t index);
    /* Delivers the events that the command of a session caused at once. */
    void (*deliver)(void *context, uint32_t index);
    /* Lets something happen, no later than `until`. False at that time, or if nothing can happen.
     */
    bool (*step)(void *context, rota_time until);
    rota_time (*now)(void *context);
};

struct rota_zk_sessions {
    const struct rota_zk_sessions_ops *ops; /* borrowed */
    void *context;
    struct rota_zkcli **open_sessions; /* NULL: not open */
    uint32_t count;
};

enum rota_zk_session_result {
    ROTA_ZK_SESSION_RIGHT,
    ROTA_ZK_SESSION_WRONG,  /* it printed something else */
    ROTA_ZK_SESSION_SILENT, /* no server answered, or the command does not end */
};

/* Prepares for the sessions of a scenario. */
void rota_zk_sessions_init(struct rota_zk_sessions *zs, const struct rota_scenario *s,
                           const struct rota_zk_sessions_ops *ops, void *context);

/* Ends all open sessions. */
void rota_zk_sessions_close(struct rota_zk_sessions *zs);

/* An event of a session; called from `deliver` and `step`. */
void rota_zk_sessions_handle_event(struct rota_zk_sessions *zs, uint32_t index,
                                   const struct rota_handle_event *event);

/* Carries out a statement of kind ZK. If it is not right, `*report` says in lines of text what went
 * wrong; the caller frees it. */
enum rota_zk_session_result rota_zk_sessions_carry_out(struct rota_zk_sessions *zs,
                                                       const struct rota_statement *st,
                                                       char **report);

#endif
