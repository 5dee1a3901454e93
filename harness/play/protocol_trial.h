/* The judge of a protocol at work in one world (protocol.h). A protocol without one is never found
 * wrong here. */
#ifndef ROTA_HARNESS_PLAY_PROTOCOL_TRIAL_H
#define ROTA_HARNESS_PLAY_PROTOCOL_TRIAL_H

#include "harness/language/protocol.h"

struct rota_protocol_trial {
    const struct rota_protocol_judge *judge; /* NULL: the protocol has none */
    const struct rota_world *w;              /* borrowed */
    void *state;
    struct rota_protocol_breach breach; /* the first one */
};

/* Begins to judge a world that has not seen a transaction. */
void rota_protocol_trial_init(struct rota_protocol_trial *t, const struct rota_protocol *protocol,
                              const struct rota_world *w);

/* Frees the memory. */
void rota_protocol_trial_close(struct rota_protocol_trial *t);

/* The world's hooks of the same names. */
void rota_protocol_trial_committed(struct rota_protocol_trial *t, uint32_t who,
                                   const struct rota_commit *commit);
void rota_protocol_trial_acted(struct rota_protocol_trial *t, uint32_t who,
                               const struct rota_action *action);
void rota_protocol_trial_ended(struct rota_protocol_trial *t, uint32_t who,
                               const struct rota_work *work);

/* True if the protocol has made the progress that it owes; otherwise `missing` says what is still
 * to happen. */
bool rota_protocol_trial_has_progressed(const struct rota_protocol_trial *t,
                                        struct rota_protocol_breach *missing);

#endif
