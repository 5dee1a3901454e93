/* A task's specification: what its payload says about how it is to be run.
 *
 * A payload that is a JSON object with a member "rota" is a specification, in the version that
 * member names; any other payload is handed to the worker as it is, with every default. */
#ifndef ROTA_MODEL_TREE_SPEC_H
#define ROTA_MODEL_TREE_SPEC_H

#include "model/seam/outbox.h"

#define ROTA_SPEC_VERSION 1

/* The whole numbers of a specification: member, field, default, least and most. Durations are in
 * milliseconds and at most ten years; 0 means none where the sentence says so. */
#define ROTA_SPEC_DURATION_MAX 315360000000
#define ROTA_SPEC_MAP(X)                                                                           \
    /* failures after which the task is tried again */                                             \
    X("retries", retries, 0, 0, 1000000)                                                           \
    /* workers lost under it before it is dead; 0: as the master has it */                         \
    X("losses", losses, 0, 0, 1000000)                                                             \
    /* before the first retry; doubled with each, up to the cap, with jitter */                    \
    X("backoff_ms", backoff_ms, 1000, 0, ROTA_SPEC_DURATION_MAX)                                   \
    X("backoff_cap_ms", backoff_cap_ms, 300000, 0, ROTA_SPEC_DURATION_MAX)                         \
    /* an attempt is ended after that time; 0: never */                                            \
    X("timeout_ms", timeout_ms, 0, 0, ROTA_SPEC_DURATION_MAX)                                      \
    /* it is not begun any more so long after the submit; 0: always */                             \
    X("expires_ms", expires_ms, 0, 0, ROTA_SPEC_DURATION_MAX)                                      \
    /* not before so long after the submit */                                                      \
    X("delay_ms", delay_ms, 0, 0, ROTA_SPEC_DURATION_MAX)                                          \
    /* not before that time, since 1970 by the servers' clock; 0: at once */                       \
    X("at_ms", at_ms, 0, 0, INT64_MAX)                                                             \
    /* higher goes first */                                                                        \
    X("priority", priority, 0, -1000, 1000)                                                        \
    /* how long its end stays if nobody collects it; -1: as the master has it */                   \
    X("keep_ms", keep_ms, -1, -1, ROTA_SPEC_DURATION_MAX)

enum {
    ROTA_SPEC_AFTER_MAX = 100, /* names of other tasks */
    ROTA_SPEC_TAGS_MAX = 16,
    ROTA_SPEC_TAG_MAX = 64, /* bytes of one */
};

struct rota_spec {
    bool given;                /* the payload was a specification */
    struct rota_bytes payload; /* what the worker is to get */
#define X(member, field, otherwise, least, most) int64_t field;
    ROTA_SPEC_MAP(X)
#undef X
    uint8_t fatal[32];        /* bits: exit statuses that are never to be retried */
    const char *const *after; /* tasks that must be done before */
    uint32_t after_count;
    const char *const *tags; /* each must be carried by the worker */
    uint32_t tag_count;
};

/* Every default, for that payload. */
void rota_spec_init(struct rota_spec *spec, struct rota_bytes payload);

/* Reads a payload. Returns NULL, or a sentence why it is a specification that cannot be carried out
 * (an unknown member, a newer version, a number out of bounds); `spec` then holds the defaults.
 * What `spec` points to is the payload itself or in the outbox's memory. */
const char *rota_spec_read(struct rota_outbox *o, struct rota_bytes data, struct rota_spec *spec);

/* Writes one; with nothing but defaults that is the payload as it is. In the outbox's memory. */
struct rota_bytes rota_spec_write(struct rota_outbox *o, const struct rota_spec *spec);

/* Why that cannot be a tag: NULL if it can. Letters, digits, and . _ - */
const char *rota_spec_tag_wrong(const char *tag);

bool rota_spec_fatal(const struct rota_spec *spec, int32_t exit_status);

#endif
