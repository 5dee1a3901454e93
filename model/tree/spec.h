/* A task's specification: the terms under which its payload is run.
 *
 * A payload that is a JSON object with a member "rota" is a specification, of the version that this
 * member gives. Any other payload goes to the worker unchanged, under the default terms. */
#ifndef ROTA_MODEL_TREE_SPEC_H
#define ROTA_MODEL_TREE_SPEC_H

#include "model/seam/outbox.h"

#define ROTA_SPEC_VERSION 1

/* The most milliseconds of a duration: ten years. */
#define ROTA_SPEC_DURATION_MAX 315360000000

/* The whole numbers of a specification: member, field, default, least and most. Durations are in
 * milliseconds. */
#define ROTA_SPEC_MAP(X)                                                                           \
    /* failures after which the task is retried */                                                 \
    X("retries", retries, 0, 0, 1000000)                                                           \
    /* workers lost while they ran it until the task is dead; 0: the master's default */           \
    X("losses", losses, 0, 0, 1000000)                                                             \
    /* delay before the first retry; doubled with each, up to the cap, with jitter */              \
    X("backoff_ms", backoff_ms, 1000, 0, ROTA_SPEC_DURATION_MAX)                                   \
    X("backoff_cap_ms", backoff_cap_ms, 300000, 0, ROTA_SPEC_DURATION_MAX)                         \
    /* how long an attempt may run; 0: without limit */                                            \
    X("timeout_ms", timeout_ms, 0, 0, ROTA_SPEC_DURATION_MAX)                                      \
    /* how long after the submit it may still start; 0: without limit */                           \
    X("expires_ms", expires_ms, 0, 0, ROTA_SPEC_DURATION_MAX)                                      \
    /* how long after the submit it may start at the earliest */                                   \
    X("delay_ms", delay_ms, 0, 0, ROTA_SPEC_DURATION_MAX)                                          \
    /* the earliest time to start, since 1970 by the servers' clock; 0: at once */                 \
    X("at_ms", at_ms, 0, 0, INT64_MAX)                                                             \
    /* tasks of a higher priority are assigned first */                                            \
    X("priority", priority, 0, -1000, 1000)                                                        \
    /* how long a result stays that no client collects; -1: the master's default */                \
    X("keep_ms", keep_ms, -1, -1, ROTA_SPEC_DURATION_MAX)

enum {
    ROTA_SPEC_AFTER_MAX = 100, /* tasks that one task may depend on */
    ROTA_SPEC_TAGS_MAX = 16,
    ROTA_SPEC_TAG_MAX = 64, /* bytes of one tag */
};

struct rota_spec {
    bool given;                /* the payload was a specification */
    struct rota_bytes payload; /* for the worker */
#define X(member, field, otherwise, least, most) int64_t field;
    ROTA_SPEC_MAP(X)
#undef X
    uint8_t fatal[32];        /* a bit for each exit status that is not retried */
    const char *const *after; /* tasks that this task depends on */
    uint32_t after_count;
    const char *const *tags; /* tags that the worker must have */
    uint32_t tag_count;
};

/* Fills in the default terms for a payload, which is borrowed. */
void rota_spec_init(struct rota_spec *spec, struct rota_bytes payload);

/* Reads a payload. Returns NULL, or the sentence why the specification is invalid: an unknown
 * member, a newer version, a number out of its range. `spec` then has the default terms. `spec`
 * points into the payload or into the outbox's memory. */
const char *rota_spec_read(struct rota_outbox *o, struct rota_bytes data, struct rota_spec *spec);

/* Writes a specification to `*data`, in the outbox's memory. With default terms that is the payload
 * itself. Returns NULL, or the sentence why the specification cannot be written: a name in `after`
 * or a tag that rota_spec_read refuses. `*data` is then ROTA_NULL_BYTES. */
const char *rota_spec_write(struct rota_outbox *o, const struct rota_spec *spec,
                            struct rota_bytes *data);

/* Returns NULL if the text can be a tag (1 to 64 letters, digits, and . _ -), or the sentence why
 * not. */
const char *rota_spec_tag_wrong(const char *tag);

/* True if a run that ended with this exit status is not retried. */
bool rota_spec_fatal(const struct rota_spec *spec, int32_t exit_status);

#endif
