/* The terms of a task, as options of the commands that submit: how often it is tried, when, where
 * and for how long. They become its specification (model/tree/spec.h). */
#ifndef ROTA_CLI_JOBS_TERMS_OPTIONS_H
#define ROTA_CLI_JOBS_TERMS_OPTIONS_H

#include <argp.h>

#include "model/tree/spec.h"

struct rota_terms_options {
    struct rota_spec spec; /* without payload */
    const char *id;        /* the task's name; NULL: the client chooses */
    char late[128];        /* why a task that is not there yet cannot be any more; "": it can */
    bool given;            /* anything that is written into the specification */
    bool backoff_given;
    bool backoff_cap_given;
    const char *after[ROTA_SPEC_AFTER_MAX];
    const char *tags[ROTA_SPEC_TAGS_MAX];
};

/* Two parsers, children of a command's own; their input is a struct rota_terms_options. The first
 * has what concerns the attempts, the second everything else. */
extern const struct argp rota_terms_attempts_argp;
extern const struct argp rota_terms_argp;

/* No terms at all. It points into itself once it is filled, so it is not to be moved. */
void rota_terms_options_init(struct rota_terms_options *t);

/* Ends the command with a sentence and status 2 if the terms contradict each other. */
void rota_terms_options_check(const struct argp_state *state, struct rota_terms_options *t);

/* Writes the payload with its terms, as it is if there are none; in the outbox's memory. Returns
 * NULL, or why the two do not go together: what is wrong with the payload. */
const char *rota_terms_options_write(const struct rota_terms_options *t, struct rota_outbox *o,
                                     struct rota_bytes payload, struct rota_bytes *written);

#endif
