#include "harness/play/run.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "backend_sim/world/world_faults.h"
#include "backend_sim/world/world_servers.h"
#include "harness/language/glob.h"
#include "harness/play/condition.h"
#include "harness/language/protocol.h"
#include "harness/play/run_context.h"
#include "model/base/assert.h"
#include "model/client/client.h"
#include "model/master/master.h"
#include "model/operator/operator.h"
#include "model/tree/path.h"
#include "model/worker/worker.h"
#include "system/memory.h"

enum {
    STEP_S = 10,          /* processor time for a few events: beyond, one of them does not end */
    PAT_EVENTS = 64,      /* so few */
    EVENTS_FREE = 500000, /* what a run may take, and */
    EVENTS_TASK = 500,    /* for each task */
    EVENTS_SECOND = 100,  /* for each process in each second */
};

/* ---- failing ---- */

static void print_lines(struct rota_run_context *g, uint32_t who)
{
    const struct rota_lines *l = &g->lines[who];
    uint32_t from = l->count > ROTA_LINES_KEPT ? l->count - ROTA_LINES_KEPT : 0;

    for (uint32_t i = from; i < l->count; i++)
        fprintf(g->report, "    %s\n", l->text[i % ROTA_LINES_KEPT]);
}

void rota_play_fail(struct rota_run_context *g, enum rota_verdict verdict,
                    const struct rota_statement *st, const char *format, ...)
{
    int64_t now = rota_world_now(g->w);
    va_list arguments;

    if (g->finding->verdict != ROTA_VERDICT_HELD)
        return;
    g->finding->verdict = verdict;
    if (g->judge.broken)
        g->finding->invariant = g->judge.breach.invariant;
    else if (verdict == ROTA_VERDICT_NO_PROGRESS)
        g->finding->invariant = ROTA_INVARIANT_PROGRESS;
    fprintf(g->report, "%s:%u: ", g->s->file, st == NULL ? 1 : st->line);
    va_start(arguments, format);
    vfprintf(g->report, format, arguments);
    va_end(arguments);
    fprintf(g->report, "\n");
    if (st != NULL)
        fprintf(g->report, "  statement: %s\n", st->text);
    fprintf(g->report, "  at %" PRId64 ".%03ds of virtual time, event %" PRIu64 "\n",
            now / ROTA_SECOND, (int)(now % ROTA_SECOND / 1000), rota_world_events(g->w));
}

/* How to see this run again. */
static void print_replay(struct rota_run_context *g)
{
    char place[ROTA_PLACE_TEXT];

    fprintf(g->report, "  replay: rota sim run %s --seed %" PRIu64, g->s->file, g->seed);
    for (uint32_t i = 0; g->injector != NULL && i < g->injector->fired_count; i++) {
        rota_place_format(&g->injector->fired[i], &g->s->cluster, place);
        fprintf(g->report, " --inject %s", place);
    }
    if (g->s->orders > 1)
        fprintf(g->report, " --order %u", g->course->order + 1);
    fprintf(g->report, " --trace -\n");
}

/* Whether the statement under way names this process. */
static bool is_named(const struct rota_run_context *g, uint32_t who)
{
    const struct rota_statement *end = g->s->statements + g->s->count;

    return g->at != NULL && g->at < end &&
           (rota_who_number(g->at->condition.who, &g->s->cluster) == who ||
            rota_who_number(g->at->action.who, &g->s->cluster) == who);
}

/* An invariant breaks between certain processes. With an expectation those are involved that it
 * names, and those that have spoken last. */
static bool is_involved(const struct rota_run_context *g, uint32_t who)
{
    const struct rota_breach *b = &g->judge.breach;
    uint32_t later = 0;

    for (uint32_t k = 0; g->judge.broken && k < b->involved_count; k++) {
        if (b->involved[k] == who)
            return true;
    }
    for (uint32_t i = 0; i < rota_world_count(g->w); i++)
        later += g->lines[i].last > g->lines[who].last;
    return !g->judge.broken && (is_named(g, who) || later < ROTA_SPEAKERS_MOST);
}

static void print_last_lines(struct rota_run_context *g)
{
    fprintf(g->report, "  last lines of the processes involved:\n");
    for (uint32_t i = 0; i < rota_world_count(g->w); i++) {
        if (is_involved(g, i))
            print_lines(g, i);
    }
    print_lines(g, rota_world_count(g->w)); /* the server's */
    print_replay(g);
}

/* ---- hooks ---- */

static void on_called(void *context, uint64_t id)
{
    struct rota_run_context *g = context;
    struct rota_call call;

    if (g->injector != NULL && rota_injector_called(g->injector, id))
        return;
    call = g->calls[id];
    g->calls[id].pending = false;
    switch (call.kind) {
    case ROTA_CALL_DEED:
        g->ats--;
        rota_play_do(g, call.statement);
        break;
    case ROTA_CALL_START:
        rota_world_start(g->w, call.who);
        break;
    case ROTA_CALL_RESUME:
        rota_world_resume(g->w, call.who);
        break;
    case ROTA_CALL_HEAL:
        rota_world_heal(g->w, call.who);
        break;
    case ROTA_CALL_RESUME_SERVER:
        rota_world_resume_server(g->w, call.who);
        rota_play_server_misfortune(g);
        break;
    case ROTA_CALL_HEAL_SERVER:
        rota_world_put_server_on_side(g->w, call.who, 0);
        rota_play_server_misfortune(g);
        break;
    }
}

static void fire(struct rota_run_context *g, const struct rota_statement *st, uint32_t who)
{
    g->rules[st - g->s->statements].fired++;
    /* The reply that is on its way is the one that is lost. */
    if (!st->before && st->action.kind == ROTA_SCRIPT_CONNLOSS &&
        rota_who_equal(st->who, st->action.who)) {
        rota_world_note(g->w, who, "the reply is lost with its connection");
        rota_world_cut(g->w, who);
        return;
    }
    g->firing = who;
    rota_play_do(g, st);
    g->firing = ROTA_NOBODY;
}

/* True if the request has an operation of this kind whose path matches the pattern. `multi` means
 * a multi with any such path. An operation without a path has the path "". */
static bool matches_rule(const struct rota_request *request, enum rota_op op, const char *pattern)
{
    const struct rota_operation *o = &request->operation;

    if (o->op != ROTA_OP_MULTI)
        return o->op == op && rota_glob_match(pattern, o->path == NULL ? "" : o->path);
    for (uint32_t i = 0; i < request->operation_count; i++) {
        if ((op == ROTA_OP_MULTI || request->operations[i].op == op) &&
            rota_glob_match(pattern, request->operations[i].path))
            return true;
    }
    return false;
}

static void try_rules(struct rota_run_context *g, uint32_t who, const struct rota_request *request,
                      bool before)
{
    for (uint32_t i = 0; i < g->s->count && g->armed > 0; i++) {
        const struct rota_statement *st = &g->s->statements[i];
        struct rota_rule *rule = &g->rules[i];

        if (!rule->armed || st->before != before || !rota_who_includes(st->who, who, g->w, &g->h) ||
            !matches_rule(request, (enum rota_op)st->op, st->glob))
            continue;
        rule->seen++;
        if (!st->every && rule->seen != st->nth)
            continue;
        rule->armed = st->every;
        g->armed -= !st->every;
        fire(g, st, who);
    }
}

static void on_stepping(void *context, uint32_t who)
{
    struct rota_run_context *g = context;

    rota_judge_stepping(&g->judge, who);
    if (g->injector != NULL)
        rota_injector_step(g->injector, who);
}

/* Tells tasks by what is written for them, if their clients choose the names. */
static void christen(struct rota_run_context *g, uint32_t who, const struct rota_operation *o)
{
    static const char directory[] = ROTA_PATH_TASKS "/";

    if (o->op == ROTA_OP_CREATE && strncmp(o->path, directory, strlen(directory)) == 0 &&
        strchr(o->path + strlen(directory), '/') == NULL)
        rota_history_learn_name(&g->h, who, o->path + strlen(directory), o->data);
}

static void on_before(void *context, uint32_t who, const struct rota_request *request)
{
    struct rota_run_context *g = context;

    if (g->h.unnamed > 0 && rota_process_is(rota_world_process(g->w, who), ROTA_PART_CLIENT)) {
        christen(g, who, &request->operation);
        for (uint32_t i = 0; i < request->operation_count; i++)
            christen(g, who, &request->operations[i]);
    }
    rota_judge_leaving(&g->judge, who, request);
    try_rules(g, who, request, true);
    if (g->injector != NULL)
        rota_injector_request(g->injector, who);
}

static void on_applied(void *context, uint32_t who, const struct rota_request *request, int32_t rc)
{
    struct rota_run_context *g = context;

    if (rc == ROTA_ERR_OK)
        try_rules(g, who, request, false);
    else
        rota_judge_refused(&g->judge, who, request, rc);
}

static void on_committed(void *context, uint32_t who, const struct rota_commit *commit)
{
    struct rota_run_context *g = context;

    if (!rota_scenario_is_zk_only(g->s)) /* else it is not rota's tree */
        rota_judge_committed(&g->judge, who, commit);
    rota_protocol_trial_committed(&g->trial, who, commit);
}

static void on_acted(void *context, uint32_t who, const struct rota_action *a)
{
    struct rota_run_context *g = context;

    /* What an operator is told is nobody's result. */
    if (!rota_process_is(rota_world_process(g->w, who), ROTA_PART_OPERATOR))
        rota_judge_acted(&g->judge, who, a);
    rota_protocol_trial_acted(&g->trial, who, a);
    if (a->kind == ROTA_ACTION_NOTE && a->note.kind == ROTA_NOTE_STARTED) {
        rota_play_give_tasks(g, who);
        if (rota_process_is(rota_world_process(g->w, who), ROTA_PART_OPERATOR) &&
            rota_world_process(g->w, who)->incarnation > 1)
            rota_play_ask_again(g, who);
        rota_play_appear(g, who, false);
    }
    if (a->kind == ROTA_ACTION_NOTE && a->note.kind == ROTA_NOTE_CONNECTED)
        rota_play_appear(g, who, true);
    if (a->kind == ROTA_ACTION_RESULT && strcmp(a->job.state, "refused") == 0 &&
        rota_process_is(rota_world_process(g->w, who), ROTA_PART_CLIENT))
        rota_history_refuse(&g->h, g->jobs[who][a->job.job]);
    if (a->kind == ROTA_ACTION_NAMED)
        rota_play_come(g, g->h.tasks[rota_history_task(&g->h, a->job.name)].name);
    if (a->kind == ROTA_ACTION_NOTE && a->note.kind == ROTA_NOTE_REGISTERED)
        rota_play_come(g, a->note.name);
}

static void on_ended(void *context, uint32_t who, const struct rota_work *run)
{
    struct rota_run_context *g = context;

    rota_judge_ended(&g->judge, who, run);
    rota_protocol_trial_ended(&g->trial, who, run);
}

static uint8_t exit_of(const struct rota_submit *submit, uint32_t attempt)
{
    return submit->exits[attempt < submit->exit_count ? attempt - 1 : submit->exit_count - 1];
}

static struct rota_work_plan on_plan(void *context, uint32_t who, const struct rota_action *a)
{
    struct rota_run_context *g = context;
    struct rota_choices *c = rota_world_choices(g->w);
    uint32_t task = rota_history_find(&g->h, a->run.task);
    const struct rota_submit *submit = &g->h.tasks[task].plan;
    struct rota_work_plan plan = {0};

    (void)who;
    if (g->trial.judge != NULL)
        return (struct rota_work_plan){.duration = ROTA_NEVER};
    plan.duration = submit->work_min +
                    (rota_time)rota_choose(c, ROTA_SITE_WORK,
                                           (uint64_t)(submit->work_max - submit->work_min) + 1);
    /* The benign default neither fails nor kills. */
    plan.exit_status = rota_choose(c, ROTA_SITE_FAIL, 100) >= 100 - submit->fail_percent;
    if (submit->exit_count > 0)
        plan.exit_status = exit_of(submit, a->run.attempt);
    plan.kills_worker = rota_choose(c, ROTA_SITE_KILL, 100) >= 100 - submit->kill_percent;
    plan.lines = submit->progress;
    plan.silent = !g->h.tasks[task].submitted; /* a stranger's task ends as "done" and no more */
    return plan;
}

static void on_fault(void *context, uint32_t who)
{
    struct rota_run_context *g = context;

    rota_judge_fault(&g->judge, who);
}

static void on_line(void *context, uint32_t who, const char *line)
{
    struct rota_run_context *g = context;
    struct rota_lines *l = &g->lines[who == ROTA_NOBODY ? rota_world_count(g->w) : who];

    snprintf(l->text[l->count++ % ROTA_LINES_KEPT], ROTA_LINE_KEPT_MOST, "%.*s",
             ROTA_LINE_KEPT_MOST - 1, line);
    l->last = ++g->line_count;
    if (g->trace != NULL)
        fprintf(g->trace, "%s\n", line);
    if (g->golden.out != NULL)
        fprintf(g->golden.out, "%s\n", line);
}

static const struct rota_world_hooks hooks = {
    .stepping = on_stepping,
    .before = on_before,
    .applied = on_applied,
    .committed = on_committed,
    .acted = on_acted,
    .ended = on_ended,
    .plan = on_plan,
    .fault = on_fault,
    .line = on_line,
    .called = on_called,
};

/* ---- the script ---- */

/* The statement under way, NULL once the script is over. */
static const struct rota_statement *under_way(const struct rota_run_context *g)
{
    return g->at < g->s->statements + g->s->count ? g->at : NULL;
}

bool rota_play_holds(struct rota_run_context *g)
{
    char text[160];

    if (g->judge.broken) {
        rota_play_fail(g, ROTA_VERDICT_FAILED, under_way(g), "invariant %s broken: %s",
                       rota_invariant_word(g->judge.breach.invariant), g->judge.breach.text);
        return false;
    }
    if (g->trial.breach.invariant != NULL) {
        rota_play_fail(g, ROTA_VERDICT_FAILED, under_way(g), "invariant %s broken: %s",
                       g->trial.breach.invariant, g->trial.breach.text);
        return false;
    }
    for (const struct rota_statement *st = g->s->statements;
         g->nevers > 0 && g->injector == NULL && st < g->at; st++) {
        if (st->kind == ROTA_STATEMENT_NEVER && rota_condition_holds(&st->condition, g->w, &g->h)) {
            rota_condition_describe(&st->condition, g->w, &g->h, text, sizeof text);
            rota_play_fail(g, ROTA_VERDICT_FAILED, st, "this has become true: %s", text);
            return false;
        }
    }
    return g->finding->verdict == ROTA_VERDICT_HELD;
}

/* Whether the run has taken no more events than such a story may: else somebody goes round in a
 * circle, slowly enough for time to pass. */
static bool is_bounded(struct rota_run_context *g)
{
    uint64_t events = rota_world_events(g->w);
    int64_t seconds = rota_world_now(g->w) / ROTA_SECOND;
    uint32_t processes = rota_world_count(g->w);

    if (events % PAT_EVENTS == 0)
        rota_watchdog_pat(&g->watchdog);
    if (events <= EVENTS_FREE + (uint64_t)g->h.task_count * EVENTS_TASK +
                      (uint64_t)seconds * processes * EVENTS_SECOND)
        return true;
    rota_play_fail(g, ROTA_VERDICT_NO_PROGRESS, under_way(g),
                   "%" PRIu64 " events in %" PRId64 " s, of %u processes with %u tasks: somebody"
                   " goes round in a circle",
                   events, seconds, processes, g->h.task_count);
    return false;
}

bool rota_play_step(struct rota_run_context *g, rota_time until)
{
    if (rota_world_next(g->w) > until) {
        if (until != ROTA_NEVER)
            rota_world_run(g->w, until);
        return false;
    }
    if (!rota_world_step(g->w)) {
        if (rota_world_stuck(g->w))
            rota_play_fail(g, ROTA_VERDICT_NO_PROGRESS, under_way(g),
                           "a process asks without end while no time passes");
        else if (g->injector == NULL)
            rota_play_fail(g, ROTA_VERDICT_NO_PROGRESS, under_way(g), "nothing more will happen");
        return false;
    }
    return rota_play_holds(g) && is_bounded(g);
}

static bool step_of(void *context, rota_time until)
{
    return rota_play_step(context, until);
}

void rota_play_let_pass(struct rota_run_context *g, rota_span span)
{
    rota_time until = rota_world_now(g->w) + span;

    while (rota_play_step(g, until))
        ;
}

/* Waits for the condition of `until` and `expect`. */
static void wait_for(struct rota_run_context *g, const struct rota_statement *st)
{
    rota_time until = rota_world_now(g->w) + st->span;
    char text[160];

    while (!rota_condition_holds(&st->condition, g->w, &g->h)) {
        if (st->span > 0 && rota_play_step(g, until))
            continue;
        if (g->injector != NULL)
            return;
        rota_condition_describe(&st->condition, g->w, &g->h, text, sizeof text);
        if (rota_world_next(g->w) == ROTA_NEVER && st->span > 0)
            rota_play_fail(g, ROTA_VERDICT_NO_PROGRESS, st, "nothing more will happen: %s", text);
        else
            rota_play_fail(g, ROTA_VERDICT_FAILED, st, "%s: %s",
                           st->span > 0 ? "this has not become true in time" : "this is not true",
                           text);
        return;
    }
}

static void type_in(struct rota_run_context *g, const struct rota_statement *st)
{
    char *report = NULL;
    enum rota_zk_session_result typed = rota_world_sessions_carry_out(&g->guests, st, &report);

    if (typed != ROTA_ZK_SESSION_RIGHT && g->injector == NULL)
        rota_play_fail(
            g, typed == ROTA_ZK_SESSION_WRONG ? ROTA_VERDICT_FAILED : ROTA_VERDICT_NO_PROGRESS, st,
            "%s", report);
    free(report);
}

/* A time that had passed when the script came to the line is one that nothing happens at. */
static void await_time(struct rota_run_context *g, const struct rota_statement *st)
{
    rota_time now = rota_world_now(g->w);

    if (st->span < now && g->injector == NULL) {
        rota_play_fail(g, ROTA_VERDICT_FAILED, st,
                       "this did not fire: the script came to this line at %" PRId64
                       ".%03ds, after that time; `at` counts from the start, `after` from the"
                       " statement before",
                       now / ROTA_SECOND, (int)(now % ROTA_SECOND / 1000));
        return;
    }
    g->ats++;
    rota_play_call_at(g, st->span, (struct rota_call){.statement = st, .kind = ROTA_CALL_DEED});
}

static void permute(struct rota_run_context *g, const struct rota_statement *st)
{
    for (uint32_t i = 0; i < st->step_count && g->finding->verdict == ROTA_VERDICT_HELD; i++)
        rota_play_do(g, &g->s->statements[rota_scenario_step(g->s, st, g->course->order, i)]);
}

static void carry_out(struct rota_run_context *g, const struct rota_statement *st)
{
    g->at = st;
    switch (st->kind) {
    case ROTA_STATEMENT_NOW:
        rota_play_do(g, st);
        break;
    case ROTA_STATEMENT_AT:
        await_time(g, st);
        break;
    case ROTA_STATEMENT_AFTER:
        rota_play_let_pass(g, st->span);
        if (g->finding->verdict == ROTA_VERDICT_HELD)
            rota_play_do(g, st);
        break;
    case ROTA_STATEMENT_ON:
        g->rules[st - g->s->statements].armed = true;
        g->armed++;
        break;
    case ROTA_STATEMENT_UNTIL:
    case ROTA_STATEMENT_EXPECT:
        wait_for(g, st);
        break;
    case ROTA_STATEMENT_NEVER:
        g->nevers++;
        break;
    case ROTA_STATEMENT_SOMETIMES: /* looked at when all is over */
    case ROTA_STATEMENT_STEP:      /* done where it is named */
        break;
    case ROTA_STATEMENT_PERMUTE:
        permute(g, st);
        break;
    case ROTA_STATEMENT_ZK:
        type_in(g, st);
        break;
    case ROTA_STATEMENT_TRACE:
        rota_expected_trace_begin(g, st);
        break;
    }
    rota_play_holds(g);
}

/* ---- the stage ---- */

static void add_master(struct rota_run_context *g, const struct rota_role *role, uint32_t number)
{
    struct rota_master_config master = {.losses = g->s->cluster.losses};
    char name[24];

    snprintf(name, sizeof name, "m%u", number);
    snprintf(master.id, sizeof master.id, "%s", name);
    snprintf(master.address, sizeof master.address, "%s:1", name);
    rota_world_add(g->w, name, ROTA_PART_MASTER,
                   &(struct rota_driver_config){.role = role, .config = &master});
}

static void add_worker(struct rota_run_context *g, const struct rota_role *role, uint32_t number)
{
    struct rota_worker_config worker = {.slots = g->s->cluster.slots, .drain_timeout_ms = 10000};
    char name[24];

    snprintf(name, sizeof name, "w%u", number);
    snprintf(worker.name, sizeof worker.name, "%s", name);
    snprintf(worker.address, sizeof worker.address, "%s:1", name);
    snprintf(worker.tags, sizeof worker.tags, "%s", rota_scenario_tags(g->s, number));
    rota_world_add(
        g->w, name, ROTA_PART_WORKER,
        &(struct rota_driver_config){.role = role, .config = &worker, .session = {.lease = true}});
}

static void add_client(struct rota_run_context *g, const struct rota_role *role, uint32_t number)
{
    struct rota_client_config client = {.wait = true, .collect = true};
    char name[24];

    snprintf(name, sizeof name, "c%u", number);
    rota_world_add(g->w, name, ROTA_PART_CLIENT,
                   &(struct rota_driver_config){.role = role, .config = &client});
}

/* One operator for each statement that needs one. */
static void add_operators(struct rota_run_context *g)
{
    uint32_t number = 0;

    g->operators = rota_world_count(g->w);
    for (uint32_t i = 0; i < g->s->count; i++) {
        const struct rota_script_action *d = &g->s->statements[i].action;
        struct rota_operator_config config = {.timeout_ms = -1};
        char name[24];

        if (!rota_script_action_needs_operator(d))
            continue;
        config.command = d->kind == ROTA_SCRIPT_CANCEL  ? ROTA_OPERATOR_CANCEL
                         : d->kind == ROTA_SCRIPT_RETRY ? ROTA_OPERATOR_RETRY
                                                        : ROTA_OPERATOR_DRAIN;
        snprintf(name, sizeof name, "o%u", ++number);
        rota_world_add(
            g->w, name, ROTA_PART_OPERATOR,
            &(struct rota_driver_config){.role = &rota_operator_role, .config = &config});
    }
}

/* Adds a process of a protocol that has configs of its own. */
static void add_configured(struct rota_run_context *g, char letter, uint32_t number,
                           enum rota_part part, const struct rota_role *role)
{
    struct rota_driver_config driver = {.role = role};
    void *config = rota_memory_zeroed(1, role->config_size);
    char name[24];

    snprintf(name, sizeof name, "%c%u", letter, number);
    rota_protocol_at(g->s->protocol)->configure(name, config, &driver.session);
    driver.config = config;
    rota_world_add(g->w, name, part, &driver);
    free(config);
}

static void add_all_configured(struct rota_run_context *g)
{
    const struct rota_cluster *c = &g->s->cluster;
    const struct rota_protocol *protocol = rota_protocol_at(g->s->protocol);

    for (uint32_t i = 1; i <= c->masters; i++)
        add_configured(g, 'm', i, ROTA_PART_MASTER, protocol->master);
    for (uint32_t i = 1; i <= c->workers; i++)
        add_configured(g, 'w', i, ROTA_PART_WORKER, protocol->worker);
    for (uint32_t i = 1; i <= c->clients; i++)
        add_configured(g, 'c', i, ROTA_PART_CLIENT, protocol->client);
}

static void add_processes(struct rota_run_context *g)
{
    const struct rota_cluster *c = &g->s->cluster;
    const struct rota_protocol *protocol = rota_protocol_at(g->s->protocol);

    if (protocol->configure != NULL) {
        add_all_configured(g);
        add_operators(g);
        return;
    }
    for (uint32_t i = 1; i <= c->masters; i++)
        add_master(g, protocol->master, i);
    for (uint32_t i = 1; i <= c->workers; i++)
        add_worker(g, protocol->worker, i);
    for (uint32_t i = 1; i <= c->clients; i++)
        add_client(g, protocol->client, i);
    add_operators(g);
}

static void open_stage(struct rota_run_context *g)
{
    static const char *const paths[] = {
#define X(path) path,
        ROTA_PATH_MAP(X)
#undef X
    };
    const struct rota_cluster *c = &g->s->cluster;
    uint32_t processes;
    struct rota_world_config config = {.seed = g->seed,
                                       .latency = c->latency,
                                       .tick_ms = (uint32_t)(c->tick / 1000),
                                       .servers = c->servers,
                                       .lag = c->lag,
                                       .quorum_sync = c->quorum_sync,
                                       .session_ms = (uint32_t)(c->session / 1000)};

    g->w = rota_world_open(&config, &hooks, g);
    add_processes(g);
    rota_world_sessions_init(&g->guests, g->s, g->w, step_of, g);
    processes = rota_world_count(g->w);
    g->rules = calloc(g->s->count + 1, sizeof *g->rules);
    g->lines = calloc(processes + 1, sizeof *g->lines);
    g->jobs = calloc(processes + 1, sizeof *g->jobs);
    g->job_counts = calloc(processes + 1, sizeof *g->job_counts);
    g->loss_of = calloc(processes + 1, sizeof(struct rota_statement *));
    rota_assert(g->rules != NULL && g->lines != NULL && g->jobs != NULL && g->job_counts != NULL &&
                g->loss_of != NULL);
    g->numbered = g->s->numbered;
    g->firing = ROTA_NOBODY;
    rota_history_init(&g->h, processes);
    rota_judge_init(&g->judge, g->s, g->w, &g->h);
    rota_protocol_trial_init(&g->trial, rota_protocol_at(g->s->protocol), g->w);
    if (g->injector != NULL)
        rota_injector_begin(g->injector, g->s, g->w);
    if (!rota_scenario_has_empty_tree(g->s) && g->trial.judge == NULL)
        rota_world_create_znodes(g->w, paths, sizeof paths / sizeof paths[0]);
    if (c->counter > 0)
        rota_world_count_up(g->w, ROTA_PATH_TASKS, (int32_t)c->counter);
    rota_judge_remember_tree(&g->judge);
}

static void close_stage(struct rota_run_context *g)
{
    uint32_t processes = rota_world_count(g->w);

    if (g->injector != NULL)
        rota_injector_end(g->injector);
    rota_world_sessions_close(&g->guests);
    rota_world_close(g->w);
    rota_judge_close(&g->judge);
    rota_protocol_trial_close(&g->trial);
    rota_history_close(&g->h);
    free(g->rules);
    free(g->lines);
    for (uint32_t i = 0; i < processes; i++)
        free(g->jobs[i]);
    free(g->jobs);
    free(g->job_counts);
    free(g->loss_of);
    free(g->calls);
}

/* What is said of a step that does not end: all that is known then. */
static void watch(struct rota_run_context *g)
{
    char sentence[sizeof g->watchdog.sentence];

    snprintf(sentence, sizeof sentence,
             "%s: a process computes without end in one of its steps\n  replay: rota sim run %s"
             " --seed %" PRIu64 " --trace -",
             g->s->file, g->s->file, g->seed);
    rota_watchdog_begin(&g->watchdog, STEP_S, sentence);
}

void rota_scenario_play(const struct rota_scenario *s, const struct rota_play_options *course,
                        struct rota_finding *finding)
{
    struct rota_run_context g = {.s = s,
                                 .course = course,
                                 .seed = course->seed,
                                 .trace = course->trace,
                                 .injector = course->injector,
                                 .finding = finding};
    size_t length;

    rota_assert(course->order < s->orders);
    memset(finding, 0, sizeof *finding);
    finding->invariant = ROTA_INVARIANTS;
    g.report = open_memstream(&finding->report, &length);
    rota_assert(g.report != NULL);
    open_stage(&g);
    watch(&g);
    for (uint32_t i = 0; i < s->count && finding->verdict == ROTA_VERDICT_HELD; i++)
        carry_out(&g, &s->statements[i]);
    if (finding->verdict == ROTA_VERDICT_HELD)
        rota_play_finish(&g);
    rota_watchdog_end(&g.watchdog);
    rota_expected_trace_end(&g);
    finding->time = rota_world_now(g.w);
    finding->events = rota_world_events(g.w);
    finding->hash = rota_world_hash(g.w);
    if (finding->verdict != ROTA_VERDICT_HELD)
        print_last_lines(&g);
    close_stage(&g);
    fclose(g.report);
    if (finding->verdict != ROTA_VERDICT_HELD)
        return;
    free(finding->report);
    finding->report = NULL;
}

void rota_scenario_run(const struct rota_scenario *s, uint64_t seed, FILE *trace,
                       struct rota_finding *finding)
{
    rota_scenario_play(s, &(struct rota_play_options){.seed = seed, .trace = trace}, finding);
}

void rota_scenario_search(const struct rota_scenario *s, uint64_t seed, FILE *trace,
                          struct rota_injector *injector, struct rota_finding *finding)
{
    rota_scenario_play(
        s, &(struct rota_play_options){.seed = seed, .trace = trace, .injector = injector},
        finding);
}

void rota_finding_close(struct rota_finding *finding)
{
    for (uint32_t i = 0; i < finding->trace_count; i++)
        free(finding->traces[i]);
    free(finding->traces);
    free(finding->report);
    finding->report = NULL;
    finding->traces = NULL;
    finding->trace_count = 0;
}
