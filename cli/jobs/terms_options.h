/* The terms of a task as options of the commands that submit: how often it is tried, when, where
 * and for how long. They become the task's specification (model/tree/spec.h). */
#ifndef ROTA_CLI_JOBS_TERMS_OPTIONS_H
#define ROTA_CLI_JOBS_TERMS_OPTIONS_H

#include <argp.h>

#include "model/tree/spec.h"

struct rota_terms_options {
    struct rota_spec spec; /* without payload */
    const char *id;        /* the task's name; NULL: the client chooses */
    char
        too_late[128]; /* why a new task is refused, since its time is in the past; "": it is not */
    bool given;        /* a term was given that goes into the specification */
    bool backoff_given;
    bool backoff_cap_given;
    const char *after[ROTA_SPEC_AFTER_MAX];
    const char *tags[ROTA_SPEC_TAGS_MAX];
};

/* Two parsers, to be children of a command's parser. Their input is a struct rota_terms_options.
 * The first has the terms of the attempts, the second all others. */
extern const struct argp rota_terms_attempts_argp;
extern const struct argp rota_terms_argp;

/* Sets no terms. The struct must not be moved later, since it will point into itself. */
void rota_terms_options_init(struct rota_terms_options *t);

/* Ends the program with a sentence and status 2 if the terms contradict each other. */
void rota_terms_options_check(const struct argp_state *state, struct rota_terms_options *t);

/* Writes the payload with its terms into the outbox's memory; without terms it stays as it is.
 * Returns NULL, or what is wrong with the payload. */
const char *rota_terms_options_write(const struct rota_terms_options *t, struct rota_outbox *o,
                                     struct rota_bytes payload, struct rota_bytes *written);

#endif
