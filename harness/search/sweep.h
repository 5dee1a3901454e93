/* The sweep: a scenario is run undisturbed, every place of it is counted (injector.h), and then it
 * is run again with a fault at each of them; with depth 2, with each pair of faults of which the
 * second follows the first. Judged are the invariants and progress.
 *
 * Runs are done on all cores. What is found depends neither on their number nor on the order. */
#ifndef ROTA_HARNESS_SEARCH_SWEEP_H
#define ROTA_HARNESS_SEARCH_SWEEP_H

#include "harness/play/injector.h"

struct rota_sweep_options {
    uint32_t kinds; /* bit set of enum rota_fault */
    bool spared[4]; /* masters, workers, clients, operators: whom nothing befalls */
    uint32_t depth; /* faults in a run: 1 or 2 */
    uint64_t most; /* runs with faults, at most; what is beyond is left out evenly. 0: no bound, but
                      ROTA_SWEEP_SCALE_MOST where a scenario is labelled `scale` */
    uint64_t seed; /* of that choice */
    uint32_t hands; /* processes; 0: one for each core */
    /* Told some times a second how far a scenario is; optional. */
    void (*progress)(void *context, const struct rota_scenario *s, uint64_t done, uint64_t count);
    /* Asked some times a second whether to leave it at that; optional. */
    bool (*stopped)(void *context);
    void *context;
};

enum {
    ROTA_SWEEP_SCALE_MOST = 200,
    ROTA_SWEEP_ORDERS = 6, /* of the steps of `permute`; of more, that many from first to last */
    ROTA_SWEEP_REASON = 256,
    /* Beside the invariants: the program itself died, as by an assertion, or did not end. */
    ROTA_SWEEP_DIED = ROTA_INVARIANTS,
    ROTA_SWEEP_WAYS,
};

/* One run that broke something. */
struct rota_sweep_breach {
    uint32_t way;   /* enum rota_invariant, or ROTA_SWEEP_DIED */
    uint32_t order; /* of the steps of `permute` */
    uint32_t place_count;
    struct rota_place places[ROTA_PLACES_MOST];
    char reason[ROTA_SWEEP_REASON];
};

/* What a sweep of one scenario found. */
struct rota_sweep {
    uint64_t places;   /* of the undisturbed run, of each order */
    uint64_t possible; /* runs with faults there could be */
    uint64_t runs;     /* those there were */
    bool stopped;      /* before its end */
    double seconds;
    uint64_t ways[ROTA_SWEEP_WAYS]; /* breaches of each kind */
    struct rota_sweep_breach *breaches;
    uint64_t breach_count;
};

/* The word of a way to break, an invariant's or "died". Static storage. */
const char *rota_sweep_word(uint32_t way);

/* Sweeps one scenario under this seed. Without processes of rota there is nothing to do. */
void rota_sweep_run(struct rota_sweep *sweep, const struct rota_scenario *s, uint64_t seed,
                    const struct rota_sweep_options *options);

/* Frees the breaches. */
void rota_sweep_close(struct rota_sweep *sweep);

/* Writes the command line that replays a run into `text`, terminated. */
void rota_sweep_replay(const struct rota_sweep_breach *b, const struct rota_scenario *s,
                       uint64_t seed, char *text, size_t size);

#endif
