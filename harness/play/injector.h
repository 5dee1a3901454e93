/* Injects faults at places of a run (place.h). In one run every place comes at one moment, so
 * places can be counted as they come: a sweep needs no list of them. */
#ifndef ROTA_HARNESS_PLAY_INJECTOR_H
#define ROTA_HARNESS_PLAY_INJECTOR_H

#include "harness/play/place.h"

struct rota_world;

/* The faults to inject, and the places so far. Zeroed but for `kinds`, it only counts places. */
struct rota_injector {
    uint32_t kinds;                  /* bit set of enum rota_fault: which count as places */
    bool excluded[ROTA_PLACE_PARTS]; /* parts of processes whose places do not count */
    /* The faults, by place, in any order; or by number among the places that come, each counted
     * from 1 after the one before. */
    struct rota_place places[ROTA_PLACES_MAX];
    uint32_t place_count;
    uint64_t numbers[ROTA_PLACES_MAX];
    uint32_t number_count;

    struct rota_place fired[ROTA_PLACES_MAX];
    uint32_t fired_count;
    uint64_t seen; /* places since the last fault, or since the beginning */
    bool over;     /* no fault is injected and no place counts any more */

    const struct rota_scenario *s; /* borrowed, as is the world; set by rota_injector_begin */
    struct rota_world *w;
    uint32_t *steps;    /* of each process */
    uint32_t *requests; /* of its present step */
};

/* Begins a run. The processes of the scenario have been added to the world. */
void rota_injector_begin(struct rota_injector *i, const struct rota_scenario *s,
                         struct rota_world *w);

/* Frees the memory of the run. The counts and the fired faults stay. */
void rota_injector_end(struct rota_injector *i);

/* For the world's hooks `stepping` and `before`: count the place, and inject what is due. */
void rota_injector_step(struct rota_injector *i, uint32_t who);
void rota_injector_request(struct rota_injector *i, uint32_t who);

/* For the world's hook `called`. False if this number is not the injector's. */
bool rota_injector_called(struct rota_injector *i, uint64_t id);

/* Ends all faults, also those of the script: heals, resumes and starts every process and server. */
void rota_injector_heal(struct rota_injector *i);

/* Starts the processes that have died since, for example of a task that kills its worker. */
void rota_injector_revive(struct rota_injector *i);

#endif
