/* Random sequences: the same seed gives the same sequence on every machine. */
#ifndef ROTA_TESTS_CONFORMANCE_GENERATE_H
#define ROTA_TESTS_CONFORMANCE_GENERATE_H

#include "tests/conformance/sequence.h"

struct generate_config {
    uint64_t seed;
    uint32_t operations; /* at least */
    uint32_t clients;    /* 2 to CLIENTS_MOST */
    bool connections;    /* clients also lose connections and sessions */
    bool slow;           /* also steps that take a second or more of real time */
};

/* Makes a sequence; to be freed with sequence_free. */
struct sequence *generate(const struct generate_config *config);

/* Frees a sequence with its steps. */
void sequence_free(struct sequence *q);

#endif
