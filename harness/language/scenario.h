/* A scenario file as plain data: what docs/SCENARIOS.md describes, checked word by word.
 *
 * Reading knows nothing of worlds. Whatever the bytes are, the answer is a scenario or one error
 * that names file, line and column. */
#ifndef ROTA_HARNESS_LANGUAGE_SCENARIO_H
#define ROTA_HARNESS_LANGUAGE_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/language/keywords.h"

/* Microseconds of virtual time. */
typedef int64_t rota_span;

enum rota_who_kind {
    ROTA_WHO_NOBODY,
    ROTA_WHO_MASTER,
    ROTA_WHO_WORKER,
    ROTA_WHO_CLIENT,
    ROTA_WHO_SERVER,
    ROTA_WHO_OPERATOR,   /* the process of a cancel, a retry or a drain */
    ROTA_WHO_LEADER,     /* the master that leads at that moment */
    ROTA_WHO_STANDBY,    /* the first running master that does not lead */
    ROTA_WHO_ANY_WORKER, /* a running worker, chosen by the world */
    ROTA_WHO_ALL,        /* masters, workers, clients, in that order */
};

struct rota_who {
    enum rota_who_kind kind;
    uint32_t number; /* counted from 1, as in the names */
};

enum rota_script_action_kind {
#define X(name, word, syntax, meaning, example) ROTA_SCRIPT_##name,
    ROTA_SCRIPT_MAP(X)
#undef X
};

/* Somebody on one side of a partition. */
struct rota_sided {
    struct rota_who who;
    uint32_t side; /* counted from 1 */
};

enum rota_loss {
    ROTA_LOSS_LOST,    /* the request never arrives */
    ROTA_LOSS_APPLIED, /* the request is done, its reply never arrives */
    ROTA_LOSS_LATE,    /* the request is done a while after the connection is gone */
};

enum { ROTA_EXITS_MOST = 16 };

struct rota_submit {
    uint32_t count;
    rota_span work_least;
    rota_span work_most;
    uint32_t fail_percent;
    uint32_t kill_percent;
    char *payload;   /* NULL: chosen by the runner */
    char *id;        /* NULL: t1, t2, ... */
    bool own;        /* the client chooses the names; here they are t1, t2, ... */
    uint32_t before; /* without an id: tasks that submits above have numbered */
    int32_t priority;
    rota_span timeout; /* 0: none */
    uint32_t retries;  /* the cluster's, unless said */
    rota_span backoff; /* the same */
    rota_span expires; /* 0: never */
    rota_span delay;
    char *after;                    /* names with commas between; NULL: none */
    char *tags;                     /* the same */
    uint8_t exits[ROTA_EXITS_MOST]; /* of attempts in turn, the last one for all that follow */
    uint32_t exit_count;            /* 0: as `fail_percent` says */
    uint8_t fatal[32];              /* bits: exit statuses that are never tried again */
    uint32_t progress;              /* lines that a run writes */
    rota_span backoff_cap;          /* of a payload that says so, else 0 */
    uint32_t losses;                /* 0: the cluster's */
    bool keeps;                     /* it says how long its end is kept: */
    rota_span keep;
};

/* Something that is done to the world. */
struct rota_script_action {
    enum rota_script_action_kind kind;
    struct rota_who who;
    rota_span span;      /* PAUSE, DISCONNECT: how long, 0 until ended; CONNLOSS late, SLOW, LAG */
    bool work;           /* PAUSE: the work of the worker's tasks pauses too */
    enum rota_loss loss; /* CONNLOSS */
    int32_t skew_percent;
    char *task; /* CANCEL, RETRY */
    struct rota_submit submit;
    struct rota_sided *sided; /* PARTITION */
    uint32_t sided_count;
};

enum rota_condition_kind {
#define X(name, word, syntax, meaning, example) ROTA_CONDITION_##name,
    ROTA_CONDITION_MAP(X)
#undef X
};

enum rota_comparison {
    ROTA_EQUAL,
    ROTA_UNEQUAL,
    ROTA_LESS,
    ROTA_AT_MOST,
    ROTA_MORE,
    ROTA_AT_LEAST,
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

/* The invariants that a run is judged by; ROTA_INVARIANT_MAP's words are those of the files. */
#define ROTA_INVARIANT_MAP(X)                                                                      \
    X(ONE_WRITER, "one-writer")                                                                    \
    X(ONE_ASSIGNMENT, "one-assignment")                                                            \
    X(ONE_COMPLETION, "one-completion")                                                            \
    X(NO_TASK_LOST, "no-task-lost")                                                                \
    X(NO_DOUBLE_SUBMIT, "no-double-submit")                                                        \
    X(PAYLOAD_INTACT, "payload-intact")                                                            \
    X(CAPACITY, "capacity")                                                                        \
    X(STALE_RESULT_REFUSED, "stale-result-refused")                                                \
    X(NO_NEEDLESS_RERUN, "no-needless-rerun")                                                      \
    X(ATTEMPTS_BOUNDED, "attempts-bounded")                                                        \
    X(TERMS_KEPT, "terms-kept")                                                                    \
    X(BOUNDED_TRIES, "bounded-tries")                                                              \
    X(BOUNDED_TREE, "bounded-tree")                                                                \
    X(BOUNDED_WATCHES, "bounded-watches")                                                          \
    X(PROGRESS, "progress")

enum rota_invariant {
#define X(name, word) ROTA_INVARIANT_##name,
    ROTA_INVARIANT_MAP(X)
#undef X
        ROTA_INVARIANTS
};

/* The word of an invariant, such as "one-writer". Static storage. */
const char *rota_invariant_word(enum rota_invariant invariant);

enum rota_statement_kind {
    ROTA_STATEMENT_NOW,       /* do the deed */
    ROTA_STATEMENT_AT,        /* do it at `span` after the start */
    ROTA_STATEMENT_AFTER,     /* let `span` pass, then do it */
    ROTA_STATEMENT_ON,        /* do it when a request matches */
    ROTA_STATEMENT_UNTIL,     /* wait for the condition for `span` at most */
    ROTA_STATEMENT_EXPECT,    /* the condition holds now, or within `span` */
    ROTA_STATEMENT_NEVER,     /* the condition holds after no event */
    ROTA_STATEMENT_SOMETIMES, /* the mark is reached before the end */
    ROTA_STATEMENT_STEP,      /* the deed is done where a PERMUTE says so */
    ROTA_STATEMENT_PERMUTE,   /* do the deeds of steps, in the order of this run */
    ROTA_STATEMENT_ZK,        /* a zkCli session types a command and prints what is expected */
    ROTA_STATEMENT_TRACE,     /* what is traced from here on is known */
};

struct rota_statement {
    enum rota_statement_kind kind;
    uint32_t line; /* counted from 1 */
    char *text;    /* the line as written, without comment */
    rota_span span;
    struct rota_script_action deed;
    struct rota_condition condition;
    struct rota_who who; /* ON: whose request */
    bool before;         /* ON: before it leaves, else when it was applied and not yet answered */
    int32_t op;          /* ON: enum rota_op */
    char *glob;          /* ON: `*` matches within a path element; alone it matches every path */
    uint32_t nth;        /* ON: counted from 1 */
    bool every;          /* ON */
    char *name;          /* STEP */
    uint32_t *steps;     /* PERMUTE: the statements, by index */
    uint32_t step_count; /* PERMUTE */
    uint32_t mark;       /* SOMETIMES: enum rota_mark */
    uint32_t session;    /* ZK: counted from 1 */
    char *command;       /* ZK: as typed; NULL: it only listens */
    char *expected;      /* ZK, TRACE: lines; "" if there are none */
    uint32_t block;      /* ZK, TRACE: the line where they begin */
    uint32_t block_end;  /* TRACE: the first line that belongs to it no more */
};

struct rota_cluster {
    uint32_t masters, workers, clients, servers, slots;
    rota_span session, tick, latency, lag;
    uint32_t retries, losses;
    rota_span backoff;
    bool quorum_sync;   /* a sync asks for a quorum */
    uint32_t operators; /* one for each action that takes one */
    uint32_t counter;   /* creates ever done under /tasks before */
};

/* What a worker carries. */
struct rota_carried {
    uint32_t worker; /* counted from 1 */
    char *tags;      /* with commas between */
};

struct rota_scenario {
    char *file;
    char *title;
    char **labels;
    uint32_t label_count;
    struct rota_cluster cluster;
    uint64_t seed;
    struct rota_carried *carried; /* each worker once at most */
    uint32_t carried_count;
    uint32_t protocol;   /* index in the list of protocols (protocol.h) */
    uint32_t numbered;   /* tasks without an id: t1 to this */
    uint32_t orders;     /* runs that `permute` asks for; 1 without any */
    uint32_t world_line; /* of the last cluster, protocol, always or without; 0: there is none */
    bool without[ROTA_INVARIANTS];
    struct rota_statement *statements;
    uint32_t count;
};

/* What is wrong, ready to print: `file:line:column: sentence`, the line, and a mark under the word.
 */
struct rota_scenario_error {
    uint32_t line;
    uint32_t column;
    char text[1024];
};

/* Reads the scenario in `bytes`, which `file` names in errors. True: `s` is filled, free it with
 * rota_scenario_close. False: `error` is filled and `s` needs no closing. */
bool rota_scenario_read(struct rota_scenario *s, const char *file, const char *bytes, size_t length,
                        struct rota_scenario_error *error);

/* The same of the file named `file`; a file that cannot be read is an error at line 0. */
bool rota_scenario_load(struct rota_scenario *s, const char *file,
                        struct rota_scenario_error *error);

/* Whether all statements are those of zkCli sessions: a world without any rota. */
bool rota_scenario_typed(const struct rota_scenario *s);

/* Whether it begins with a tree that holds ZooKeeper's own znodes only, as what its sessions print
 * shows: they make /workers, /tasks or /assign themselves, or list a root without them. */
bool rota_scenario_bare(const struct rota_scenario *s);

/* The step that comes at `place` of the PERMUTE statement `st` in this order, counted from 0 and
 * below s->orders; 0 is the one that is written. Returns the index of the statement. */
uint32_t rota_scenario_step(const struct rota_scenario *s, const struct rota_statement *st,
                            uint32_t order, uint32_t place);

/* Frees what reading took. */
void rota_scenario_close(struct rota_scenario *s);

/* Whether a number compares as asked. */
bool rota_compare(int64_t left, enum rota_comparison comparison, int64_t right);

/* Whether `glob` matches the whole path; `*` does not cross `/`, and alone it matches every path.
 */
bool rota_glob_match(const char *glob, const char *path);

/* Whether it takes an operator's process of its own, as `rota cancel`, `rota retry` and `rota
 * drain` are. */
bool rota_script_action_is_operators(const struct rota_script_action *d);

/* The tags of a worker, counted from 1, with commas between; "" for none. */
const char *rota_scenario_tags(const struct rota_scenario *s, uint32_t worker);

/* Whether `tags`, with commas between, holds every one of `wanted`. NULL is none. */
bool rota_tags_hold(const char *tags, const char *wanted);

bool rota_who_same(struct rota_who a, struct rota_who b);

/* Writes the name of a process or of a set, such as "m1" or "any worker", into `text`, terminated.
 */
void rota_who_format(struct rota_who who, char *text, size_t size);

#endif
