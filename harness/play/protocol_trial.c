#include "harness/play/protocol_trial.h"

#include <stdlib.h>

#include "system/memory.h"

void rota_protocol_trial_init(struct rota_protocol_trial *t, const struct rota_protocol *protocol,
                              const struct rota_world *w)
{
    *t = (struct rota_protocol_trial){.judge = protocol->judge, .w = w};
    if (t->judge != NULL)
        t->state = rota_memory_zeroed(1, t->judge->state_size);
}

void rota_protocol_trial_close(struct rota_protocol_trial *t)
{
    free(t->state);
    t->state = NULL;
}

/* The first breach counts. */
static bool goes_on(const struct rota_protocol_trial *t)
{
    return t->judge != NULL && t->breach.invariant == NULL;
}

void rota_protocol_trial_committed(struct rota_protocol_trial *t, uint32_t who,
                                   const struct rota_commit *commit)
{
    if (goes_on(t) && t->judge->committed != NULL)
        t->judge->committed(t->state, t->w, who, commit, &t->breach);
}

void rota_protocol_trial_acted(struct rota_protocol_trial *t, uint32_t who,
                               const struct rota_action *action)
{
    if (goes_on(t) && t->judge->acted != NULL)
        t->judge->acted(t->state, t->w, who, action, &t->breach);
}

void rota_protocol_trial_ended(struct rota_protocol_trial *t, uint32_t who,
                               const struct rota_work *work)
{
    if (goes_on(t) && t->judge->ended != NULL)
        t->judge->ended(t->state, t->w, who, work, &t->breach);
}

bool rota_protocol_trial_has_progressed(const struct rota_protocol_trial *t,
                                        struct rota_protocol_breach *missing)
{
    *missing = (struct rota_protocol_breach){0};
    if (t->judge != NULL && t->judge->awaited != NULL)
        t->judge->awaited(t->state, t->w, missing);
    return missing->invariant == NULL;
}
