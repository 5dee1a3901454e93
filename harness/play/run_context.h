/* One run of a scenario: the state that the files of this room share. */
#ifndef ROTA_HARNESS_PLAY_RUN_CONTEXT_H
#define ROTA_HARNESS_PLAY_RUN_CONTEXT_H

#include "harness/judge/judge.h"
#include "harness/play/finding.h"
#include "harness/play/injector.h"
#include "harness/play/protocol_trial.h"
#include "harness/play/watchdog.h"
#include "harness/play/world_sessions.h"

enum {
    ROTA_LINES_KEPT = 8,      /* trace lines of each process that a failure prints */
    ROTA_LINE_MAX_KEPT = 200, /* bytes of such a line */
};

#define ROTA_SECOND INT64_C(1000000)

#define ROTA_RUN_CONTEXT_MAGIC ROTA_MAGIC('R', 'u', 'n', 'C')

/* Something that is done at a time. */
struct rota_call {
    const struct rota_statement *statement; /* ACTION: whose action it is; else NULL */
    enum {
        ROTA_CALL_ACTION,
        ROTA_CALL_START,
        ROTA_CALL_RESUME,
        ROTA_CALL_HEAL,
        ROTA_CALL_RESUME_SERVER,
        ROTA_CALL_HEAL_SERVER
    } kind;
    uint32_t who; /* a process, or a server counted from 0 */
    bool pending;
};

/* The last lines of one process, in a ring. */
struct rota_lines {
    char text[ROTA_LINES_KEPT][ROTA_LINE_MAX_KEPT];
    uint32_t count;
    uint64_t last; /* the number of the last one among all lines */
};

/* A statement while the scenario runs. */
struct rota_rule {
    bool armed; /* ON: it fires when a request matches */
    uint32_t seen;
    uint32_t fired;
    bool submitted;      /* its submit was carried out */
    const char *awaited; /* the task or the process that its action waits for; NULL: none */
};

/* A client that has submitted a task which another client has submitted, too. */
struct rota_shared_submit {
    uint32_t client;
    uint32_t task;
    bool answered; /* the client has the result, or knows that there is none */
};

/* The trace since the last statement `trace`. */
struct rota_expected_trace {
    const struct rota_statement *statement;
    FILE *out; /* NULL: there is none */
    char *text;
    size_t length;
};

struct rota_run_context {
    uint32_t magic;
    const struct rota_scenario *s;
    const struct rota_play_options *options;
    uint64_t seed;
    FILE *trace;
    struct rota_injector
        *injector; /* NULL unless faults are injected: then the script only paces */
    struct rota_world *w;
    struct rota_history h;
    struct rota_judge judge;
    struct rota_protocol_trial trial; /* the protocol's own judge */
    struct rota_world_sessions sessions;
    struct rota_rule *rules; /* one for each statement */
    uint32_t armed_count;    /* rules that are armed */
    uint32_t never_count;    /* statements of `never` so far */
    struct rota_call *calls;
    uint32_t call_count;
    uint32_t call_capacity;
    uint32_t pending_ats;                  /* calls that end before the run does */
    uint32_t numbered;                     /* tasks t1 up to this number have a submit */
    uint32_t first_operator;               /* the number of process o1 */
    uint32_t losses_asked;                 /* connection losses that the script has asked for */
    const struct rota_statement **loss_of; /* of each process: the last one that asked for one */
    const struct rota_statement *acting;   /* whose action is carried out now */
    uint32_t trigger;                      /* whose request triggered it, or ROTA_NOBODY */
    struct rota_expected_trace expected;
    uint32_t **jobs; /* of each process: its job -> task */
    uint32_t *job_counts;
    struct rota_shared_submit *shared_submits;
    uint32_t shared_submit_count;
    uint32_t shared_submit_capacity;
    struct rota_lines *lines; /* of each process, then of the servers */
    uint64_t line_count;
    const struct rota_statement *statement; /* the current one; the end once the script is over */
    struct rota_watchdog watchdog;
    FILE *report;
    struct rota_finding *finding;
};

/* Prepares the memory. `processes` is the number of processes in the world. */
void rota_run_context_init(struct rota_run_context *ctx, uint32_t processes);

/* Frees the memory. */
void rota_run_context_close(struct rota_run_context *ctx, uint32_t processes);

/* The context behind a pointer that crossed the world. */
struct rota_run_context *rota_run_context_of(void *context);

/* The current statement, NULL once the script is over. */
const struct rota_statement *rota_run_context_statement(const struct rota_run_context *ctx);

/* Whether no failure was found so far. */
bool rota_run_context_held(const struct rota_run_context *ctx);

/* Does the call at that time. */
void rota_play_schedule(struct rota_run_context *ctx, rota_time when, struct rota_call call);

/* A fault of a server is a fault of every process. */
void rota_play_fault_all(struct rota_run_context *ctx);

#endif
