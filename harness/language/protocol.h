/* The protocols whose roles a scenario can run: `protocol NAME`. rota's own comes first. */
#ifndef ROTA_HARNESS_LANGUAGE_PROTOCOL_H
#define ROTA_HARNESS_LANGUAGE_PROTOCOL_H

#include <stdint.h>

#include "backend_sim/world/process_state.h"
#include "model/seam/role.h"

/* How an invariant of a protocol was broken. */
struct rota_protocol_breach {
    const char *invariant; /* its name; static storage. NULL: none is broken */
    char text[256];
};

/* The invariants of a protocol, which take the place of rota's own. Each function looks at the
 * world and at what has just happened, and fills `breach` if that breaks an invariant. `who` is the
 * number of a process, or ROTA_NOBODY. Each function is optional. */
struct rota_protocol_judge {
    size_t state_size; /* of `state`, which is zeroed when the world begins; not 0 */
    /* The server has committed a transaction. */
    void (*committed)(void *state, const struct rota_world *w, uint32_t who,
                      const struct rota_commit *commit, struct rota_protocol_breach *breach);
    /* A process has carried out an action. */
    void (*acted)(void *state, const struct rota_world *w, uint32_t who,
                  const struct rota_action *action, struct rota_protocol_breach *breach);
    /* A run of a process has ended. */
    void (*ended)(void *state, const struct rota_world *w, uint32_t who,
                  const struct rota_work *work, struct rota_protocol_breach *breach);
    /* Fills `breach` as long as something must still happen. Asked when the faults of the scenario
     * are over; then it must happen within ten minutes (progress). */
    void (*awaited)(const void *state, const struct rota_world *w,
                    struct rota_protocol_breach *breach);
};

struct rota_protocol {
    const char *name;
    const char *summary; /* half a sentence */
    /* The roles of the processes m1, m2, ..., of w1, w2, ... and of c1, c2, ... Without `configure`
     * their configs are rota's own: struct rota_master_config, rota_worker_config and
     * rota_client_config. */
    const struct rota_role *master;
    const struct rota_role *worker;
    const struct rota_role *client;
    /* Fills the zeroed `config`, of the role's config_size bytes, and `session` for the process
     * `name`. Optional. */
    void (*configure)(const char *name, void *config, struct rota_session_config *session);
    /* NULL: rota's own invariants. With a judge of its own a protocol begins with an empty tree,
     * and its runs end only when they are cancelled. */
    const struct rota_protocol_judge *judge;
};

/* Protocol number `i`, counted from 0; NULL after the last one. Static storage. */
const struct rota_protocol *rota_protocol_at(uint32_t i);

#endif
