/* The terms of a task: what its specification says about when, where and how often it may run, in
 * the pool. */
#ifndef ROTA_MODEL_MASTER_TERMS_H
#define ROTA_MODEL_MASTER_TERMS_H

#include "model/master/state.h"

struct rota_master_terms {
    int64_t not_before_ms; /* since 1970, by the servers' clock; 0: at once */
    int64_t expires_ms;    /* likewise; 0: never */
    int64_t keep_ms;       /* -1: the master's setting */
    uint32_t losses;       /* 0: the master's setting */
    int32_t priority;
    rota_ref tags;  /* separated by commas; 0: none */
    rota_ref after; /* names of the tasks it depends on, one a line; 0: none */
};

/* The terms at `ref`; the defaults for 0. */
struct rota_master_terms rota_master_terms_at(const struct rota_master_context *s, rota_ref ref);

/* Reads the terms from a payload and its Stat. `*ref` is set to them, and to 0 if the payload is no
 * specification. Returns NULL, or a sentence why the specification cannot be carried out. */
const char *rota_master_terms_read(struct rota_master_context *s, const struct rota_reply *r,
                                   rota_ref *ref);

/* Gives the terms at `ref` back, which may be 0. */
void rota_master_terms_give(struct rota_master_context *s, rota_ref ref);

#endif
