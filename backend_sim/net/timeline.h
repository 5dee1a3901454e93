/* What is going to happen in a simulated world, and when: a binary heap. Of what happens at the
 * same time the first put in comes out first, so the order never depends on the heap. */
#ifndef ROTA_BACKEND_SIM_NET_TIMELINE_H
#define ROTA_BACKEND_SIM_NET_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/seam/backend.h"

enum rota_moment_kind {
    ROTA_MOMENT_UP,      /* a message reaches the server's end of link `who` */
    ROTA_MOMENT_DOWN,    /* a message reaches the client's end of link `who` */
    ROTA_MOMENT_LATE,    /* a late request is done */
    ROTA_MOMENT_EXPIRY,  /* the server looks at its sessions */
    ROTA_MOMENT_REAP,    /* the server looks at its containers and TTL nodes */
    ROTA_MOMENT_CLIENT,  /* the client library of process `who` looks at its clock */
    ROTA_MOMENT_PROCESS, /* process `who` wants to be woken */
    ROTA_MOMENT_TELL,    /* something waits for process `who` that is not from ZooKeeper */
    ROTA_MOMENT_WORK,    /* a run of process `who` ends */
    ROTA_MOMENT_LEASE,   /* the runs of process `who` may not go on */
    ROTA_MOMENT_CALL,    /* the world's user asked for it */
    ROTA_MOMENT_FORWARD, /* a request reaches the leader of the ensemble */
    ROTA_MOMENT_APPLY,   /* server `who` applies the next transaction */
    ROTA_MOMENT_GIVE_UP, /* server `who` has heard nothing of its ensemble for too long */
    ROTA_MOMENT_ELECT,   /* the servers that look for a leader find one */
    ROTA_MOMENT_REPORT,  /* server `who` tells the leader which sessions live */
};

struct rota_moment {
    rota_time time;
    uint64_t order;
    uint64_t serial; /* tells what is meant from what took its place since */
    enum rota_moment_kind kind;
    uint32_t who;
};

/* Zeroed memory is an empty timeline. */
struct rota_timeline {
    struct rota_moment *heap;
    uint32_t length;
    uint32_t capacity;
    uint64_t orders; /* moments ever put in */
    rota_time now;   /* the time of the world; its owner advances it */
};

/* The time of the world in milliseconds, as servers count it. */
static inline int64_t rota_timeline_now_ms(const struct rota_timeline *t)
{
    return t->now / 1000;
}

/* Frees the memory. */
void rota_timeline_close(struct rota_timeline *t);

/* Puts a moment in. */
void rota_timeline_put(struct rota_timeline *t, rota_time time, enum rota_moment_kind kind,
                       uint32_t who, uint64_t serial);

/* Takes the earliest moment out. False if there is none. */
bool rota_timeline_take(struct rota_timeline *t, struct rota_moment *moment);

/* The time of the earliest moment, ROTA_NEVER if there is none. */
rota_time rota_timeline_next(const struct rota_timeline *t);

#endif
