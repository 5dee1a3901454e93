/* The invariants about what processes do and about the tree. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend_sim/world/world_servers.h"
#include "harness/judge/judge_rules.h"
#include "harness/judge/znode_path.h"
#include "harness/language/tags.h"
#include "model/base/assert.h"
#include "model/operator/operator.h"

enum {
    WATCH_BUDGET = 768 * 1024,
};

/* ---- breaches ---- */

static void involve(struct rota_breach *b, uint32_t who)
{
    if (who == ROTA_NOBODY || b->involved_count == ROTA_INVOLVED_MOST)
        return;
    for (uint32_t i = 0; i < b->involved_count; i++) {
        if (b->involved[i] == who)
            return;
    }
    b->involved[b->involved_count++] = who;
}

void rota_judge_break(struct rota_judge *j, enum rota_invariant invariant, uint32_t who,
                      const char *format, ...)
{
    va_list arguments;
    int length;

    if (j->broken || j->s->without[invariant])
        return;
    j->broken = true;
    j->breach.invariant = invariant;
    j->breach.time = rota_world_now(j->w);
    involve(&j->breach, who);
    va_start(arguments, format);
    length = vsnprintf(j->breach.text, sizeof j->breach.text, format, arguments);
    va_end(arguments);
    if (who != ROTA_NOBODY && who < j->h->party_count && length > 0 &&
        (size_t)length < sizeof j->breach.text)
        snprintf(j->breach.text + length, sizeof j->breach.text - (size_t)length, "; step %s:%u",
                 rota_judge_name(j, who), j->h->parties[who].steps);
}

void rota_judge_involve(struct rota_judge *j, uint32_t who)
{
    involve(&j->breach, who);
}

const char *rota_judge_name(const struct rota_judge *j, uint32_t who)
{
    return who == ROTA_NOBODY ? "somebody" : rota_world_process(j->w, who)->name;
}

bool rota_judge_has_role(const struct rota_judge *j, uint32_t who, enum rota_part role)
{
    return who != ROTA_NOBODY && rota_process_is(rota_world_process(j->w, who), role);
}

/* Workers are w1, w2, ..., and stand behind the masters. */
uint32_t rota_judge_worker(const struct rota_judge *j, const char *name)
{
    const struct rota_cluster *c = &j->s->cluster;
    unsigned long number = name[0] == 'w' ? strtoul(name + 1, NULL, 10) : 0;
    uint32_t who;

    if (number == 0 || number > c->workers)
        return ROTA_NOBODY;
    who = c->masters + (uint32_t)number - 1;
    return strcmp(rota_world_process(j->w, who)->name, name) == 0 ? who : ROTA_NOBODY;
}

/* FNV-1a. */
uint64_t rota_judge_hash(const char *bytes, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    return hash;
}

uint64_t rota_judge_data(struct rota_bytes data)
{
    return rota_judge_hash(data.data, data.length > 0 ? (size_t)data.length : 0);
}

uint64_t rota_judge_result(struct rota_bytes status)
{
    const char *text = status.data;
    size_t length = status.length > 0 ? (size_t)status.length : 0;
    size_t line = 0;

    while (line < length && text[line] != '\n')
        line++;
    line += line < length;
    return rota_judge_hash(length == 0 ? "" : text + line, length - line);
}

uint32_t rota_judge_losses(const struct rota_judge *j, const struct rota_task *t)
{
    return t->plan.losses > 0 ? t->plan.losses : j->s->cluster.losses;
}

bool rota_judge_is_state(const char *state)
{
    static const char *const states[] = {"done",      "failed",  "dead",
                                         "cancelled", "expired", "skipped"};

    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strcmp(state, states[i]) == 0)
            return true;
    }
    return false;
}

bool rota_judge_fatal(const struct rota_task *t)
{
    return t->last_who != ROTA_NOBODY && t->last_ended > 0 &&
           t->last_ending == ROTA_ENDING_FAILURE && !rota_judge_timed_out(t) &&
           (t->plan.fatal[t->last_exit / 8] & 1u << t->last_exit % 8) != 0;
}

bool rota_judge_timed_out(const struct rota_task *t)
{
    return t->plan.timeout > 0 && t->last_ended - t->last_began >= t->plan.timeout;
}

/* ---- what processes do ---- */

/* The task of this name. It is made if it is new, so it is looked up first: what holds tasks may
 * move. */
static struct rota_task *task_of(struct rota_judge *j, const char *name)
{
    uint32_t task = rota_history_task(j->h, name);

    return &j->h->tasks[task];
}

void rota_judge_stepping(struct rota_judge *j, uint32_t who)
{
    j->h->parties[who].steps++;
}

/* A run begins under an assignment to this worker that exists, unless something befell the worker
 * since, which it need not know yet. */
static void check_assigned(struct rota_judge *j, uint32_t who, const struct rota_task *t,
                           int64_t fence)
{
    for (uint32_t i = 0; i < 2 && i < t->assigned; i++) {
        if (t->holders[i].who == who && t->holders[i].zxid == fence)
            return;
    }
    if (j->h->parties[who].misfortune < fence)
        ROTA_BREAK_TASK(
            j, ONE_ASSIGNMENT, who, t,
            "%s runs %s under fence %" PRId64
            ", which is no assignment to it; the last one was made to %s at zxid %" PRId64,
            rota_judge_name(j, who), t->name, fence, t->worker[0] == '\0' ? "nobody" : t->worker,
            t->assign_zxid);
}

/* one-assignment: when a session ends by its time, what ran under it has ended too, whatever the
 * process does: its lease ends first (hazard 7, rules 5 and 6). Not so if the session is ended
 * before its time, or by a clock that is wrong. */
static void check_alone(struct rota_judge *j, uint32_t who, const struct rota_task *t,
                        int64_t fence)
{
    const struct rota_process *last;

    if (t->last_who == ROTA_NOBODY || t->last_ended > 0 || fence <= t->last_fence)
        return;
    last = rota_world_process(j->w, t->last_who);
    if (last->work_paused ||
        (last->expired_at > 0 && last->expired_at + j->s->cluster.session >= t->last_began))
        return;
    for (uint32_t i = 0; i < rota_world_count(j->w); i++) {
        if (rota_world_process(j->w, i)->client.clock.skew_percent != 0)
            return;
    }
    ROTA_BREAK_TASK(j, ONE_ASSIGNMENT, who, t,
                    "%s runs %s (assigned at zxid %" PRId64
                    ") while it still runs on %s (assigned at zxid %" PRId64 ")",
                    rota_judge_name(j, who), t->name, fence, rota_judge_name(j, t->last_who),
                    t->last_fence);
}

/* no-needless-rerun: since the assignment of the run before something happened to that worker, or
 * the run failed. */
static void check_rerun(struct rota_judge *j, uint32_t who, const struct rota_task *t,
                        int64_t fence)
{
    const struct rota_party *last = t->last_who == ROTA_NOBODY ? NULL : &j->h->parties[t->last_who];

    /* Under an older assignment a worker runs that has not heard yet what befell it. */
    if (last == NULL || fence < t->last_fence)
        return;
    if (t->last_fence == fence)
        ROTA_BREAK_TASK(j, NO_NEEDLESS_RERUN, who, t,
                        "%s runs %s twice under the assignment of zxid %" PRId64,
                        rota_judge_name(j, who), t->name, fence);
    if (last->misfortune >= t->last_fence)
        return;
    if (t->last_ended > 0 && (t->last_ending == ROTA_ENDING_FAILURE || rota_judge_timed_out(t)))
        return;
    ROTA_BREAK_TASK(j, NO_NEEDLESS_RERUN, who, t,
                    "%s runs again on %s (assigned at zxid %" PRId64
                    ") although nothing befell %s since zxid %" PRId64 ", where it ran before",
                    t->name, rota_judge_name(j, who), fence, rota_judge_name(j, t->last_who),
                    t->last_fence);
}

static void check_bounds(struct rota_judge *j, uint32_t who, const struct rota_task *t)
{
    if (!t->wanted)
        return;
    if (t->kills >= rota_judge_losses(j, t) + t->spared)
        ROTA_BREAK_TASK(j, ATTEMPTS_BOUNDED, who, t,
                        "%s runs again on %s after it killed %u workers, the last of them %s",
                        t->name, rota_judge_name(j, who), t->kills,
                        rota_judge_name(j, t->last_who));
    if (t->failures > t->plan.retries)
        ROTA_BREAK_TASK(j, ATTEMPTS_BOUNDED, who, t,
                        "%s runs again on %s after it failed %u times, the last of them on %s",
                        t->name, rota_judge_name(j, who), t->failures,
                        rota_judge_name(j, t->last_who));
}

static bool is_payload(const struct rota_task *t, struct rota_bytes bytes)
{
    return bytes.length == t->payload_length &&
           (bytes.length == 0 || memcmp(bytes.data, t->payload, (size_t)bytes.length) == 0);
}

/* capacity: a worker runs what it carries the tags for. */
static void check_carried(struct rota_judge *j, uint32_t who, const struct rota_task *t)
{
    const char *tags = rota_scenario_tags(j->s, who - j->s->cluster.masters + 1);

    if (t->wanted && !rota_tags_hold(tags, t->plan.tags))
        ROTA_BREAK_TASK(j, CAPACITY, who, t, "%s runs %s, which wants %s; it carries %s",
                        rota_judge_name(j, who), t->name, t->plan.tags,
                        tags[0] == '\0' ? "nothing" : tags);
}

static void run_began(struct rota_judge *j, uint32_t who, const struct rota_action *a)
{
    struct rota_task *t = task_of(j, a->run.task);
    struct rota_party *party = &j->h->parties[who];

    if (t->wanted && !is_payload(t, a->run.payload))
        ROTA_BREAK_TASK(j, PAYLOAD_INTACT, who, t,
                        "%s received %d bytes for %s (attempt %u), which are not the %d bytes that"
                        " %s submitted",
                        rota_judge_name(j, who), a->run.payload.length, t->name, a->run.attempt,
                        t->payload_length, rota_judge_name(j, t->client));
    check_assigned(j, who, t, a->run.fence);
    check_rerun(j, who, t, a->run.fence);
    check_alone(j, who, t, a->run.fence);
    check_bounds(j, who, t);
    check_carried(j, who, t);
    rota_judge_terms_began(j, who, t);
    if (++party->running > j->s->cluster.slots)
        ROTA_BREAK_TASK(j, CAPACITY, who, t, "%s runs %u tasks at once, %s the last of them",
                        rota_judge_name(j, who), party->running, t->name);
    t->executions++;
    t->since = rota_world_now(j->w);
    if (a->run.attempt > t->attempts)
        t->attempts = a->run.attempt;
    if (t->last_who != ROTA_NOBODY && a->run.fence < t->last_fence)
        return;
    t->last_who = who;
    t->last_fence = a->run.fence;
    t->last_began = t->since;
    t->last_ended = 0;
}

static void noted(struct rota_judge *j, uint32_t who, const struct rota_note *n)
{
    uint32_t task;

    switch (n->kind) {
    case ROTA_NOTE_ELECTED:
        j->h->parties[who].leading = true;
        j->h->parties[who].holding = false;
        break;
    case ROTA_NOTE_HOLD:
    case ROTA_NOTE_HOLD_OVER:
        j->h->parties[who].holding = n->kind == ROTA_NOTE_HOLD;
        break;
    case ROTA_NOTE_CONNECTED:
        rota_judge_connected(j, who, n->a);
        j->h->parties[who].connected = true;
        break;
    case ROTA_NOTE_RESUMED:
        j->h->parties[who].connected = true;
        break;
    case ROTA_NOTE_DISCONNECTED:
        j->h->parties[who].connected = false;
        break;
    case ROTA_NOTE_STARTED:
    case ROTA_NOTE_STANDBY:
    case ROTA_NOTE_DEPOSED:
    case ROTA_NOTE_HANDOVER:
    case ROTA_NOTE_EXPIRED:
    case ROTA_NOTE_ENDED:
        j->h->parties[who].leading = false;
        break;
    case ROTA_NOTE_DOUBT:
        j->h->parties[who].leading = false;
        rota_judge_doubted(j, who);
        break;
    case ROTA_NOTE_LEASE_OVER:
        rota_judge_misfortune(j, who);
        break;
    case ROTA_NOTE_ASSIGNED:
    case ROTA_NOTE_REASSIGNED:
        task = rota_history_task(j->h, n->name);
        if (n->a > (int64_t)j->h->tasks[task].attempts)
            j->h->tasks[task].attempts = (uint32_t)n->a;
        break;
    default:
        break;
    }
}

/* Whether a task that is there holds what its client wrote. */
static bool holds_wire(const struct rota_judge *j, const struct rota_task *t)
{
    const struct rota_tree *tree = rota_server_tree(rota_world_server(j->w));
    char path[512];
    rota_ref node;

    snprintf(path, sizeof path, "/tasks/%s", t->name);
    node = rota_tree_find(tree, path);
    return node == 0 || t->wire == NULL ||
           rota_judge_data(rota_tree_data(tree, node)) ==
               rota_judge_data((struct rota_bytes){t->wire, t->wire_length});
}

static void named(struct rota_judge *j, uint32_t who, const char *name)
{
    struct rota_task *t = task_of(j, name);

    t->acknowledged = true;
    if (t->lives == 0)
        ROTA_BREAK_TASK(j, NO_TASK_LOST, who, t,
                        "%s was acknowledged to %s and never was in the tree", t->name,
                        rota_judge_name(j, who));
    else if (!holds_wire(j, t))
        ROTA_BREAK_TASK(j, PAYLOAD_INTACT, who, t,
                        "%s was acknowledged to %s, and its znode holds other bytes", t->name,
                        rota_judge_name(j, who));
}

/* Whether it ended in this state; one that was sent back may have been read before. */
static bool was_so(const struct rota_task *t, const char *state)
{
    return strcmp(state, t->status) == 0 || (t->sent_back != 0 && strcmp(state, t->former) == 0);
}

/* A client is told what the tree said: the state and, of what was done, the result. */
static void check_told(struct rota_judge *j, uint32_t who, const struct rota_action *a,
                       const struct rota_task *t)
{
    const char *state = a->job.state;
    size_t length = a->job.output.length > 0 ? (size_t)a->job.output.length : 0;

    if (!t->wanted)
        return;
    if (strcmp(state, "refused") == 0) {
        if (t->acknowledged)
            ROTA_BREAK_TASK(j, NO_TASK_LOST, who, t,
                            "%s is told that %s is refused, which was acknowledged",
                            rota_judge_name(j, who), t->name);
    } else if (strcmp(state, "missing") == 0) {
        if (!t->told && !t->swept && t->acknowledged)
            ROTA_BREAK_TASK(j, NO_TASK_LOST, who, t,
                            "%s is told that %s is missing, which was acknowledged and not"
                            " collected",
                            rota_judge_name(j, who), t->name);
    } else if (!was_so(t, state)) {
        ROTA_BREAK_TASK(j, ONE_COMPLETION, who, t,
                        "%s is told that %s is %s; its last status, of zxid %" PRId64 ", is %s",
                        rota_judge_name(j, who), t->name, state, t->status_zxid,
                        t->status[0] == '\0' ? "none" : t->status);
    } else if (strcmp(state, "done") == 0 &&
               rota_judge_hash(length == 0 ? "" : a->job.output.data, length) != t->result) {
        ROTA_BREAK_TASK(j, ONE_COMPLETION, who, t,
                        "%s is told a result of %s, of %zu bytes, that the status of zxid %" PRId64
                        " does not hold",
                        rota_judge_name(j, who), t->name, length, t->status_zxid);
    }
}

static void told(struct rota_judge *j, uint32_t who, const struct rota_action *a)
{
    struct rota_task *t = task_of(j, a->job.name);

    check_told(j, who, a, t);
    t->told = true;
    t->told_who = who;
    t->told_at = j->h->parties[who].steps;
}

/* A result is removed when its reader has had it, which he says: never in the step that tells it.
 */
void rota_judge_leaving(struct rota_judge *j, uint32_t who, const struct rota_request *r)
{
    struct rota_znode_path at;
    uint32_t task;

    if (r->operation.op != ROTA_OP_MULTI || !rota_judge_has_role(j, who, ROTA_PART_CLIENT))
        return;
    for (uint32_t i = 0; i < r->operation_count; i++) {
        if (r->operations[i].op != ROTA_OP_DELETE)
            continue;
        rota_znode_path_read(r->operations[i].path, &at);
        task = at.kind == ROTA_ZNODE_PATH_STATUS ? rota_history_find(j->h, at.a) : ROTA_NO_TASK;
        if (task == ROTA_NO_TASK || !j->h->tasks[task].told || j->h->tasks[task].told_who != who ||
            j->h->tasks[task].told_at != j->h->parties[who].steps)
            continue;
        ROTA_BREAK_TASK(j, NO_TASK_LOST, who, &j->h->tasks[task],
                        "%s removes the result of %s in the step in which its reader is told",
                        rota_judge_name(j, who), at.a);
    }
}

static void collected(struct rota_judge *j, const char *name)
{
    struct rota_task *t = task_of(j, name);

    if (t->wanted && !t->collected && !t->given_up)
        j->h->uncollected--;
    t->collected = true;
}

/* bounded-watches */
static void check_watches(struct rota_judge *j, uint32_t who)
{
    struct rota_party *party = &j->h->parties[who];
    uint32_t most = rota_world_process(j->w, who)->client.watch_bytes_most;

    if (most > party->watch_bytes)
        party->watch_bytes = most;
    if (party->watch_bytes > WATCH_BUDGET)
        rota_judge_break(j, ROTA_INVARIANT_BOUNDED_WATCHES, who,
                         "%s watches %u bytes of paths, of %u it may", rota_judge_name(j, who),
                         party->watch_bytes, WATCH_BUDGET);
}

/* Who asks for the end of a task is told which end it was. */
static void answered(struct rota_judge *j, uint32_t who, const struct rota_action *a)
{
    const struct rota_operator_config *config = rota_world_process(j->w, who)->config.config;
    const struct rota_task *t = NULL;

    if (config->command != ROTA_OPERATOR_CANCEL || !rota_judge_is_state(a->job.state))
        return;
    t = task_of(j, a->job.name);
    if (!was_so(t, a->job.state))
        ROTA_BREAK_TASK(j, ONE_COMPLETION, who, t,
                        "%s is told that %s is %s; its last status, of zxid %" PRId64 ", is %s",
                        rota_judge_name(j, who), t->name, a->job.state, t->status_zxid,
                        t->status[0] == '\0' ? "none" : t->status);
}

static void client_acted(struct rota_judge *j, uint32_t who, const struct rota_action *a)
{
    switch (a->kind) {
    case ROTA_ACTION_NAMED:
        named(j, who, a->job.name);
        break;
    case ROTA_ACTION_RESULT:
        told(j, who, a);
        if (strcmp(a->job.state, "missing") == 0 || strcmp(a->job.state, "refused") == 0)
            collected(j, a->job.name);
        break;
    case ROTA_ACTION_COLLECTED:
        collected(j, a->job.name);
        break;
    default:
        break;
    }
}

void rota_judge_acted(struct rota_judge *j, uint32_t who, const struct rota_action *a)
{
    check_watches(j, who);
    if (a->kind == ROTA_ACTION_NOTE)
        noted(j, who, &a->note);
    else if (a->kind == ROTA_ACTION_RUN)
        run_began(j, who, a);
    else if (rota_judge_has_role(j, who, ROTA_PART_CLIENT))
        client_acted(j, who, a);
    else if (rota_judge_has_role(j, who, ROTA_PART_OPERATOR) && a->kind == ROTA_ACTION_RESULT)
        answered(j, who, a);
}

void rota_judge_ended(struct rota_judge *j, uint32_t who, const struct rota_work *run)
{
    struct rota_task *t = task_of(j, run->task);

    j->h->parties[who].running--;
    if (run->killed_worker)
        t->kills++;
    rota_judge_terms_ended(j, who, t);
    if (t->last_who == who) {
        t->last_ended = rota_world_now(j->w);
        t->last_ending = run->ending;
        t->last_exit = run->plan.exit_status;
    }
}

void rota_judge_misfortune(struct rota_judge *j, uint32_t who)
{
    struct rota_party *party = &j->h->parties[who];
    const struct rota_process *p = rota_world_process(j->w, who);

    party->misfortune = rota_server_last_zxid(rota_world_server(j->w));
    if (p->state != ROTA_PROCESS_RUNNING)
        party->leading = false;
    check_watches(j, who);
}

/* ---- the tree ---- */

static const struct rota_tree *tree_of(const struct rota_judge *j)
{
    return rota_server_tree(rota_world_server(j->w));
}

/* Whether nobody waits for it: a second life that its client knows nothing of, or a stranger's. */
static bool forsaken(const struct rota_task *t)
{
    return t->orphan || t->given_up || (t->sent_back != 0 && t->collected) ||
           (t->exists && !t->wanted);
}

/* Whether a path may be there beyond those of time 0: the lock, and what living workers leave. */
static bool may_stay(const struct rota_judge *j, const char *path)
{
    struct rota_znode_path at;
    uint32_t who, task;

    if (strcmp(path, "/") == 0 || strncmp(path, "/zookeeper", 10) == 0)
        return true;
    rota_znode_path_read(path, &at);
    if (at.kind == ROTA_ZNODE_PATH_MASTER)
        return true;
    if (rota_znode_path_task(&at) != NULL) {
        task = rota_history_find(j->h, rota_znode_path_task(&at));
        return task != ROTA_NO_TASK && forsaken(&j->h->tasks[task]);
    }
    if (at.kind != ROTA_ZNODE_PATH_WORKER && at.kind != ROTA_ZNODE_PATH_PLACE &&
        at.kind != ROTA_ZNODE_PATH_DRAIN)
        return false;
    who = rota_judge_worker(j, at.a);
    return who != ROTA_NOBODY && rota_world_process(j->w, who)->state == ROTA_PROCESS_RUNNING;
}

static uint64_t data_of(const struct rota_tree *tree, rota_ref node)
{
    return rota_judge_data(rota_tree_data(tree, node));
}

struct rota_judge_node *rota_judge_base(const struct rota_judge *j, const char *path)
{
    for (uint32_t i = 0; i < j->base_count; i++) {
        if (strcmp(j->base[i].path, path) == 0)
            return &j->base[i];
    }
    return NULL;
}

static void remember(struct rota_judge *j, const char *path, uint64_t data, bool strange)
{
    size_t length = strlen(path) + 1;
    char *copy = malloc(length);

    if (j->base_count == j->base_capacity) {
        j->base_capacity = j->base_capacity == 0 ? 16 : 2 * j->base_capacity;
        j->base = realloc(j->base, j->base_capacity * sizeof *j->base);
    }
    rota_assert(copy != NULL && j->base != NULL);
    memcpy(copy, path, length);
    j->base[j->base_count++] = (struct rota_judge_node){copy, data, strange};
}

void rota_judge_strange(struct rota_judge *j, const char *path)
{
    if (rota_judge_base(j, path) == NULL)
        remember(j, path, 0, true);
}

/* Who leads writes into /epoch, to raise it. */
static bool holds_the_same(const struct rota_tree *tree, rota_ref node,
                           const struct rota_judge_node *base)
{
    return base->strange || strcmp(base->path, "/epoch") == 0 || base->data == data_of(tree, node);
}

bool rota_judge_tree(const struct rota_judge *j, char *path, size_t size)
{
    const struct rota_tree *tree = tree_of(j);

    for (rota_ref n = tree->root; n != 0; n = rota_tree_next(tree, n)) {
        const char *here = rota_tree_path(tree, n);
        const struct rota_judge_node *base = rota_judge_base(j, here);

        if (base == NULL ? may_stay(j, here) : holds_the_same(tree, n, base))
            continue;
        snprintf(path, size, "%s", here);
        return false;
    }
    for (uint32_t i = 0; i < j->base_count; i++) {
        if (j->base[i].strange || rota_tree_find(tree, j->base[i].path) != 0)
            continue;
        snprintf(path, size, "%s", j->base[i].path);
        return false;
    }
    return true;
}

void rota_judge_init(struct rota_judge *j, const struct rota_scenario *s, struct rota_world *w,
                     struct rota_history *h)
{
    memset(j, 0, sizeof *j);
    j->s = s;
    j->w = w;
    j->h = h;
}

void rota_judge_remember(struct rota_judge *j)
{
    const struct rota_tree *tree = tree_of(j);

    for (rota_ref n = tree->root; n != 0; n = rota_tree_next(tree, n))
        remember(j, rota_tree_path(tree, n), data_of(tree, n), false);
}

void rota_judge_close(struct rota_judge *j)
{
    for (uint32_t i = 0; i < j->base_count; i++)
        free(j->base[i].path);
    free(j->base);
    free(j->touched);
    j->base = NULL;
    j->touched = NULL;
}
