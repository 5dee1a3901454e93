/* A process, a server, or a set of processes, as a scenario file names it. */
#ifndef ROTA_HARNESS_LANGUAGE_WHO_H
#define ROTA_HARNESS_LANGUAGE_WHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rota_who_kind {
    ROTA_WHO_NONE,
    ROTA_WHO_MASTER,
    ROTA_WHO_WORKER,
    ROTA_WHO_CLIENT,
    ROTA_WHO_SERVER,
    ROTA_WHO_OPERATOR,   /* the process of a cancel, a retry or a drain */
    ROTA_WHO_LEADER,     /* the master that leads at that moment */
    ROTA_WHO_STANDBY,    /* the first running master that does not lead */
    ROTA_WHO_ANY_WORKER, /* a running worker, chosen by the world */
    ROTA_WHO_ALL,        /* masters, workers and clients, in that order */
};

struct rota_who {
    enum rota_who_kind kind;
    uint32_t number; /* counted from 1, as in the names; 0: a set */
};

bool rota_who_equal(struct rota_who a, struct rota_who b);

/* Writes the name of a process or of a set, such as "m1" or "any worker", into `text`, terminated.
 */
void rota_who_format(struct rota_who who, char *text, size_t size);

#endif
