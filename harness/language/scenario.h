/* A scenario file as plain data: what docs/SCENARIOS.md describes, checked word by word.
 *
 * Nothing here knows of worlds. parse_scenario.h reads a file into this data. */
#ifndef ROTA_HARNESS_LANGUAGE_SCENARIO_H
#define ROTA_HARNESS_LANGUAGE_SCENARIO_H

#include "harness/language/action.h"
#include "harness/language/invariant.h"

enum rota_condition_kind {
#define X(name, word, syntax, meaning, example) ROTA_CONDITION_##name,
    ROTA_CONDITION_MAP(X)
#undef X
};

enum rota_comparison {
    ROTA_EQUAL,
    ROTA_UNEQUAL,
    ROTA_LESS,
    ROTA_LESS_OR_EQUAL,
    ROTA_GREATER,
    ROTA_GREATER_OR_EQUAL,
};

enum rota_seen_task_state {
#define X(name, word, syntax, meaning, example) ROTA_STATE_##name,
    ROTA_STATE_MAP(X)
#undef X
};

struct rota_condition {
    enum rota_condition_kind kind;
    enum rota_seen_task_state state; /* STATE */
    struct rota_who who;
    char *name; /* a task, `all`, or a path */
    char *text; /* DATA */
    enum rota_comparison comparison;
    int64_t number;
};

enum rota_statement_kind {
    ROTA_STATEMENT_NOW,       /* does the action at once */
    ROTA_STATEMENT_AT,        /* does it `span` after the start */
    ROTA_STATEMENT_AFTER,     /* waits `span`, then does it */
    ROTA_STATEMENT_ON,        /* does it when a request matches */
    ROTA_STATEMENT_UNTIL,     /* waits for the condition, `span` at most */
    ROTA_STATEMENT_EXPECT,    /* the condition holds now, or within `span` */
    ROTA_STATEMENT_NEVER,     /* the condition holds after no event */
    ROTA_STATEMENT_SOMETIMES, /* the mark is reached before the end */
    ROTA_STATEMENT_STEP,      /* names the action for a PERMUTE */
    ROTA_STATEMENT_PERMUTE,   /* does the actions of steps, in the order of this run */
    ROTA_STATEMENT_ZK,        /* a zkCli session types a command and prints what is expected */
    ROTA_STATEMENT_TRACE,     /* the trace from here on is what is expected */
};

struct rota_statement {
    enum rota_statement_kind kind;
    uint32_t line; /* counted from 1 */
    char *text;    /* the line as written, without its comment */
    rota_span span;
    struct rota_script_action action;
    struct rota_condition condition;
    struct rota_who who; /* ON: the process that sends the request */
    bool before;         /* ON: before it leaves; else when it is applied and not yet answered */
    int32_t op;          /* ON: enum rota_op */
    char *glob;          /* ON: a pattern of paths (glob.h) */
    uint32_t nth;        /* ON: the request that matches, counted from 1 */
    bool every;          /* ON: all requests that match */
    char *name;          /* STEP */
    uint32_t *steps;     /* PERMUTE: the statements, by index */
    uint32_t step_count; /* PERMUTE */
    bool is_permuted;    /* STEP: a PERMUTE names it */
    uint32_t mark;       /* SOMETIMES: enum rota_mark */
    uint32_t session;    /* ZK: counted from 1 */
    char *command;       /* ZK: as typed; NULL: the session only listens */
    char *expected;      /* ZK, TRACE: lines; "" if there are none */
    uint32_t block;      /* ZK, TRACE: the line where they begin */
    uint32_t block_end;  /* TRACE: the first line after them */
};

struct rota_cluster {
    uint32_t masters, workers, clients, servers, slots;
    rota_span session, tick, latency, lag;
    uint32_t retries, losses;
    rota_span backoff;
    bool quorum_sync;   /* a sync waits for a quorum */
    uint32_t operators; /* one for each action that needs one */
    uint32_t counter;   /* creates under /tasks before the run */
};

struct rota_worker_tags {
    uint32_t worker; /* counted from 1 */
    char *tags;      /* see tags.h */
};

struct rota_scenario {
    char *file;
    char *title;
    char **labels;
    uint32_t label_count;
    uint32_t label_capacity;
    struct rota_cluster cluster;
    uint64_t seed;
    struct rota_worker_tags *worker_tags; /* at most one entry for each worker */
    uint32_t worker_tags_count;
    uint32_t worker_tags_capacity;
    uint32_t protocol;   /* index in the list of protocols (protocol.h) */
    uint32_t numbered;   /* tasks without an id: t1 up to this number */
    uint32_t orders;     /* runs that `permute` asks for; 1 without any */
    uint32_t world_line; /* of the last cluster, tags, protocol, always or without; 0: none */
    bool without[ROTA_INVARIANTS];
    struct rota_statement *statements;
    uint32_t count;
    uint32_t capacity;
};

/* Frees what the scenario holds. */
void rota_scenario_close(struct rota_scenario *s);

/* Whether all statements are those of zkCli sessions, so that the world has no process of rota. */
bool rota_scenario_is_zk_only(const struct rota_scenario *s);

/* Whether the run begins with ZooKeeper's own znodes only. The expected output of its sessions
 * shows that: they create /workers, /tasks or /assign themselves, or list a root without them. */
bool rota_scenario_has_empty_tree(const struct rota_scenario *s);

/* The step at `place` of the PERMUTE statement `st` in this order. Orders are counted from 0, below
 * s->orders; 0 is the written order. Returns the index of the step's statement. */
uint32_t rota_scenario_step(const struct rota_scenario *s, const struct rota_statement *st,
                            uint32_t order, uint32_t place);

/* The tags of a worker, counted from 1; "" for none. Borrowed from the scenario. */
const char *rota_scenario_tags(const struct rota_scenario *s, uint32_t worker);

/* Whether the two numbers compare so. */
bool rota_compare(int64_t left, enum rota_comparison comparison, int64_t right);

#endif
