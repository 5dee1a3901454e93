/* Actions, carried out: whom they befall, and what becomes of those. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backend_sim/world/world_faults.h"
#include "backend_sim/world/world_servers.h"
#include "harness/play/condition.h"
#include "harness/play/server_faults.h"
#include "harness/play/run_context.h"
#include "model/base/assert.h"
#include "model/tree/spec.h"

#define ASKED "it was asked for already, and is under way"

enum {
    START_GAP_US = 10000, /* between two processes of `start all` */
};

/* ---- calls ---- */

void rota_play_call_at(struct rota_run_context *g, rota_time when, struct rota_call call)
{
    if (g->call_count == g->call_capacity) {
        g->call_capacity = g->call_capacity == 0 ? 16 : 2 * g->call_capacity;
        g->calls = realloc(g->calls, g->call_capacity * sizeof *g->calls);
        rota_assert(g->calls != NULL);
    }
    call.pending = true;
    g->calls[g->call_count] = call;
    rota_world_call_at(g->w, when, g->call_count++);
}

static void call_after(struct rota_run_context *g, rota_span span, struct rota_call call)
{
    rota_play_call_at(g, rota_world_now(g->w) + span, call);
}

/* ---- what an action finds ---- */

static const struct rota_process *process(const struct rota_run_context *g, uint32_t who)
{
    return rota_world_process(g->w, who);
}

static bool running(const struct rota_run_context *g, uint32_t who)
{
    return process(g, who)->state == ROTA_PROCESS_RUNNING;
}

/* Why the action cannot befall this process now, NULL if it can. */
static const char *obstacle(const struct rota_run_context *g, uint32_t who,
                            enum rota_script_action_kind kind)
{
    switch (kind) {
    case ROTA_SCRIPT_START: /* who is about to end starts when it has */
        return running(g, who) && !process(g, who)->stopping ? "runs already" : NULL;
    case ROTA_SCRIPT_STOP:
    case ROTA_SCRIPT_CRASH:
        return running(g, who) ? NULL : "does not run";
    case ROTA_SCRIPT_PAUSE:
        return !running(g, who)          ? "does not run"
               : process(g, who)->paused ? "stands still already"
                                         : NULL;
    case ROTA_SCRIPT_RESUME:
        return process(g, who)->paused ? NULL : "does not stand still";
    case ROTA_SCRIPT_EXPIRE:
        return !running(g, who)                            ? "does not run"
               : process(g, who)->client.client_id.id == 0 ? "has no session"
                                                           : NULL;
    case ROTA_SCRIPT_DISCONNECT:
        return process(g, who)->client.blocked ? "is cut off already" : NULL;
    default:
        return NULL;
    }
}

/* ---- what it does ---- */

static bool do_start(struct rota_run_context *g, uint32_t who, const struct rota_script_action *d)
{
    rota_time delay = d->who.kind == ROTA_WHO_ALL ? (rota_time)who * START_GAP_US : 0;

    if (delay == 0)
        rota_world_start(g->w, who);
    else
        call_after(g, delay, (struct rota_call){.kind = ROTA_CALL_START, .who = who});
    return true;
}

static bool do_stop(struct rota_run_context *g, uint32_t who, const struct rota_script_action *d)
{
    (void)d;
    rota_world_stop(g->w, who);
    return true;
}

static bool do_crash(struct rota_run_context *g, uint32_t who, const struct rota_script_action *d)
{
    rota_world_crash(g->w, who, d->kind == ROTA_SCRIPT_RESTART);
    return true;
}

static bool do_pause(struct rota_run_context *g, uint32_t who, const struct rota_script_action *d)
{
    rota_world_pause(g->w, who, d->work);
    if (d->span > 0)
        call_after(g, d->span, (struct rota_call){.kind = ROTA_CALL_RESUME, .who = who});
    return true;
}

static bool do_resume(struct rota_run_context *g, uint32_t who, const struct rota_script_action *d)
{
    (void)d;
    rota_world_resume(g->w, who);
    return true;
}

static bool do_expire(struct rota_run_context *g, uint32_t who, const struct rota_script_action *d)
{
    (void)d;
    return rota_world_expire(g->w, who);
}

static bool do_disconnect(struct rota_run_context *g, uint32_t who,
                          const struct rota_script_action *d)
{
    rota_world_disconnect(g->w, who);
    if (d->span > 0)
        call_after(g, d->span, (struct rota_call){.kind = ROTA_CALL_HEAL, .who = who});
    return true;
}

static bool do_heal(struct rota_run_context *g, uint32_t who, const struct rota_script_action *d)
{
    (void)d;
    rota_world_heal(g->w, who);
    rota_world_put_on_side(g->w, who, 0);
    return true;
}

static bool do_connloss(struct rota_run_context *g, uint32_t who,
                        const struct rota_script_action *d)
{
    /* What follows on a connection that is lost already is lost with it. */
    if (g->doing->every && process(g, who)->client.losing)
        return true;
    g->losses++;
    g->loss_of[who] = g->doing;
    rota_world_lose_next(g->w, who, d->fault, d->span);
    return true;
}

static bool do_slow(struct rota_run_context *g, uint32_t who, const struct rota_script_action *d)
{
    rota_world_slow(g->w, who, d->span);
    return true;
}

static bool do_skew(struct rota_run_context *g, uint32_t who, const struct rota_script_action *d)
{
    rota_world_skew(g->w, who, d->skew_percent);
    return true;
}

/* ---- operators ---- */

/* The operator of this statement: each has one of its own. */
static uint32_t operator_of(const struct rota_run_context *g, const struct rota_statement *st)
{
    uint32_t who = g->operators;

    for (const struct rota_statement *one = g->s->statements; one < st; one++)
        who += rota_script_action_needs_operator(&one->action);
    return who;
}

/* The task or the worker that an action is about, NULL for a set of workers. */
static const char *wish_of(const struct rota_run_context *g, const struct rota_script_action *d)
{
    uint32_t worker = rota_who_number(d->who, &g->s->cluster);

    if (d->kind != ROTA_SCRIPT_DRAIN)
        return d->task;
    return worker == ROTA_NOBODY ? NULL : process(g, worker)->name;
}

void rota_play_ask_again(struct rota_run_context *g, uint32_t who)
{
    for (const struct rota_statement *st = g->s->statements; st < g->s->statements + g->s->count;
         st++) {
        if (!rota_script_action_needs_operator(&st->action) || operator_of(g, st) != who)
            continue;
        if (wish_of(g, &st->action) != NULL)
            rota_world_submit(g->w, who, 0, wish_of(g, &st->action), NULL);
        rota_world_close_input(g->w, who);
    }
}

static bool ask_operator(struct rota_run_context *g, const char *name)
{
    uint32_t who = operator_of(g, g->doing);

    if (running(g, who))
        return false;
    rota_world_start_operator(g->w, who, rota_history_tree_name(&g->h, name));
    return true;
}

static bool ask_later(struct rota_run_context *g, const char *name)
{
    g->rules[g->doing - g->s->statements].awaited = name;
    return true;
}

/* A task that is not in the tree yet is cancelled as soon as it is. */
static bool do_cancel(struct rota_run_context *g, const struct rota_script_action *d)
{
    uint32_t task = rota_history_find(&g->h, d->task);

    if (task != ROTA_NO_TASK && (g->h.tasks[task].acknowledged || g->h.tasks[task].lives > 0))
        return ask_operator(g, d->task);
    return ask_later(g, d->task);
}

/* A worker that is not registered is drained as soon as it is. */
static bool do_drain(struct rota_run_context *g, uint32_t who, const struct rota_script_action *d)
{
    const char *name = process(g, who)->name;
    char path[64];

    (void)d;
    snprintf(path, sizeof path, "/workers/%s", name);
    if (rota_tree_find(rota_server_tree(rota_world_server(g->w)), path) == 0)
        return ask_later(g, name);
    return ask_operator(g, name);
}

void rota_play_come(struct rota_run_context *g, const char *name)
{
    const struct rota_statement *before = g->doing;

    for (uint32_t i = 0; i < g->s->count; i++) {
        if (!rota_script_action_needs_operator(&g->s->statements[i].action) ||
            g->rules[i].awaited == NULL || strcmp(g->rules[i].awaited, name) != 0)
            continue;
        g->rules[i].awaited = NULL;
        g->doing = &g->s->statements[i];
        ask_operator(g, name);
    }
    g->doing = before;
}

/* ---- submit ---- */

/* Gives a client a task: one that is in the tree to wait for, another one to submit. */
static void give_task(struct rota_run_context *g, uint32_t who, uint32_t task)
{
    const struct rota_task *t = &g->h.tasks[task];
    struct rota_bytes payload = {t->data, t->data_length};
    uint32_t job = g->job_counts[who]++;

    g->jobs[who] = realloc(g->jobs[who], g->job_counts[who] * sizeof *g->jobs[who]);
    rota_assert(g->jobs[who] != NULL);
    g->jobs[who][job] = task;
    /* Who begins anew knows no name that it has chosen before, unless it was told. */
    if (t->plan.client_names && t->tree_name != NULL && !t->acknowledged)
        rota_history_abandon(&g->h, task);
    if (t->collected || t->refused || t->abandoned)
        return;
    rota_world_submit(g->w, who, job,
                      t->plan.client_names && !t->acknowledged ? NULL
                      : t->tree_name != NULL                   ? t->tree_name
                                                               : t->name,
                      t->acknowledged ? NULL : &payload);
}

void rota_play_give_tasks(struct rota_run_context *g, uint32_t who)
{
    g->job_counts[who] = 0;
    for (uint32_t i = 0; i < g->h.task_count; i++) {
        if (g->h.tasks[i].submitted && g->h.tasks[i].client == who)
            give_task(g, who, i);
    }
}

/* The names with commas between, in the outbox's memory; none for NULL. */
static const char *const *split_names(struct rota_outbox *o, const char *text, uint32_t *count)
{
    const char **names;

    *count = text != NULL;
    for (const char *at = text; at != NULL && *at != '\0'; at++)
        *count += *at == ',';
    names = rota_outbox_take(o, (*count + 1) * sizeof(const char *));
    for (uint32_t i = 0; i < *count; i++) {
        size_t length = strcspn(text, ",");

        names[i] = rota_outbox_text(o, "%.*s", (int)length, text);
        text += length + 1;
    }
    return names;
}

/* What the client writes: a payload that is a specification, or one of the submit's own terms, or
 * the payload as it is. What the worker is to get is then the payload in it. */
static void wrap_payload(struct rota_history *h, uint32_t task, const struct rota_submit *submit)
{
    struct rota_bytes payload = {h->tasks[task].payload, h->tasks[task].payload_length};
    struct rota_task_terms terms;
    struct rota_outbox o;
    struct rota_spec spec;

    if (rota_task_terms_read(&terms, payload.data, (size_t)payload.length)) {
        rota_history_set_data(h, task, payload);
        rota_history_set_terms(h, task, &terms);
        return;
    }
    rota_outbox_init(&o);
    rota_spec_init(&spec, payload);
    spec.priority = submit->priority;
    spec.retries = submit->retries;
    spec.timeout_ms = submit->timeout / 1000;
    spec.expires_ms = submit->expires / 1000;
    spec.delay_ms = submit->delay / 1000;
    if (submit->retries > 0)
        spec.backoff_ms = submit->backoff / 1000;
    if (spec.backoff_cap_ms < spec.backoff_ms)
        spec.backoff_cap_ms = spec.backoff_ms;
    memcpy(spec.fatal, submit->fatal, sizeof spec.fatal);
    spec.after = split_names(&o, submit->after, &spec.after_count);
    spec.tags = split_names(&o, submit->tags, &spec.tag_count);
    rota_history_set_data(h, task, rota_spec_write(&o, &spec));
    rota_outbox_close(&o);
}

/* Whether the client, since it has started, was given this task and does not know its end. */
static bool awaits(const struct rota_run_context *g, uint32_t who, uint32_t task)
{
    for (uint32_t job = 0; job < g->job_counts[who]; job++) {
        if (g->jobs[who][job] == task)
            return true;
    }
    return false;
}

/* A client that is given the name of a task a second time has found it. False: nobody can submit
 * it, since it was collected; to the harness a name means one task. */
static bool submit_one(struct rota_run_context *g, uint32_t who, const struct rota_submit *submit,
                       uint32_t number, uint32_t i)
{
    char name[256];
    char payload[512];
    uint32_t task;
    bool known;

    if (submit->id == NULL)
        snprintf(name, sizeof name, "t%u", number);
    else if (submit->count == 1)
        snprintf(name, sizeof name, "%s", submit->id);
    else
        snprintf(name, sizeof name, "%s-%u", submit->id, i + 1);
    snprintf(payload, sizeof payload, "%.255s work=%" PRId64 "us..%" PRId64 "us", name,
             submit->work_min, submit->work_max);
    task = rota_history_find(&g->h, name);
    known = task != ROTA_NO_TASK && g->h.tasks[task].submitted;
    task = rota_history_submit(&g->h, name, who, submit,
                               submit->payload == NULL ? payload : submit->payload);
    if (g->h.tasks[task].data == NULL)
        wrap_payload(&g->h, task, submit);
    if (g->h.tasks[task].collected)
        return false;
    g->h.tasks[task].other_submits += g->h.tasks[task].client != who;
    if (running(g, who) && !(known && awaits(g, who, task)))
        give_task(g, who, task);
    return true;
}

/* The first time its tasks have the numbers that the file gives them; again they get new ones. */
static bool do_submit(struct rota_run_context *g, uint32_t who, const struct rota_script_action *d)
{
    struct rota_rule *rule = &g->rules[g->doing - g->s->statements];
    uint32_t before = d->submit.numbered_before;
    bool did = false;

    if (rule->submitted) {
        before = g->numbered;
        g->numbered += d->submit.count;
    }
    rule->submitted = true;
    for (uint32_t i = 0; i < d->submit.count; i++)
        did |= submit_one(g, who, &d->submit, before + i + 1, i);
    return did;
}

void rota_play_ask(struct rota_run_context *g, const char *name, uint32_t count)
{
    const struct rota_cluster *c = &g->s->cluster;
    struct rota_submit submit = {.count = 1, .work_min = ROTA_SECOND, .work_max = ROTA_SECOND};
    char id[64];

    for (uint32_t i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%s-%u", name, i + 1);
        submit.id = id;
        submit_one(g, c->masters + c->workers + i % c->clients, &submit, 0, 0);
        g->h.tasks[rota_history_find(&g->h, id)].plan.id = NULL;
    }
}

/* ---- servers ---- */

void rota_play_server_misfortune(struct rota_run_context *g)
{
    for (uint32_t i = 0; i < rota_world_count(g->w); i++)
        rota_judge_fault(&g->judge, i);
}

static const char *do_to_servers(struct rota_run_context *g, const struct rota_script_action *d)
{
    rota_play_server_misfortune(g);
    if (!rota_servers_suffer(g->w, g->s, &g->h, d))
        return d->kind == ROTA_SCRIPT_ELECT        ? "no server leads"
               : d->kind == ROTA_SCRIPT_START      ? "that server is up"
               : d->kind == ROTA_SCRIPT_RESUME     ? "that server does not stand still"
               : d->kind == ROTA_SCRIPT_DISCONNECT ? "that server is cut off already"
                                                   : "that server is not up";
    if (d->span > 0 && (d->kind == ROTA_SCRIPT_PAUSE || d->kind == ROTA_SCRIPT_DISCONNECT))
        call_after(g, d->span,
                   (struct rota_call){.kind = d->kind == ROTA_SCRIPT_PAUSE ? ROTA_CALL_RESUME_SERVER
                                                                           : ROTA_CALL_HEAL_SERVER,
                                      .who = d->who.number - 1});
    return NULL;
}

/* ---- whom it befalls ---- */

/* Whether an action that names this set means the process. Who leads, or would, while it stands
 * still or is cut off can still be resumed and healed by that name. */
static bool means(const struct rota_run_context *g, const struct rota_script_action *d,
                  uint32_t who)
{
    bool lenient = d->kind == ROTA_SCRIPT_RESUME || d->kind == ROTA_SCRIPT_HEAL;
    bool master = rota_process_is(process(g, who), ROTA_PART_MASTER) && running(g, who);

    if (d->who.kind == ROTA_WHO_ANY_WORKER && g->doing->who.kind == ROTA_WHO_ANY_WORKER)
        return who == g->firing;
    if (d->who.kind == ROTA_WHO_ANY_WORKER)
        return rota_process_is(process(g, who), ROTA_PART_WORKER);
    if (lenient && d->who.kind == ROTA_WHO_LEADER)
        return master && g->h.processes[who].leading;
    if (lenient && d->who.kind == ROTA_WHO_STANDBY)
        return master && !g->h.processes[who].leading;
    return rota_who_includes(d->who, who, g->w, &g->h);
}

/* Finds the processes that the action can befall, in `meant`. Returns how many; `reason` says why
 * there is none. */
static uint32_t find_meant(struct rota_run_context *g, const struct rota_script_action *d,
                           uint32_t *meant, char *reason, size_t size)
{
    char name[24];
    uint32_t count = 0;

    rota_who_format(d->who, name, sizeof name);
    snprintf(reason, size, "there is no %s", name);
    for (uint32_t i = 0; i < rota_world_count(g->w); i++) {
        const char *why = means(g, d, i) ? obstacle(g, i, d->kind) : NULL;

        if (why != NULL)
            snprintf(reason, size, "%s %s", process(g, i)->name, why);
        else if (means(g, d, i))
            meant[count++] = i;
    }
    if (d->who.kind == ROTA_WHO_STANDBY && count > 1)
        count = 1;
    if (d->who.kind == ROTA_WHO_ANY_WORKER && count > 1) {
        meant[0] = meant[rota_choose(rota_world_choices(g->w), ROTA_SITE_PICK, count)];
        count = 1;
    }
    return count;
}

static bool do_to(struct rota_run_context *g, uint32_t who, const struct rota_script_action *d)
{
    static bool (*const deeds[])(struct rota_run_context *, uint32_t,
                                 const struct rota_script_action *) = {
        [ROTA_SCRIPT_START] = do_start,   [ROTA_SCRIPT_STOP] = do_stop,
        [ROTA_SCRIPT_CRASH] = do_crash,   [ROTA_SCRIPT_RESTART] = do_crash,
        [ROTA_SCRIPT_PAUSE] = do_pause,   [ROTA_SCRIPT_RESUME] = do_resume,
        [ROTA_SCRIPT_EXPIRE] = do_expire, [ROTA_SCRIPT_DISCONNECT] = do_disconnect,
        [ROTA_SCRIPT_HEAL] = do_heal,     [ROTA_SCRIPT_CONNLOSS] = do_connloss,
        [ROTA_SCRIPT_SLOW] = do_slow,     [ROTA_SCRIPT_SUBMIT] = do_submit,
        [ROTA_SCRIPT_SKEW] = do_skew,     [ROTA_SCRIPT_DRAIN] = do_drain,
    };

    return deeds[d->kind](g, who, d);
}

/* Returns NULL, or why nobody is concerned, in `reason`. */
static const char *do_to_processes(struct rota_run_context *g, const struct rota_script_action *d,
                                   char *reason, size_t size)
{
    uint32_t *meant = calloc(rota_world_count(g->w) + 1, sizeof *meant);
    uint32_t count;
    bool did = false;

    rota_assert(meant != NULL);
    count = find_meant(g, d, meant, reason, size);
    for (uint32_t i = 0; i < count; i++)
        did |= do_to(g, meant[i], d);
    if (count > 0 && !did)
        snprintf(reason, size, "%s",
                 d->kind == ROTA_SCRIPT_SUBMIT ? "a task of that name has ended and is collected"
                                               : "there was nothing that it could change");
    free(meant);
    return did ? NULL : reason;
}

/* Whether `start all` has put off the start of this process. */
static bool starts_soon(const struct rota_run_context *g, uint32_t who)
{
    for (uint32_t i = 0; i < g->call_count; i++) {
        if (g->calls[i].pending && g->calls[i].kind == ROTA_CALL_START && g->calls[i].who == who)
            return true;
    }
    return false;
}

/* What finds a process too early, as just behind `start all`, waits until it has started, and
 * `expire` until it has a session. False: there is nothing to wait for. */
static bool await_process(struct rota_run_context *g, const struct rota_script_action *d)
{
    uint32_t who = rota_who_number(d->who, &g->s->cluster);

    if (who == ROTA_NOBODY ||
        (d->kind == ROTA_SCRIPT_EXPIRE ? !running(g, who) && !starts_soon(g, who)
                                       : running(g, who) || !starts_soon(g, who)))
        return false;
    return ask_later(g, process(g, who)->name);
}

void rota_play_appear(struct rota_run_context *g, uint32_t who, bool session)
{
    for (uint32_t i = 0; i < g->s->count; i++) {
        const struct rota_statement *st = &g->s->statements[i];

        if (g->rules[i].awaited != process(g, who)->name ||
            rota_script_action_needs_operator(&st->action) ||
            session != (st->action.kind == ROTA_SCRIPT_EXPIRE))
            continue;
        g->rules[i].awaited = NULL;
        g->ats++;
        rota_play_call_at(g, rota_world_now(g->w),
                          (struct rota_call){.statement = st, .kind = ROTA_CALL_DEED});
    }
}

void rota_play_do(struct rota_run_context *g, const struct rota_statement *st)
{
    const struct rota_script_action *d = &st->action;
    const struct rota_statement *before = g->doing;
    const char *why;
    char reason[96];

    g->doing = st;
    if (d->kind == ROTA_SCRIPT_CANCEL)
        why = do_cancel(g, d) ? NULL : ASKED;
    else if (d->kind == ROTA_SCRIPT_RETRY)
        why = ask_operator(g, d->task) ? NULL : ASKED;
    else if (rota_servers_meant(d))
        why = do_to_servers(g, d);
    else
        why = do_to_processes(g, d, reason, sizeof reason);
    if (d->kind == ROTA_SCRIPT_HEAL && d->who.kind == ROTA_WHO_ALL) {
        rota_servers_heal(g->w, g->s);
        why = NULL;
    }
    if (why != NULL && await_process(g, d))
        why = NULL;
    if (why != NULL && g->injector == NULL)
        rota_play_fail(g, ROTA_VERDICT_FAILED, st, "this did not fire: %s", why);
    g->doing = before;
}
