/* Something that a scenario does to the world, as plain data. */
#ifndef ROTA_HARNESS_LANGUAGE_ACTION_H
#define ROTA_HARNESS_LANGUAGE_ACTION_H

#include "backend_sim/net/connection.h"
#include "harness/language/keywords.h"
#include "harness/language/value.h"
#include "harness/language/who.h"

enum rota_script_action_kind {
#define X(name, word, syntax, meaning, example) ROTA_SCRIPT_##name,
    ROTA_SCRIPT_MAP(X)
#undef X
};

/* A process, a server or a set on one side of a partition. */
struct rota_partition_member {
    struct rota_who who;
    uint32_t side; /* counted from 1 */
};

enum { ROTA_EXITS_MAX = 16 };

/* A submit: how many tasks, their terms, and how their runs go. */
struct rota_submit {
    uint32_t count;
    rota_span work_min; /* how long a run takes */
    rota_span work_max;
    uint32_t fail_percent;
    uint32_t kill_percent;
    char *payload;            /* NULL: chosen by the harness */
    char *id;                 /* NULL: t1, t2, ... */
    bool client_names;        /* the client chooses the names; here they are t1, t2, ... */
    uint32_t numbered_before; /* without an id: how many numbered tasks the submits above make */
    int32_t priority;
    rota_span timeout; /* 0: none */
    uint32_t retries;  /* the cluster's, unless given */
    rota_span backoff; /* the same */
    rota_span expires; /* 0: never */
    rota_span delay;
    char *after;                   /* names of tasks, separated by commas; NULL: none */
    char *tags;                    /* the same for tags */
    uint8_t exits[ROTA_EXITS_MAX]; /* of the attempts in order, the last one for all later ones */
    uint32_t exit_count;           /* 0: as `fail_percent` says */
    uint8_t fatal[32];             /* a bit for each exit status that is not retried */
    uint32_t progress;             /* lines of progress that a run writes */
    rota_span backoff_cap;         /* if the payload sets it, else 0 */
    uint32_t losses;               /* 0: the cluster's */
    bool has_keep;                 /* `keep` is set: */
    rota_span keep;                /* how long the final status is kept */
};

struct rota_script_action {
    enum rota_script_action_kind kind;
    struct rota_who who;
    rota_span span; /* PAUSE, DISCONNECT: how long, 0: until ended; CONNLOSS late, SLOW, LAG */
    bool work;      /* PAUSE: the running tasks of the worker pause too */
    enum rota_connection_fault fault; /* CONNLOSS */
    int32_t skew_percent;
    char *task; /* CANCEL, RETRY */
    struct rota_submit submit;
    struct rota_partition_member *members; /* PARTITION */
    uint32_t member_count;
    uint32_t member_capacity;
};

/* Frees what the action holds. */
void rota_script_action_close(struct rota_script_action *action);

/* Whether the action is carried out by a process of its own, as `rota cancel`, `rota retry` and
 * `rota drain` are. */
bool rota_script_action_needs_operator(const struct rota_script_action *action);

/* Whether the action is for servers: it names one, or is an election or a partition. */
bool rota_script_action_is_for_servers(const struct rota_script_action *action);

#endif
