/* One scenario under way: what run.c, which carries out its script, shares with deed.c, which does
 * its actions, golden.c, which keeps its traces, and ending.c, which judges what is left when the
 * script is over. */
#ifndef ROTA_HARNESS_PLAY_RUN_CONTEXT_H
#define ROTA_HARNESS_PLAY_RUN_CONTEXT_H

#include "harness/play/world_sessions.h"
#include "harness/play/injector.h"
#include "harness/judge/judge.h"
#include "harness/play/protocol_trial.h"
#include "harness/play/run.h"
#include "harness/play/watchdog.h"

enum {
    ROTA_LINES_KEPT = 8,    /* last trace lines of a process that a failure prints */
    ROTA_SPEAKERS_MOST = 8, /* processes it prints them of, unless more are named */
    ROTA_LINE_KEPT_MOST = 200,
};

#define ROTA_SECOND INT64_C(1000000)

/* What waits for its time. */
struct rota_call {
    const struct rota_statement *statement; /* AT: its deed; else NULL */
    enum {
        ROTA_CALL_DEED,
        ROTA_CALL_START,
        ROTA_CALL_RESUME,
        ROTA_CALL_HEAL,
        ROTA_CALL_RESUME_SERVER,
        ROTA_CALL_HEAL_SERVER
    } kind;
    uint32_t who;
    bool pending;
};

/* The last lines of one process, round and round. */
struct rota_lines {
    char text[ROTA_LINES_KEPT][ROTA_LINE_KEPT_MOST];
    uint32_t count;
    uint64_t last; /* the number of the last one among all lines */
};

/* A rule of `on`, in wait once the script has come to it. */
struct rota_rule {
    bool armed;
    uint32_t seen;
    uint32_t fired;
    bool submitted;      /* the submit of this statement was carried out */
    const char *awaited; /* the task or process that it waits for, NULL for none */
};

/* What is traced since the last statement `trace`. */
struct rota_expected_trace {
    const struct rota_statement *statement;
    FILE *out; /* NULL: none so far */
    char *text;
    size_t length;
};

/* One scenario under way. */
struct rota_run_context {
    const struct rota_scenario *s;
    const struct rota_play_options *course;
    uint64_t seed;
    FILE *trace;
    struct rota_injector *injector; /* NULL unless searching: then the script only paces */
    struct rota_world *w;
    struct rota_history h;
    struct rota_judge judge;
    struct rota_protocol_trial trial;
    struct rota_world_sessions guests;
    struct rota_rule *rules; /* one for each statement */
    uint32_t armed;          /* rules in wait */
    uint32_t nevers;         /* statements of `never` so far */
    struct rota_call *calls;
    uint32_t call_count;
    uint32_t call_capacity;
    uint32_t ats;                          /* pending calls of `at` */
    uint32_t numbered;                     /* tasks t1 to this are spoken for */
    uint32_t operators;                    /* the first of them */
    uint32_t losses;                       /* connection losses asked for */
    const struct rota_statement **loss_of; /* of each process: the last one that asked for one */
    const struct rota_statement *doing;    /* whose action is carried out */
    uint32_t firing;                       /* whose request has set it off, or ROTA_NOBODY */
    struct rota_expected_trace golden;
    uint32_t **jobs; /* of each process: its job -> task */
    uint32_t *job_counts;
    struct rota_lines *lines;
    uint64_t line_count;
    const struct rota_statement *at; /* the statement under way */
    struct rota_watchdog watchdog;
    FILE *report;
    struct rota_finding *finding;
};

/* Fills the verdict once: the first failure counts. `st` is the statement to blame, or NULL. */
void rota_play_fail(struct rota_run_context *g, enum rota_verdict verdict,
                    const struct rota_statement *st, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Whether nothing has failed so far; looks at what must hold after every event. */
bool rota_play_holds(struct rota_run_context *g);

/* Lets one event happen, no later than `until`. False at that time, or when something failed. */
bool rota_play_step(struct rota_run_context *g, rota_time until);

/* Carries out the action of a statement. One that finds nobody fails the scenario. */
void rota_play_do(struct rota_run_context *g, const struct rota_statement *st);

/* Puts something off to that time. */
void rota_play_call_at(struct rota_run_context *g, rota_time when, struct rota_call call);

/* Gives a client that has started every task of its that it has not seen to the end. */
void rota_play_give_tasks(struct rota_run_context *g, uint32_t who);

/* Has clients submit so many tasks of a second each, NAME-1, NAME-2, ..., in turn. */
void rota_play_ask(struct rota_run_context *g, const char *name, uint32_t count);

/* An operator that starts again asks for what it was asked for. */
void rota_play_ask_again(struct rota_run_context *g, uint32_t who);

/* A task or a worker was seen to be in the tree: the operator that waits for it sets out. */
void rota_play_come(struct rota_run_context *g, const char *name);

/* A process has started, or has a session: what waits for that befalls it. */
void rota_play_appear(struct rota_run_context *g, uint32_t who, bool session);

/* What befalls a server befalls everybody. */
void rota_play_server_misfortune(struct rota_run_context *g);

/* From here on the trace is kept for this statement; the one before it is compared. */
void rota_expected_trace_begin(struct rota_run_context *g, const struct rota_statement *st);

/* The trace is at its end: the last one is compared. */
void rota_expected_trace_end(struct rota_run_context *g);

/* Lets a time pass. */
void rota_play_let_pass(struct rota_run_context *g, rota_span span);

/* The script is over: what was set off comes to its end, and what must hold then is judged. */
void rota_play_finish(struct rota_run_context *g);

#endif
