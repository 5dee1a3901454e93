/* The sweep: a scenario runs once without faults, and every place of it is counted (place.h). Then
 * it runs again with a fault at each place; with depth 2, with each pair of faults of which the
 * second follows the first. The invariants and progress are judged.
 *
 * The runs are shared out to all cores. The result depends neither on their number nor on the
 * order.
 */
#ifndef ROTA_HARNESS_SEARCH_SWEEP_H
#define ROTA_HARNESS_SEARCH_SWEEP_H

#include "harness/play/injector.h"

struct rota_sweep_options {
    uint32_t kinds;                  /* bit set of enum rota_fault */
    bool excluded[ROTA_PLACE_PARTS]; /* masters, workers, clients, operators: get no faults */
    uint32_t depth;                  /* faults in a run: 1 or 2 */
    uint64_t max;  /* runs with faults at each depth; more are left out evenly. 0: no limit, but
                      ROTA_SWEEP_SCALE_MAX for a scenario with the label `scale` */
    uint64_t seed; /* of that choice */
    uint32_t processes; /* 0: one for each core */
    /* Called some times a second with the number of finished runs; optional. */
    void (*progress)(void *context, const struct rota_scenario *s, uint64_t done, uint64_t count);
    /* Called some times a second: whether to stop now; optional. */
    bool (*stopped)(void *context);
    void *context;
};

enum {
    ROTA_SWEEP_SCALE_MAX = 200,
    ROTA_SWEEP_ORDERS = 6, /* of the steps of `permute`; of more, that many from first to last */
    ROTA_SWEEP_REASON = 256,
    /* A kind of breach beside the invariants: the program died, as of an assertion, or did not end.
     */
    ROTA_SWEEP_DIED = ROTA_INVARIANTS,
    ROTA_SWEEP_KINDS,
};

/* One run that broke something. */
struct rota_sweep_breach {
    uint32_t kind;  /* enum rota_invariant, or ROTA_SWEEP_DIED */
    uint32_t order; /* of the steps of `permute` */
    uint32_t place_count;
    struct rota_place places[ROTA_PLACES_MAX];
    char reason[ROTA_SWEEP_REASON];
};

/* The result of sweeping one scenario. */
struct rota_sweep {
    uint64_t places;   /* of the run without faults, of each order */
    uint64_t possible; /* runs with faults that are possible */
    uint64_t runs;     /* those that were done */
    bool stopped;      /* before its end */
    double seconds;
    uint64_t kinds[ROTA_SWEEP_KINDS]; /* breaches of each kind */
    struct rota_sweep_breach *breaches;
    uint64_t breach_count;
};

/* The word of a kind of breach: that of an invariant, or "died". Static storage. */
const char *rota_sweep_word(uint32_t kind);

/* Sweeps one scenario under this seed. A scenario without processes of rota has no runs. */
void rota_sweep_run(struct rota_sweep *sweep, const struct rota_scenario *s, uint64_t seed,
                    const struct rota_sweep_options *options);

/* Frees the breaches. */
void rota_sweep_close(struct rota_sweep *sweep);

/* Writes the command line that replays a run into `text`, terminated. */
void rota_sweep_replay(const struct rota_sweep_breach *b, const struct rota_scenario *s,
                       uint64_t seed, char *text, size_t size);

#endif
