/* Faults put at numbered places of a run, as text and as data.
 *
 * A step of a process is one event that it handles. Its first event after START is step 1, and the
 * numbers go on when it starts again. The requests that leave in a step are counted from 1. A place
 * is a step or a request, and a kind of fault:
 *
 *     crash@m1:17      m1 crashes before it handles its 17th event
 *     pause@m1:17.2    m1 is paused when the second request of that step is about to leave */
#ifndef ROTA_HARNESS_PLAY_PLACE_H
#define ROTA_HARNESS_PLAY_PLACE_H

#include "backend_sim/world/world.h"
#include "harness/language/scenario.h"

/* X(NAME, word, whether it can be put before a step, and at a request, the action of a scenario
 * that does it, and the fault of a connection that this action causes). */
#define ROTA_FAULT_MAP(X)                                                                          \
    X(CRASH, "crash", true, true, CRASH, NONE) /* as by SIGKILL; it is started again at the end */ \
    X(RESTART, "restart", true, false, RESTART, NONE) /* the same, and started again at once */    \
    X(PAUSE, "pause", true, true, PAUSE, NONE)        /* paused for longer than its session */     \
    X(EXPIRE, "expire", true, false, EXPIRE, NONE)    /* the server ends its session */            \
    X(DISCONNECT, "disconnect", true, false, DISCONNECT, NONE) /* loses its server for less than   \
                            its session; in an ensemble it finds another one, which lags */        \
    X(ISOLATE, "isolate", true, false, DISCONNECT, NONE) /* reaches no server for longer than its  \
                                                            session */                             \
    X(LOST, "lost", false, true, CONNLOSS, LOST)         /* these: net/connection.h */             \
    X(APPLIED, "applied", false, true, CONNLOSS, APPLIED)                                          \
    X(LATE, "late", false, true, CONNLOSS, LATE)                                                   \
    X(THROTTLED, "throttled", false, true, CONNLOSS, THROTTLED)

enum rota_fault {
#define X(name, word, step, request, action, connection_fault) ROTA_FAULT_##name,
    ROTA_FAULT_MAP(X)
#undef X
        ROTA_FAULTS
};

enum {
    ROTA_PLACES_MAX = 4,  /* faults in one run */
    ROTA_PLACE_TEXT = 64, /* bytes of a place as text */
};

struct rota_place {
    enum rota_fault fault;
    uint32_t who;     /* process, in the order masters, workers, clients, operators */
    uint32_t step;    /* counted from 1 */
    uint32_t request; /* within the step, counted from 1; 0: before the step */
};

enum { ROTA_PLACE_PARTS = ROTA_PART_OPERATOR + 1 }; /* masters, workers, clients, operators */

/* The word of a fault, such as "crash". Static storage. */
const char *rota_fault_word(enum rota_fault fault);

/* The faults that a word names, as a bit set: the word of a fault, `connloss` or `all`. 0 for other
 * words. */
uint32_t rota_fault_read(const char *word);

/* Whether the fault can be put before a step, or at a request. */
bool rota_fault_fits_step(enum rota_fault fault);
bool rota_fault_fits_request(enum rota_fault fault);

/* The part of process number `who`, and how many processes there are. */
enum rota_part rota_place_part(const struct rota_cluster *c, uint32_t who);
uint32_t rota_place_process_count(const struct rota_cluster *c);

/* Writes "crash@m1:17" into `text`, which has ROTA_PLACE_TEXT bytes, terminated. */
void rota_place_format(const struct rota_place *p, const struct rota_cluster *cluster, char *text);

/* Reads a place. Returns NULL, or a sentence that says what is wrong with it; static storage. */
const char *rota_place_read(const char *text, const struct rota_cluster *cluster,
                            struct rota_place *p);

#endif
