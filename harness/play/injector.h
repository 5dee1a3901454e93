/* Faults put at numbered places of a run.
 *
 * A step of a process is one event that it hears: its first event after START is step 1, and the
 * numbers go on when it starts again. The requests that leave in a step are counted from 1. A place
 * is a step or a request, and a kind of fault:
 *
 *     crash@m1:17      m1 dies before it hears its 17th event
 *     pause@m1:17.2    m1 stands still when the second request of that step is about to leave
 *
 * In one run every place comes at one moment, so places can be counted as they come: that is how a
 * sweep finds them without listing them. */
#ifndef ROTA_HARNESS_PLAY_INJECTOR_H
#define ROTA_HARNESS_PLAY_INJECTOR_H

#include "harness/language/scenario.h"

struct rota_world;

/* Name, word, and whether it strikes before a step and at a request. */
#define ROTA_FAULT_MAP(X)                                                                          \
    X(CRASH, "crash", true, true)            /* as by SIGKILL; it is started again at the end */   \
    X(RESTART, "restart", true, false)       /* the same, and started again at once */             \
    X(PAUSE, "pause", true, true)            /* stands still past its session */                   \
    X(EXPIRE, "expire", true, false)         /* the server ends its session */                     \
    X(DISCONNECT, "disconnect", true, false) /* loses its server, for less than its session; in    \
                                                an ensemble finds another one, which is behind */  \
    X(ISOLATE, "isolate", true, false)       /* reaches no server, past its session */             \
    X(LOST, "lost", false, true)             /* connection loss: the request never arrives */      \
    X(APPLIED, "applied", false, true)       /* ... is done, and the reply never arrives */        \
    X(LATE, "late", false, true)             /* ... is done later */

enum rota_fault {
#define X(name, word, step, request) ROTA_FAULT_##name,
    ROTA_FAULT_MAP(X)
#undef X
        ROTA_FAULTS
};

enum {
    ROTA_PLACES_MOST = 4, /* faults in one run */
    ROTA_PLACE_TEXT = 64, /* bytes of a place as text */
};

struct rota_place {
    enum rota_fault injury;
    uint32_t who;     /* process, in the order masters, workers, clients, operators */
    uint32_t step;    /* counted from 1 */
    uint32_t request; /* within the step, counted from 1; 0: before the step */
};

/* What is to be injected, and what came of it. Zeroed but for `kinds` it counts places. */
struct rota_injector {
    uint32_t kinds; /* bit set of enum rota_fault: what counts as a place */
    bool spared[4]; /* masters, workers, clients, operators: whose places do not count */
    /* The faults, by place, in any order; or by number among the places that come, each counted
     * from 1 behind the one before. */
    struct rota_place places[ROTA_PLACES_MOST];
    uint32_t place_count;
    uint64_t numbers[ROTA_PLACES_MOST];
    uint32_t number_count;

    struct rota_place fired[ROTA_PLACES_MOST];
    uint32_t fired_count;
    uint64_t seen; /* places since the last fault, or since the beginning */
    bool over;     /* faults have ended, nothing counts any more */

    const struct rota_scenario *s; /* borrowed, as is the world; set by rota_injector_begin */
    struct rota_world *w;
    uint32_t *steps;    /* of each process */
    uint32_t *requests; /* of its present step */
};

/* The word of a kind, such as "crash". Static storage. */
const char *rota_fault_word(enum rota_fault injury);

/* The kinds that a word names, as a bit set: a kind's own word, `connloss` or `all`. 0 for other
 * words. */
uint32_t rota_fault_read(const char *word);

/* Writes "crash@m1:17" into `text`, which has ROTA_PLACE_TEXT bytes, terminated. */
void rota_place_format(const struct rota_place *p, const struct rota_cluster *cluster, char *text);

/* Reads it. NULL, or a sentence about what is wrong with it; static storage. */
const char *rota_place_read(const char *text, const struct rota_cluster *cluster,
                            struct rota_place *p);

/* Begins a run: the processes of the scenario have been added to the world. */
void rota_injector_begin(struct rota_injector *i, const struct rota_scenario *s,
                         struct rota_world *w);

/* Frees what the run took. What fired and was seen stays. */
void rota_injector_end(struct rota_injector *i);

/* The world's hooks `stepping` and `before`: count, and do what is due. */
void rota_injector_step(struct rota_injector *i, uint32_t who);
void rota_injector_request(struct rota_injector *i, uint32_t who);

/* The world's hook `called`. False if this number is not the injector's. */
bool rota_injector_called(struct rota_injector *i, uint64_t id);

/* Ends all faults, its own and others: everybody is healed, wakes up and is started, the servers
 * too. */
void rota_injector_heal(struct rota_injector *i);

/* Starts again who has died since, as of a task that kills. */
void rota_injector_revive(struct rota_injector *i);

#endif
