#include "harness/invariant.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/assert.h"

enum {
    NAME_MOST = 256,
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

    if (j->broken || j->s->without[invariant])
        return;
    j->broken = true;
    j->breach.invariant = invariant;
    j->breach.time = rota_world_now(j->w);
    involve(&j->breach, who);
    va_start(arguments, format);
    vsnprintf(j->breach.text, sizeof j->breach.text, format, arguments);
    va_end(arguments);
}

/* The same about a task: who placed and ran it is involved too. */
#define BREAK_TASK(j, invariant, who, task, ...)                                                   \
    do {                                                                                           \
        rota_judge_break((j), ROTA_INVARIANT_##invariant, (who), __VA_ARGS__);                     \
        involve(&(j)->breach, (task)->last_who);                                                   \
    } while (0)

static const char *name_of(const struct rota_judge *j, uint32_t who)
{
    return who == ROTA_NOBODY ? "nobody" : rota_world_process(j->w, who)->name;
}

static bool has_role(const struct rota_judge *j, uint32_t who, enum rota_role role)
{
    return who != ROTA_NOBODY && rota_process_is(rota_world_process(j->w, who), role);
}

static uint32_t who_of_worker(const struct rota_judge *j, const char *name)
{
    for (uint32_t i = 0; i < rota_world_count(j->w); i++) {
        if (has_role(j, i, ROTA_ROLE_WORKER) &&
            strcmp(rota_world_process(j->w, i)->name, name) == 0)
            return i;
    }
    return ROTA_NOBODY;
}

/* ---- paths ---- */

enum place {
    PLACE_OTHER,
    PLACE_TOP, /* /x: one element */
    PLACE_EPOCH,
    PLACE_MASTER,
    PLACE_WORKER,     /* /workers/<a> */
    PLACE_ASSIGN,     /* /assign/<a> */
    PLACE_ASSIGNMENT, /* /assign/<a>/<b> */
    PLACE_TASK,       /* /tasks/<a> */
    PLACE_STATUS,     /* /tasks/<a>/status */
};

struct where {
    enum place place;
    char a[NAME_MOST];
    char b[NAME_MOST];
};

/* Copies the element at `from`, returns what follows its slash, NULL at the end of the path. */
static const char *element(const char *from, char *name)
{
    size_t length = strcspn(from, "/");
    size_t kept = length < NAME_MOST ? length : NAME_MOST - 1;

    memcpy(name, from, kept);
    name[kept] = '\0';
    return from[length] == '/' ? from + length + 1 : NULL;
}

static void locate(const char *path, struct where *w)
{
    char top[NAME_MOST];
    const char *rest = element(path + 1, top);

    w->place = PLACE_OTHER;
    if (rest == NULL) {
        w->place = strcmp(top, "epoch") == 0    ? PLACE_EPOCH
                   : strcmp(top, "master") == 0 ? PLACE_MASTER
                                                : PLACE_TOP;
        return;
    }
    rest = element(rest, w->a);
    if (strcmp(top, "workers") == 0 && rest == NULL)
        w->place = PLACE_WORKER;
    else if (strcmp(top, "assign") == 0 && rest == NULL)
        w->place = PLACE_ASSIGN;
    else if (strcmp(top, "tasks") == 0 && rest == NULL)
        w->place = PLACE_TASK;
    if (rest == NULL)
        return;
    rest = element(rest, w->b);
    if (strcmp(top, "assign") == 0 && rest == NULL)
        w->place = PLACE_ASSIGNMENT;
    else if (strcmp(top, "tasks") == 0 && rest == NULL && strcmp(w->b, "status") == 0)
        w->place = PLACE_STATUS;
}

/* ---- transactions ---- */

/* one-writer: every write of a master is fenced by the epoch it won. */
static void check_writer(struct rota_judge *j, uint32_t who, const struct rota_commit *c)
{
    bool takes_lock = false, founds = true, fenced = false;
    int32_t raised = -1;
    struct where at;

    for (uint32_t i = 0; i < c->change_count; i++) {
        const struct rota_change *change = &c->changes[i];

        locate(change->path, &at);
        if (change->op != ROTA_OP_CREATE || (at.place != PLACE_TOP && at.place != PLACE_EPOCH))
            founds = false;
        if (change->op == ROTA_OP_CREATE && at.place == PLACE_MASTER)
            takes_lock = true;
        if (change->op == ROTA_OP_SET && at.place == PLACE_EPOCH)
            raised = change->version;
        if (change->op == ROTA_OP_CHECK && at.place == PLACE_EPOCH && change->version == j->epoch)
            fenced = true;
    }
    if (founds)
        return;
    if (takes_lock && (!c->multi || !fenced || raised != j->epoch + 1))
        rota_judge_break(j, ROTA_INVARIANT_ONE_WRITER, who,
                         "%s took the lock at zxid %" PRId64 " without raising the epoch",
                         name_of(j, who), c->zxid);
    else if (!takes_lock && (!c->multi || !fenced))
        rota_judge_break(j, ROTA_INVARIANT_ONE_WRITER, who,
                         "%s wrote %s at zxid %" PRId64 " without checking the epoch",
                         name_of(j, who), c->change_count > 0 ? c->changes[0].path : "nothing",
                         c->zxid);
    else if (!takes_lock && c->session != j->epoch_holder)
        rota_judge_break(j, ROTA_INVARIANT_ONE_WRITER, who,
                         "%s wrote at zxid %" PRId64 " under epoch %d, which it has not won",
                         name_of(j, who), c->zxid, j->epoch);
}

/* Whether the transaction deletes the assignment of a task, made to this incarnation of a worker.
 */
static bool gives_up(const struct rota_judge *j, const struct rota_commit *c, uint32_t who,
                     const char *task)
{
    const struct rota_party *party = &j->h->parties[who];
    struct where at;

    for (uint32_t i = 0; i < c->change_count; i++) {
        if (c->changes[i].op != ROTA_OP_DELETE)
            continue;
        locate(c->changes[i].path, &at);
        if (at.place == PLACE_ASSIGNMENT && strcmp(at.b, task) == 0 &&
            strcmp(at.a, name_of(j, who)) == 0 && party->owner == c->session &&
            c->changes[i].czxid > party->czxid)
            return true;
    }
    return false;
}

static void status_created(struct rota_judge *j, uint32_t who, const struct rota_commit *c,
                           const struct rota_change *change, uint32_t task)
{
    struct rota_task *t = &j->h->tasks[task];
    const char *text = change->data.data;
    size_t length = 0;

    while (change->data.length > 0 && length < (size_t)change->data.length &&
           text[length] != '\n' && text[length] != ' ')
        length++;
    if (t->statuses > 0)
        BREAK_TASK(j, ONE_COMPLETION, who, t,
                   "%s has ended at zxid %" PRId64 " (%s), and again at zxid %" PRId64, t->name,
                   t->status_zxid, t->status, c->zxid);
    if (has_role(j, who, ROTA_ROLE_WORKER) && !gives_up(j, c, who, t->name))
        BREAK_TASK(j, STALE_RESULT_REFUSED, who, t,
                   "%s ended %s at zxid %" PRId64 " without an assignment to its incarnation",
                   name_of(j, who), t->name, c->zxid);
    if (has_role(j, who, ROTA_ROLE_CLIENT))
        BREAK_TASK(j, STALE_RESULT_REFUSED, who, t, "client %s ended %s at zxid %" PRId64,
                   name_of(j, who), t->name, c->zxid);
    t->statuses++;
    t->has_status = true;
    t->status_zxid = c->zxid;
    rota_history_status(j->h, task, length == 0 ? "" : text, length);
}

static void task_created(struct rota_judge *j, uint32_t who, const struct rota_commit *c,
                         struct rota_task *t)
{
    /* Its client died, came back, submitted it again by name, and had it collected, and only then
     * the first request of all arrived, out of a session nobody holds any more: these are two
     * submits, and no name tells them apart. */
    t->orphan = t->lives > 0 && has_role(j, who, ROTA_ROLE_CLIENT) &&
                rota_history_latest(j->h, who) != c->session;
    if (t->orphan)
        t->last_who = ROTA_NOBODY;
    else if (t->lives > 0)
        BREAK_TASK(j, NO_DOUBLE_SUBMIT, who, t,
                   "%s was created at zxid %" PRId64 ", removed, and created again at zxid %" PRId64
                   " by %s",
                   t->name, t->czxid, c->zxid, name_of(j, who));
    if (has_role(j, who, ROTA_ROLE_CLIENT) && !t->wanted)
        BREAK_TASK(j, NO_DOUBLE_SUBMIT, who, t, "%s created %s, which nobody submitted",
                   name_of(j, who), t->name);
    t->lives++;
    t->exists = true;
    t->czxid = c->zxid;
    t->statuses = 0;
}

static void task_deleted(struct rota_judge *j, uint32_t who, const struct rota_commit *c,
                         struct rota_task *t)
{
    if (t->acknowledged && t->statuses == 0)
        BREAK_TASK(j, NO_TASK_LOST, who, t,
                   "%s, which was acknowledged, was removed at zxid %" PRId64
                   " by %s without having ended",
                   t->name, c->zxid, name_of(j, who));
    else if (t->wanted && !t->told)
        BREAK_TASK(j, NO_TASK_LOST, who, t,
                   "%s was removed at zxid %" PRId64 " by %s before its client had the result",
                   t->name, c->zxid, name_of(j, who));
    t->exists = false;
}

static void assignment_changed(struct rota_judge *j, const struct rota_commit *c, bool made,
                               const char *worker, struct rota_task *t)
{
    uint32_t who = who_of_worker(j, worker);

    if (!made) {
        rota_assert(t->assigned > 0);
        t->assigned--;
        return;
    }
    t->assigned++;
    t->assign_zxid = c->zxid;
    snprintf(t->worker, sizeof t->worker, "%.23s", worker);
    if (who != ROTA_NOBODY)
        j->h->parties[who].assigned++;
}

/* one-assignment, at the end of a transaction that touched the task. */
static void check_assignment(struct rota_judge *j, uint32_t who, const struct rota_commit *c,
                             const struct rota_task *t)
{
    if (t->assigned > 1)
        BREAK_TASK(j, ONE_ASSIGNMENT, who, t, "%s is assigned %u times since zxid %" PRId64,
                   t->name, t->assigned, c->zxid);
    if (t->assigned > 0 && t->has_status)
        BREAK_TASK(j, ONE_ASSIGNMENT, who, t,
                   "%s is assigned to %s and has a status, since zxid %" PRId64, t->name, t->worker,
                   c->zxid);
}

static void worker_changed(struct rota_judge *j, const struct rota_commit *c,
                           const struct rota_change *change, const char *worker)
{
    uint32_t who = who_of_worker(j, worker);

    if (who == ROTA_NOBODY || change->op == ROTA_OP_SET || change->op == ROTA_OP_CHECK)
        return;
    j->h->parties[who].owner = change->op == ROTA_OP_CREATE ? change->owner : 0;
    j->h->parties[who].czxid = change->op == ROTA_OP_CREATE ? c->zxid : 0;
}

/* The task that a place belongs to, ROTA_NO_TASK for other places. */
static uint32_t task_at(struct rota_judge *j, const struct where *at)
{
    if (at->place == PLACE_ASSIGNMENT)
        return rota_history_task(j->h, at->b);
    if (at->place == PLACE_TASK || at->place == PLACE_STATUS)
        return rota_history_task(j->h, at->a);
    return ROTA_NO_TASK;
}

static void status_changed(struct rota_judge *j, uint32_t who, const struct rota_commit *c,
                           const struct rota_change *change, uint32_t task)
{
    struct rota_task *t = &j->h->tasks[task];

    if (change->op == ROTA_OP_CREATE)
        status_created(j, who, c, change, task);
    else if (change->op == ROTA_OP_DELETE)
        t->has_status = false;
    else
        BREAK_TASK(j, ONE_COMPLETION, who, t, "the status of %s was changed at zxid %" PRId64,
                   t->name, c->zxid);
}

static void apply(struct rota_judge *j, uint32_t who, const struct rota_commit *c,
                  const struct rota_change *change)
{
    struct where at;
    uint32_t task;

    if (change->op == ROTA_OP_CHECK || change->op == ROTA_OP_SET_ACL)
        return;
    locate(change->path, &at);
    task = task_at(j, &at);
    if (task != ROTA_NO_TASK)
        j->h->tasks[task].since = rota_world_now(j->w);
    switch (at.place) {
    case PLACE_EPOCH:
        j->epoch = change->op == ROTA_OP_SET ? change->version : 0;
        j->epoch_holder = change->op == ROTA_OP_SET ? c->session : 0;
        break;
    case PLACE_WORKER:
        worker_changed(j, c, change, at.a);
        break;
    case PLACE_ASSIGNMENT:
        if (change->op != ROTA_OP_SET)
            assignment_changed(j, c, change->op == ROTA_OP_CREATE, at.a, &j->h->tasks[task]);
        break;
    case PLACE_TASK:
        if (change->op == ROTA_OP_CREATE)
            task_created(j, who, c, &j->h->tasks[task]);
        else if (change->op == ROTA_OP_DELETE)
            task_deleted(j, who, c, &j->h->tasks[task]);
        break;
    case PLACE_STATUS:
        status_changed(j, who, c, change, task);
        break;
    default:
        break;
    }
}

void rota_judge_committed(struct rota_judge *j, uint32_t who, const struct rota_commit *c)
{
    struct where at;
    uint32_t task;

    if (c->kind == ROTA_COMMIT_SESSION_OPENED)
        rota_history_session(j->h, c->session, who);
    if (c->kind == ROTA_COMMIT_SESSION_CLOSED) {
        uint32_t owner = rota_history_owner(j->h, c->session);

        if (owner != ROTA_NOBODY)
            rota_judge_misfortune(j, owner);
    }
    if (c->rc != 0)
        return;
    if (c->kind == ROTA_COMMIT_WRITE && has_role(j, who, ROTA_ROLE_MASTER))
        check_writer(j, who, c);
    for (uint32_t i = 0; i < c->change_count; i++)
        apply(j, who, c, &c->changes[i]);
    for (uint32_t i = 0; i < c->change_count; i++) {
        locate(c->changes[i].path, &at);
        task = task_at(j, &at);
        if (task != ROTA_NO_TASK)
            check_assignment(j, who, c, &j->h->tasks[task]);
    }
}

/* ---- what processes do ---- */

/* no-needless-rerun: since the assignment of the run before something happened to that worker. */
static void check_rerun(struct rota_judge *j, uint32_t who, const struct rota_task *t)
{
    const struct rota_party *last;

    if (t->executions == 0 || t->last_who == ROTA_NOBODY)
        return;
    last = &j->h->parties[t->last_who];
    if (last->misfortune >= t->last_fence)
        return;
    if (t->last_failed)
        BREAK_TASK(j, ATTEMPTS_BOUNDED, who, t, "%s runs again on %s after it failed on %s",
                   t->name, name_of(j, who), name_of(j, t->last_who));
    else
        BREAK_TASK(j, NO_NEEDLESS_RERUN, who, t,
                   "%s runs again on %s although nothing befell %s, where it ran before", t->name,
                   name_of(j, who), name_of(j, t->last_who));
}

static bool is_payload(const struct rota_task *t, struct rota_bytes bytes)
{
    return bytes.length == t->payload_length &&
           (bytes.length == 0 || memcmp(bytes.data, t->payload, (size_t)bytes.length) == 0);
}

static void run_began(struct rota_judge *j, uint32_t who, const struct rota_action *a)
{
    uint32_t task = rota_history_task(j->h, a->run.task);
    struct rota_task *t = &j->h->tasks[task];
    struct rota_party *party = &j->h->parties[who];

    if (t->wanted && !is_payload(t, a->run.payload))
        BREAK_TASK(j, PAYLOAD_INTACT, who, t,
                   "%s received %d bytes for %s, which are not the %d bytes submitted",
                   name_of(j, who), a->run.payload.length, t->name, t->payload_length);
    check_rerun(j, who, t);
    if (t->kills >= j->s->cluster.losses)
        BREAK_TASK(j, ATTEMPTS_BOUNDED, who, t, "%s runs again after %u workers were lost under it",
                   t->name, t->kills);
    if (++party->running > j->s->cluster.slots)
        BREAK_TASK(j, CAPACITY, who, t, "%s runs %u tasks at once, %s the last of them",
                   name_of(j, who), party->running, t->name);
    t->executions++;
    if (a->run.attempt > t->attempts)
        t->attempts = a->run.attempt;
    t->last_who = who;
    t->last_fence = a->run.fence;
    t->last_failed = false;
    t->since = rota_world_now(j->w);
}

static void noted(struct rota_judge *j, uint32_t who, const struct rota_note *n)
{
    uint32_t task;

    switch (n->kind) {
    case ROTA_NOTE_ELECTED:
        j->h->parties[who].leading = true;
        break;
    case ROTA_NOTE_CONNECTED:
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
    case ROTA_NOTE_DOUBT:
    case ROTA_NOTE_ENDED:
        j->h->parties[who].leading = false;
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

static void named(struct rota_judge *j, uint32_t who, const char *name)
{
    struct rota_task *t = &j->h->tasks[rota_history_task(j->h, name)];

    t->acknowledged = true;
    if (t->lives == 0)
        BREAK_TASK(j, NO_TASK_LOST, who, t, "%s was acknowledged to %s and never was in the tree",
                   t->name, name_of(j, who));
}

static void collected(struct rota_judge *j, const char *name)
{
    struct rota_task *t = &j->h->tasks[rota_history_task(j->h, name)];

    if (t->wanted && !t->collected)
        j->h->uncollected--;
    t->collected = true;
}

void rota_judge_acted(struct rota_judge *j, uint32_t who, const struct rota_action *a)
{
    switch (a->kind) {
    case ROTA_ACTION_NOTE:
        noted(j, who, &a->note);
        break;
    case ROTA_ACTION_RUN:
        run_began(j, who, a);
        break;
    case ROTA_ACTION_NAMED:
        named(j, who, a->job.name);
        break;
    case ROTA_ACTION_RESULT:
        j->h->tasks[rota_history_task(j->h, a->job.name)].told = true;
        if (strcmp(a->job.state, "missing") == 0)
            collected(j, a->job.name);
        break;
    case ROTA_ACTION_COLLECTED:
        collected(j, a->job.name);
        break;
    default:
        break;
    }
}

void rota_judge_ended(struct rota_judge *j, uint32_t who, const struct rota_run *run)
{
    struct rota_task *t = &j->h->tasks[rota_history_task(j->h, run->task)];

    j->h->parties[who].running--;
    if (run->killed)
        t->kills++;
    if (t->last_who == who)
        t->last_failed = run->ending == ROTA_ENDING_FAILURE;
}

void rota_judge_misfortune(struct rota_judge *j, uint32_t who)
{
    struct rota_party *party = &j->h->parties[who];
    const struct rota_process *p = rota_world_process(j->w, who);

    party->misfortune = rota_server_last_zxid(rota_world_server(j->w));
    if (p->state != ROTA_PROCESS_RUNNING)
        party->leading = false;
    if (p->client.watch_bytes_most > party->watch_bytes)
        party->watch_bytes = p->client.watch_bytes_most;
    if (party->watch_bytes > WATCH_BUDGET)
        rota_judge_break(j, ROTA_INVARIANT_BOUNDED_WATCHES, who, "%s watches %u bytes of paths",
                         name_of(j, who), party->watch_bytes);
}

/* ---- the tree ---- */

static const struct rota_tree *tree_of(const struct rota_judge *j)
{
    return rota_server_tree(rota_world_server(j->w));
}

/* Whether a path may be there beyond those of time 0: the lock, and what living workers leave. */
static bool may_stay(const struct rota_judge *j, const char *path)
{
    struct where at;
    uint32_t who;

    if (strcmp(path, "/") == 0 || strncmp(path, "/zookeeper", 10) == 0)
        return true;
    locate(path, &at);
    if (at.place == PLACE_MASTER)
        return true;
    if (at.place == PLACE_TASK || at.place == PLACE_STATUS)
        return rota_history_find(j->h, at.a) != ROTA_NO_TASK &&
               j->h->tasks[rota_history_find(j->h, at.a)].orphan;
    if (at.place != PLACE_WORKER && at.place != PLACE_ASSIGN)
        return false;
    who = who_of_worker(j, at.a);
    return who != ROTA_NOBODY && rota_world_process(j->w, who)->state == ROTA_PROCESS_RUNNING;
}

bool rota_judge_tree(const struct rota_judge *j, char *path, size_t size)
{
    const struct rota_tree *tree = tree_of(j);
    bool clean = true;

    for (rota_ref n = tree->root; n != 0 && clean; n = rota_tree_next(tree, n)) {
        const char *here = rota_tree_path(tree, n);
        bool known = may_stay(j, here);

        for (uint32_t i = 0; i < j->base_count && !known; i++)
            known = strcmp(j->base[i], here) == 0;
        if (!known)
            snprintf(path, size, "%s", here);
        clean = known;
    }
    for (uint32_t i = 0; i < j->base_count && clean; i++) {
        clean = rota_tree_find(tree, j->base[i]) != 0;
        if (!clean)
            snprintf(path, size, "%s", j->base[i]);
    }
    return clean;
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

    j->base = calloc(tree->count, sizeof *j->base);
    rota_assert(j->base != NULL);
    for (rota_ref n = tree->root; n != 0; n = rota_tree_next(tree, n)) {
        size_t length = strlen(rota_tree_path(tree, n)) + 1;
        char *path = malloc(length);

        rota_assert(path != NULL);
        memcpy(path, rota_tree_path(tree, n), length);
        j->base[j->base_count++] = path;
    }
}

void rota_judge_close(struct rota_judge *j)
{
    for (uint32_t i = 0; i < j->base_count; i++)
        free(j->base[i]);
    free(j->base);
    j->base = NULL;
}
