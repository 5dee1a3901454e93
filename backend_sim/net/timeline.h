/* The moments of a simulated world: what happens next, and when. Moments of the same time come in
 * the order in which they were put in. */
#ifndef ROTA_BACKEND_SIM_NET_TIMELINE_H
#define ROTA_BACKEND_SIM_NET_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/seam/backend.h"

enum rota_moment_kind {
    ROTA_MOMENT_UP,      /* a message reaches the server's end of link `who` */
    ROTA_MOMENT_DOWN,    /* a message reaches the client's end of link `who` */
    ROTA_MOMENT_LATE,    /* a late write is executed */
    ROTA_MOMENT_EXPIRY,  /* the leader checks its sessions */
    ROTA_MOMENT_REAP,    /* the leader checks containers and TTL nodes */
    ROTA_MOMENT_CLIENT,  /* the client library of process `who` checks its clock */
    ROTA_MOMENT_PROCESS, /* process `who` wakes */
    ROTA_MOMENT_INBOX,   /* process `who` receives an event that is not from ZooKeeper */
    ROTA_MOMENT_WORK,    /* a run of process `who` ends */
    ROTA_MOMENT_LEASE,   /* the runs of process `who` must end */
    ROTA_MOMENT_CALL,    /* the user of the world asked for it */
    ROTA_MOMENT_FORWARD, /* a request reaches the leader of the ensemble */
    ROTA_MOMENT_APPLY,   /* server `who` applies its next transaction */
    ROTA_MOMENT_GIVE_UP, /* server `who` has been out of touch with its ensemble for too long */
    ROTA_MOMENT_ELECT,   /* the servers that look for a leader elect one */
    ROTA_MOMENT_REPORT,  /* server `who` reports to the leader which sessions live */
};

struct rota_moment {
    rota_time time;
    uint64_t order;
    uint64_t serial; /* tells the subject of the moment from what has replaced it since */
    enum rota_moment_kind kind;
    uint32_t who; /* a process, a server or the slot of a link */
};

/* Zeroed memory is an empty timeline at time 0. */
struct rota_timeline {
    struct rota_moment *moments; /* a heap */
    uint32_t length;
    uint32_t capacity;
    uint64_t orders; /* moments ever put in */
    rota_time now;   /* the time of the world; its owner advances it */
};

/* Frees the memory. */
void rota_timeline_close(struct rota_timeline *t);

/* Puts a moment in. */
void rota_timeline_put(struct rota_timeline *t, rota_time time, enum rota_moment_kind kind,
                       uint32_t who, uint64_t serial);

/* Takes the earliest moment out. False if there is none. */
bool rota_timeline_take(struct rota_timeline *t, struct rota_moment *moment);

/* The time of the earliest moment, ROTA_NEVER if there is none. */
rota_time rota_timeline_next(const struct rota_timeline *t);

/* The time of the world in milliseconds, as servers count it. */
int64_t rota_timeline_now_ms(const struct rota_timeline *t);

#endif
