/* The terms in the payload of a task, for the judge: read as docs/PROTOCOL.md defines them, without
 * the reader that the roles use, so that a mistake in one of them shows. */
#ifndef ROTA_HARNESS_JUDGE_TASK_TERMS_H
#define ROTA_HARNESS_JUDGE_TASK_TERMS_H

#include "harness/language/scenario.h"

struct rota_task_terms {
    uint32_t retries;
    uint32_t losses;   /* 0: the cluster's */
    rota_span timeout; /* 0: none */
    rota_span expires; /* 0: never */
    rota_span backoff;
    rota_span backoff_cap;
    rota_span delay;
    rota_span keep; /* -1: not given */
    uint8_t fatal[32];
    char *tags;    /* separated by commas; NULL: none */
    char *after;   /* the same */
    char *payload; /* what the worker receives */
    size_t payload_length;
};

/* Reads a payload. False: it is no specification of version 1, and there is nothing to free. */
bool rota_task_terms_read(struct rota_task_terms *terms, const char *bytes, size_t length);

/* Frees what the terms own. */
void rota_task_terms_close(struct rota_task_terms *terms);

#endif
