/* The zkCli sessions z1, z2, ... of a scenario and what they type, in whatever world they live.
 *
 * A session opens at its first statement and ends at its `quit`; a later statement opens it anew.
 * What it has printed since its statement before, events included, is compared as soon as its
 * command is finished; if something is still missing, it is waited for. */
#ifndef ROTA_HARNESS_PLAY_ZK_SESSIONS_H
#define ROTA_HARNESS_PLAY_ZK_SESSIONS_H

#include "harness/language/scenario.h"
#include "harness/zkcli/zkcli.h"

/* What the sessions need of their world. `seat` counts sessions from 0. */
struct rota_zk_sessions_ops {
    /* A backend for the session, without a handle; NULL: there is none, and `reason` says why. */
    struct rota_backend *(*open)(void *context, uint32_t seat, char *reason, size_t size);
    /* The session is over: its backend goes. */
    void (*close)(void *context, uint32_t seat);
    /* Lets the session hear what its command has brought about at once. */
    void (*hear)(void *context, uint32_t seat);
    /* Lets something happen, no later than `until`. False at that time, or if nothing can. */
    bool (*step)(void *context, rota_time until);
    rota_time (*now)(void *context);
};

struct rota_zk_sessions {
    const struct rota_zk_sessions_ops *ops; /* borrowed */
    void *context;
    struct rota_zkcli **seats; /* NULL: not open */
    uint32_t count;
};

enum rota_zk_session_result {
    ROTA_ZK_SESSION_RIGHT,
    ROTA_ZK_SESSION_WRONG,  /* something else was printed */
    ROTA_ZK_SESSION_SILENT, /* no server was reached, or the command does not end */
};

/* Prepares for the sessions of a scenario. */
void rota_zk_sessions_init(struct rota_zk_sessions *t, const struct rota_scenario *s,
                           const struct rota_zk_sessions_ops *ops, void *context);

/* Ends what is open. */
void rota_zk_sessions_close(struct rota_zk_sessions *t);

/* An event for a session; to be called from `hear` and `step`. */
void rota_zk_sessions_handle_event(struct rota_zk_sessions *t, uint32_t seat,
                                   const struct rota_handle_event *event);

/* Carries out a statement of kind ZK. Unless it was right, `*report` says in lines of text what
 * went wrong; freed by the caller. */
enum rota_zk_session_result rota_zk_sessions_carry_out(struct rota_zk_sessions *t,
                                                       const struct rota_statement *st,
                                                       char **report);

#endif
