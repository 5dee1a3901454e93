#include "harness/play/world_events.h"

#include <string.h>

#include "backend_sim/world/world_faults.h"
#include "harness/language/glob.h"
#include "harness/play/actions.h"
#include "harness/play/operators.h"
#include "harness/play/submissions.h"
#include "harness/play/targets.h"
#include "model/tree/path.h"

/* ---- rules of `on` ---- */

/* Whether the request has an operation of this kind whose path matches the pattern. `multi` means a
 * multi with any such path. An operation without a path has the path "". */
static bool matches_rule(const struct rota_request *request, enum rota_op op, const char *pattern)
{
    const struct rota_operation *o = &request->operation;

    if (o->op != ROTA_OP_MULTI)
        return o->op == op && rota_glob_match(pattern, o->path == NULL ? "" : o->path);
    for (uint32_t i = 0; i < request->operation_count; i++)
        if ((op == ROTA_OP_MULTI || request->operations[i].op == op) &&
            rota_glob_match(pattern, request->operations[i].path))
            return true;
    return false;
}

static void fire(struct rota_run_context *ctx, const struct rota_statement *st, uint32_t who)
{
    ctx->rules[st - ctx->s->statements].fired++;
    /* The reply that is on its way is lost. */
    if (!st->before && st->action.kind == ROTA_SCRIPT_CONNLOSS &&
        rota_who_equal(st->who, st->action.who)) {
        rota_world_note(ctx->w, who, "the reply is lost with its connection");
        rota_world_cut(ctx->w, who);
        return;
    }
    ctx->trigger = who;
    rota_actions_do(ctx, st);
    ctx->trigger = ROTA_NOBODY;
}

static void try_rules(struct rota_run_context *ctx, uint32_t who,
                      const struct rota_request *request, bool before)
{
    for (uint32_t i = 0; i < ctx->s->count && ctx->armed_count > 0; i++) {
        const struct rota_statement *st = &ctx->s->statements[i];
        struct rota_rule *rule = &ctx->rules[i];

        if (!rule->armed || st->before != before ||
            !rota_who_includes(st->who, who, ctx->w, &ctx->h) ||
            !matches_rule(request, (enum rota_op)st->op, st->glob))
            continue;
        rule->seen++;
        if (!st->every && rule->seen != st->nth)
            continue;
        rule->armed = st->every;
        ctx->armed_count -= !st->every;
        fire(ctx, st, who);
    }
}

/* ---- hooks ---- */

static void on_called(void *context, uint64_t id)
{
    struct rota_run_context *ctx = rota_run_context_of(context);

    if (ctx->injector == NULL || !rota_injector_called(ctx->injector, id))
        rota_actions_called(ctx, id);
}

static void on_stepping(void *context, uint32_t who)
{
    struct rota_run_context *ctx = rota_run_context_of(context);

    rota_judge_stepping(&ctx->judge, who);
    if (ctx->injector != NULL)
        rota_injector_step(ctx->injector, who);
}

/* If a client chooses the name of a task, the data that it writes tells which task that is. */
static void learn_name(struct rota_run_context *ctx, uint32_t who, const struct rota_operation *o)
{
    static const char directory[] = ROTA_PATH_TASKS "/";

    if (o->op == ROTA_OP_CREATE && strncmp(o->path, directory, strlen(directory)) == 0 &&
        strchr(o->path + strlen(directory), '/') == NULL)
        rota_history_learn_name(&ctx->h, who, o->path + strlen(directory), o->data);
}

static void on_before(void *context, uint32_t who, const struct rota_request *request)
{
    struct rota_run_context *ctx = rota_run_context_of(context);

    if (ctx->h.unnamed > 0 && rota_process_is(rota_world_process(ctx->w, who), ROTA_PART_CLIENT)) {
        learn_name(ctx, who, &request->operation);
        for (uint32_t i = 0; i < request->operation_count; i++)
            learn_name(ctx, who, &request->operations[i]);
    }
    rota_judge_leaving(&ctx->judge, who, request);
    try_rules(ctx, who, request, true);
    if (ctx->injector != NULL)
        rota_injector_request(ctx->injector, who);
}

static void on_applied(void *context, uint32_t who, const struct rota_request *request, int32_t rc)
{
    struct rota_run_context *ctx = rota_run_context_of(context);

    if (rc == ROTA_ERR_OK)
        try_rules(ctx, who, request, false);
    else
        rota_judge_refused(&ctx->judge, who, request, rc);
}

static void on_committed(void *context, uint32_t who, const struct rota_commit *commit)
{
    struct rota_run_context *ctx = rota_run_context_of(context);

    if (!rota_scenario_is_zk_only(ctx->s)) /* otherwise the tree is not rota's */
        rota_judge_committed(&ctx->judge, who, commit);
    rota_protocol_trial_committed(&ctx->trial, who, commit);
}

static void on_acted(void *context, uint32_t who, const struct rota_action *a)
{
    struct rota_run_context *ctx = rota_run_context_of(context);

    rota_judge_acted(&ctx->judge, who, a);
    rota_protocol_trial_acted(&ctx->trial, who, a);
    if (a->kind == ROTA_ACTION_NOTE && a->note.kind == ROTA_NOTE_STARTED) {
        rota_submissions_restore(ctx, who);
        if (rota_process_is(rota_world_process(ctx->w, who), ROTA_PART_OPERATOR) &&
            rota_world_process(ctx->w, who)->incarnation > 1)
            rota_operators_restarted(ctx, who);
        rota_actions_process_ready(ctx, who, false);
    }
    if (a->kind == ROTA_ACTION_NOTE && a->note.kind == ROTA_NOTE_CONNECTED)
        rota_actions_process_ready(ctx, who, true);
    if (a->kind == ROTA_ACTION_RESULT &&
        rota_process_is(rota_world_process(ctx->w, who), ROTA_PART_CLIENT)) {
        if (strcmp(a->job.state, "refused") == 0)
            rota_history_refuse(&ctx->h, ctx->jobs[who][a->job.job]);
        rota_submissions_answered(ctx, who, ctx->jobs[who][a->job.job]);
    }
    if (a->kind == ROTA_ACTION_NAMED)
        rota_operators_name_appeared(ctx,
                                     ctx->h.tasks[rota_history_task(&ctx->h, a->job.name)].name);
    if (a->kind == ROTA_ACTION_NOTE && a->note.kind == ROTA_NOTE_REGISTERED)
        rota_operators_name_appeared(ctx, a->note.name);
}

static void on_ended(void *context, uint32_t who, const struct rota_work *run)
{
    struct rota_run_context *ctx = rota_run_context_of(context);

    rota_judge_ended(&ctx->judge, who, run);
    rota_protocol_trial_ended(&ctx->trial, who, run);
}

static uint8_t exit_of(const struct rota_submit *submit, uint32_t attempt)
{
    return submit->exits[attempt < submit->exit_count ? attempt - 1 : submit->exit_count - 1];
}

static struct rota_work_plan on_plan(void *context, uint32_t who, const struct rota_action *a)
{
    struct rota_run_context *ctx = rota_run_context_of(context);
    struct rota_choices *c = rota_world_choices(ctx->w);
    uint32_t task = rota_history_find(&ctx->h, a->run.task);
    const struct rota_submit *submit = &ctx->h.tasks[task].plan;
    struct rota_work_plan plan = {0};

    (void)who;
    if (ctx->trial.judge != NULL)
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
    plan.silent =
        !ctx->h.tasks[task].submitted; /* a task of another client ends as "done" without output */
    return plan;
}

static void on_fault(void *context, uint32_t who)
{
    struct rota_run_context *ctx = rota_run_context_of(context);

    rota_judge_fault(&ctx->judge, who);
}

static void on_line(void *context, uint32_t who, const char *line)
{
    struct rota_run_context *ctx = rota_run_context_of(context);
    struct rota_lines *l = &ctx->lines[who == ROTA_NOBODY ? rota_world_count(ctx->w) : who];

    snprintf(l->text[l->count++ % ROTA_LINES_KEPT], ROTA_LINE_MAX_KEPT, "%.*s",
             ROTA_LINE_MAX_KEPT - 1, line);
    l->last = ++ctx->line_count;
    if (ctx->trace != NULL)
        fprintf(ctx->trace, "%s\n", line);
    if (ctx->expected.out != NULL)
        fprintf(ctx->expected.out, "%s\n", line);
}

const struct rota_world_hooks rota_run_hooks = {
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
