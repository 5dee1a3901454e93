#include "harness/play/actions.h"

#include <stdio.h>
#include <stdlib.h>

#include "backend_sim/world/world_faults.h"
#include "backend_sim/world/world_servers.h"
#include "harness/play/failure.h"
#include "harness/play/operators.h"
#include "harness/play/submissions.h"
#include "harness/play/targets.h"
#include "harness/play/world_action.h"
#include "model/base/assert.h"
#include "system/memory.h"

enum { START_GAP_US = 10000 }; /* between two processes of `start all` */

static void call_after(struct rota_run_context *ctx, rota_span span, struct rota_call call)
{
    rota_play_schedule(ctx, rota_world_now(ctx->w) + span, call);
}

static const struct rota_process *process(const struct rota_run_context *ctx, uint32_t who)
{
    return rota_world_process(ctx->w, who);
}

static bool is_running(const struct rota_run_context *ctx, uint32_t who)
{
    return process(ctx, who)->state == ROTA_PROCESS_RUNNING;
}

/* ---- servers ---- */

/* Each name takes a side; a process or a server that is not named reaches all. */
static void partition(struct rota_run_context *ctx, const struct rota_script_action *action)
{
    for (uint32_t i = 0; i < action->member_count; i++) {
        const struct rota_partition_member *one = &action->members[i];

        if (one->who.kind == ROTA_WHO_SERVER)
            rota_world_put_server_on_side(ctx->w, one->who.number - 1, one->side);
        for (uint32_t who = 0; who < rota_world_count(ctx->w); who++)
            if (rota_who_includes(one->who, who, ctx->w, &ctx->h))
                rota_world_put_on_side(ctx->w, who, one->side);
    }
    rota_world_cut_across(ctx->w);
}

/* Returns NULL, or why nothing was changed. */
static const char *do_to_servers(struct rota_run_context *ctx,
                                 const struct rota_script_action *action)
{
    uint32_t server = action->who.kind == ROTA_WHO_SERVER ? action->who.number - 1 : 0;
    const char *obstacle = NULL;

    rota_play_fault_all(ctx);
    if (action->kind == ROTA_SCRIPT_PARTITION)
        partition(ctx, action);
    else
        obstacle = rota_world_action_do_server(ctx->w, server, action);
    if (obstacle != NULL || action->span == 0)
        return obstacle;
    if (action->kind == ROTA_SCRIPT_PAUSE)
        call_after(ctx, action->span,
                   (struct rota_call){.kind = ROTA_CALL_RESUME_SERVER, .who = server});
    else if (action->kind == ROTA_SCRIPT_DISCONNECT)
        call_after(ctx, action->span,
                   (struct rota_call){.kind = ROTA_CALL_HEAL_SERVER, .who = server});
    return NULL;
}

static void heal_all_servers(struct rota_run_context *ctx)
{
    for (uint32_t i = 0; i < ctx->s->cluster.servers; i++)
        rota_world_put_server_on_side(ctx->w, i, 0);
}

/* ---- processes ---- */

static bool do_start(struct rota_run_context *ctx, uint32_t who,
                     const struct rota_script_action *action)
{
    rota_time delay = action->who.kind == ROTA_WHO_ALL ? (rota_time)who * START_GAP_US : 0;

    if (delay == 0)
        return rota_world_action_do(ctx->w, who, action);
    call_after(ctx, delay, (struct rota_call){.kind = ROTA_CALL_START, .who = who});
    return true;
}

static bool do_connloss(struct rota_run_context *ctx, uint32_t who,
                        const struct rota_script_action *action)
{
    /* Requests that follow on a lost connection are lost with it. */
    if (ctx->acting->every && process(ctx, who)->client.losing)
        return true;
    ctx->losses_asked++;
    ctx->loss_of[who] = ctx->acting;
    return rota_world_action_do(ctx->w, who, action);
}

/* An action that lasts until this call. */
static bool do_for_a_time(struct rota_run_context *ctx, uint32_t who,
                          const struct rota_script_action *action, struct rota_call end)
{
    rota_world_action_do(ctx->w, who, action);
    end.who = who;
    if (action->span > 0)
        call_after(ctx, action->span, end);
    return true;
}

/* Returns false if nothing was done; `obstacle` says why, unless it is NULL. */
static bool do_to(struct rota_run_context *ctx, uint32_t who,
                  const struct rota_script_action *action, const char **obstacle)
{
    *obstacle = NULL;
    switch (action->kind) {
    case ROTA_SCRIPT_START:
        return do_start(ctx, who, action);
    case ROTA_SCRIPT_PAUSE:
        return do_for_a_time(ctx, who, action, (struct rota_call){.kind = ROTA_CALL_RESUME});
    case ROTA_SCRIPT_DISCONNECT:
        return do_for_a_time(ctx, who, action, (struct rota_call){.kind = ROTA_CALL_HEAL});
    case ROTA_SCRIPT_CONNLOSS:
        return do_connloss(ctx, who, action);
    case ROTA_SCRIPT_SUBMIT:
        return rota_submissions_submit(ctx, who, &action->submit);
    case ROTA_SCRIPT_DRAIN:
        *obstacle = rota_operators_drain(ctx, who);
        return *obstacle == NULL;
    default:
        return rota_world_action_do(ctx->w, who, action);
    }
}

/* ---- targets ---- */

/* Whether the action names this process. A leader that was paused or disconnected, and would lead
 * otherwise, can be resumed and healed by the name `leader`; the same for `standby`. */
static bool is_target(const struct rota_run_context *ctx, const struct rota_script_action *action,
                      uint32_t who)
{
    bool lenient = action->kind == ROTA_SCRIPT_RESUME || action->kind == ROTA_SCRIPT_HEAL;
    bool master = rota_process_is(process(ctx, who), ROTA_PART_MASTER) && is_running(ctx, who);

    if (action->who.kind == ROTA_WHO_ANY_WORKER && ctx->acting->who.kind == ROTA_WHO_ANY_WORKER)
        return who == ctx->trigger;
    if (action->who.kind == ROTA_WHO_ANY_WORKER)
        return rota_process_is(process(ctx, who), ROTA_PART_WORKER);
    if (lenient && action->who.kind == ROTA_WHO_LEADER)
        return master && ctx->h.processes[who].leading;
    if (lenient && action->who.kind == ROTA_WHO_STANDBY)
        return master && !ctx->h.processes[who].leading;
    return rota_who_includes(action->who, who, ctx->w, &ctx->h);
}

/* Fills `targets` with the processes to which the action can apply. Returns how many; `reason` says
 * why there is none. */
static uint32_t find_targets(struct rota_run_context *ctx, const struct rota_script_action *action,
                             uint32_t *targets, char *reason, size_t size)
{
    char name[24];
    uint32_t count = 0;

    rota_who_format(action->who, name, sizeof name);
    snprintf(reason, size, "there is no %s", name);
    for (uint32_t i = 0; i < rota_world_count(ctx->w); i++) {
        const char *obstacle = NULL;

        if (!is_target(ctx, action, i))
            continue;
        obstacle = rota_world_action_obstacle(ctx->w, i, action->kind);
        if (obstacle != NULL)
            snprintf(reason, size, "%s %s", process(ctx, i)->name, obstacle);
        else
            targets[count++] = i;
    }
    if (action->who.kind == ROTA_WHO_STANDBY && count > 1)
        count = 1;
    if (action->who.kind == ROTA_WHO_ANY_WORKER && count > 1) {
        targets[0] = targets[rota_choose(rota_world_choices(ctx->w), ROTA_SITE_PICK, count)];
        count = 1;
    }
    return count;
}

/* Returns NULL, or why nothing was done, in `reason`. */
static const char *do_to_processes(struct rota_run_context *ctx,
                                   const struct rota_script_action *action, char *reason,
                                   size_t size)
{
    uint32_t *targets = rota_memory_zeroed(rota_world_count(ctx->w), sizeof *targets);
    uint32_t count = find_targets(ctx, action, targets, reason, size);
    const char *obstacle = NULL;
    bool did = false;

    for (uint32_t i = 0; i < count; i++)
        did |= do_to(ctx, targets[i], action, &obstacle);
    if (count > 0 && !did)
        snprintf(reason, size, "%s",
                 obstacle != NULL                     ? obstacle
                 : action->kind == ROTA_SCRIPT_SUBMIT ? "its tasks are already collected"
                                                      : "it changed nothing");
    free(targets);
    return did ? NULL : reason;
}

/* ---- waiting for a process ---- */

/* Whether `start all` will start this process later. */
static bool starts_soon(const struct rota_run_context *ctx, uint32_t who)
{
    for (uint32_t i = 0; i < ctx->call_count; i++)
        if (ctx->calls[i].pending && ctx->calls[i].kind == ROTA_CALL_START &&
            ctx->calls[i].who == who)
            return true;
    return false;
}

/* An action that comes too early for its process, as right after `start all`, waits until the
 * process has started; `expire` waits until it has a session. False: there is nothing to wait for.
 */
static bool await_process(struct rota_run_context *ctx, const struct rota_script_action *action)
{
    uint32_t who = rota_who_number(action->who, &ctx->s->cluster);
    bool soon;

    if (who == ROTA_NOBODY)
        return false;
    soon = starts_soon(ctx, who);
    if (action->kind == ROTA_SCRIPT_EXPIRE ? !is_running(ctx, who) && !soon
                                           : is_running(ctx, who) || !soon)
        return false;
    rota_operators_await(ctx, process(ctx, who)->name);
    return true;
}

void rota_actions_process_ready(struct rota_run_context *ctx, uint32_t who, bool session)
{
    for (uint32_t i = 0; i < ctx->s->count; i++) {
        const struct rota_statement *st = &ctx->s->statements[i];

        if (ctx->rules[i].awaited != process(ctx, who)->name ||
            rota_script_action_needs_operator(&st->action) ||
            session != (st->action.kind == ROTA_SCRIPT_EXPIRE))
            continue;
        ctx->rules[i].awaited = NULL;
        ctx->pending_ats++;
        rota_play_schedule(ctx, rota_world_now(ctx->w),
                           (struct rota_call){.statement = st, .kind = ROTA_CALL_ACTION});
    }
}

/* ---- statements ---- */

void rota_actions_do(struct rota_run_context *ctx, const struct rota_statement *st)
{
    const struct rota_script_action *action = &st->action;
    const struct rota_statement *before = ctx->acting;
    const char *obstacle;
    char reason[96];

    ctx->acting = st;
    if (action->kind == ROTA_SCRIPT_CANCEL)
        obstacle = rota_operators_cancel(ctx, action->task);
    else if (action->kind == ROTA_SCRIPT_RETRY)
        obstacle = rota_operators_retry(ctx, action->task);
    else if (rota_script_action_is_for_servers(action))
        obstacle = do_to_servers(ctx, action);
    else
        obstacle = do_to_processes(ctx, action, reason, sizeof reason);
    if (action->kind == ROTA_SCRIPT_HEAL && action->who.kind == ROTA_WHO_ALL) {
        heal_all_servers(ctx);
        obstacle = NULL;
    }
    if (obstacle != NULL && await_process(ctx, action))
        obstacle = NULL;
    if (obstacle != NULL && ctx->injector == NULL)
        rota_play_fail(ctx, ROTA_VERDICT_FAILED, st, "this did not fire: %s", obstacle);
    ctx->acting = before;
}

void rota_actions_called(struct rota_run_context *ctx, uint64_t id)
{
    struct rota_call call;

    rota_assert(id < ctx->call_count && ctx->calls[id].pending);
    call = ctx->calls[id];
    ctx->calls[id].pending = false;
    switch (call.kind) {
    case ROTA_CALL_ACTION:
        ctx->pending_ats--;
        rota_actions_do(ctx, call.statement);
        break;
    case ROTA_CALL_START:
        rota_world_start(ctx->w, call.who);
        break;
    case ROTA_CALL_RESUME:
        rota_world_resume(ctx->w, call.who);
        break;
    case ROTA_CALL_HEAL:
        rota_world_heal(ctx->w, call.who);
        break;
    case ROTA_CALL_RESUME_SERVER:
        rota_world_resume_server(ctx->w, call.who);
        rota_play_fault_all(ctx);
        break;
    case ROTA_CALL_HEAL_SERVER:
        rota_world_put_server_on_side(ctx->w, call.who, 0);
        rota_play_fault_all(ctx);
        break;
    }
}
