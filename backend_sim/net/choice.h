/* Every choice of a simulated world, drawn at a named site.
 *
 * A choice is a function of the seed, the site and the number of choices drawn there before: taking
 * one away shifts no other. If `record` is set, everything drawn is kept in a log for each site.
 * With `replay` the logs are played back; where a log has no value the choice is 0, which is the
 * benign default at every site. */
#ifndef ROTA_BACKEND_SIM_NET_CHOICE_H
#define ROTA_BACKEND_SIM_NET_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

/* Name and stream. Streams are independent: one can vary while the others stay the same. */
#define ROTA_SITE_MAP(X)                                                                           \
    X(LATENCY, SCHEDULE)  /* how long a message takes beyond the shortest time */                  \
    X(RESUME, SCHEDULE)   /* whether a resumed process checks its clock before its socket */       \
    X(CLOSE, SCHEDULE)    /* whether a close loses the replies under way (S84) */                  \
    X(RANDOM, SCHEDULE)   /* the random numbers of a role */                                       \
    X(PICK, FAULTS)       /* which of several processes a fault hits */                            \
    X(LATE, FAULTS)       /* how much before the latest time a late write is executed */           \
    X(WORK, WORKLOAD)     /* how long a run takes */                                               \
    X(FAIL, WORKLOAD)     /* whether a run fails */                                                \
    X(KILL, WORKLOAD)     /* whether a run ends its worker */                                      \
    X(SERVER, SCHEDULE)   /* which server a handle tries first, and in which order the others */   \
    X(ELECT, SCHEDULE)    /* which server is elected, and how long that takes */                   \
    X(PATIENCE, SCHEDULE) /* when a server that is out of touch gives up */

enum rota_site {
#define X(name, stream) ROTA_SITE_##name,
    ROTA_SITE_MAP(X)
#undef X
        ROTA_SITES
};

enum rota_stream {
    ROTA_STREAM_SCHEDULE,
    ROTA_STREAM_FAULTS,
    ROTA_STREAM_WORKLOAD,
    ROTA_STREAMS,
};

/* The values that one site has drawn, or is to draw. */
struct rota_choice_log {
    uint64_t *values;
    uint32_t length;
    uint32_t capacity;
};

struct rota_choices {
    uint64_t seeds[ROTA_STREAMS];
    uint32_t drawn[ROTA_SITES];
    struct rota_choice_log logs[ROTA_SITES];
    bool record; /* keep what is drawn in the logs */
    bool replay; /* draw from the logs */
};

/* A value deleted from a log: the benign default takes its place. */
#define ROTA_CHOICE_NONE UINT64_MAX

/* Begins with empty logs, neither recording nor replaying; the streams are mixed from one seed. */
void rota_choices_init(struct rota_choices *c, uint64_t seed);

/* Frees the logs. */
void rota_choices_close(struct rota_choices *c);

/* A number below `bound`, which is not 0. */
uint64_t rota_choose(struct rota_choices *c, enum rota_site site, uint64_t bound);

/* 64 random bits. */
uint64_t rota_choose_bits(struct rota_choices *c, enum rota_site site);

/* The site's name, such as "LATENCY". Static storage. */
const char *rota_site_name(enum rota_site site);

/* Mixes all bits of `x`: different numbers give different results. */
uint64_t rota_mix(uint64_t x);

#endif
