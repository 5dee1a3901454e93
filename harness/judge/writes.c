/* The invariants about committed transactions. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/judge_rules.h"
#include "harness/judge/znode_path.h"
#include "model/base/assert.h"

/* How long the end of a task stays at least if nobody collects it. */
#define KEEP_US (INT64_C(86400) * 1000000)

/* One change of a transaction, with what it means. */
struct deed {
    struct rota_judge *j;
    uint32_t who; /* whose request it was */
    const struct rota_commit *commit;
    const struct rota_change *change;
    struct rota_znode_path at;
};

static const char *name_of(const struct deed *d)
{
    return rota_judge_name(d->j, d->who);
}

static bool has_role(const struct deed *d, enum rota_part role)
{
    return rota_judge_has_role(d->j, d->who, role);
}

/* Whether one of rota's own asked for it: what others do to the tree is their business. */
static bool is_ours(const struct deed *d)
{
    return has_role(d, ROTA_PART_MASTER) || has_role(d, ROTA_PART_WORKER) ||
           has_role(d, ROTA_PART_CLIENT);
}

/* ---- one-writer ---- */

/* What a transaction of a master does about the epoch. */
struct fence {
    bool founds; /* it only makes persistent directories */
    bool takes_lock;
    bool checks; /* the epoch that is current */
    int32_t raises;
};

static struct fence fence_of(struct rota_judge *j, const struct rota_commit *c)
{
    struct fence f = {.founds = true, .raises = -1};
    struct rota_znode_path at;

    for (uint32_t i = 0; i < c->change_count; i++) {
        const struct rota_change *change = &c->changes[i];

        rota_znode_path_read(change->path, &at);
        if (change->op != ROTA_OP_CREATE || change->kind == ROTA_NODE_EPHEMERAL ||
            (at.kind != ROTA_ZNODE_PATH_TOP && at.kind != ROTA_ZNODE_PATH_EPOCH))
            f.founds = false;
        if (change->op == ROTA_OP_CREATE && at.kind == ROTA_ZNODE_PATH_MASTER)
            f.takes_lock = true;
        if (change->op == ROTA_OP_SET && at.kind == ROTA_ZNODE_PATH_EPOCH)
            f.raises = change->version;
        if (change->op == ROTA_OP_CHECK && at.kind == ROTA_ZNODE_PATH_EPOCH &&
            change->version == j->epoch)
            f.checks = true;
    }
    return f;
}

/* Every write of a master is fenced by the epoch it won. */
static void check_master(struct rota_judge *j, uint32_t who, const struct rota_commit *c)
{
    struct fence f = fence_of(j, c);
    const char *name = rota_judge_name(j, who);
    const char *path = c->change_count > 0 ? c->changes[0].path : "nothing";

    if (f.founds)
        return;
    if (f.takes_lock && (!c->multi || !f.checks || f.raises != j->epoch + 1))
        rota_judge_break(j, ROTA_INVARIANT_ONE_WRITER, who,
                         "%s took the lock at zxid %" PRId64 " without raising epoch %d", name,
                         c->zxid, j->epoch);
    else if (!f.takes_lock && f.raises >= 0)
        rota_judge_break(j, ROTA_INVARIANT_ONE_WRITER, who,
                         "%s raised the epoch to %d at zxid %" PRId64 " without taking the lock",
                         name, f.raises, c->zxid);
    else if (!f.takes_lock && (!c->multi || !f.checks))
        rota_judge_break(j, ROTA_INVARIANT_ONE_WRITER, who,
                         "%s wrote %s at zxid %" PRId64 " without checking epoch %d", name, path,
                         c->zxid, j->epoch);
    else if (!f.takes_lock && c->session != j->epoch_holder)
        rota_judge_break(
            j, ROTA_INVARIANT_ONE_WRITER, who,
            "%s wrote %s at zxid %" PRId64 " under epoch %d, which %s won at zxid %" PRId64, name,
            path, c->zxid, j->epoch, rota_judge_name(j, rota_history_owner(j->h, j->epoch_holder)),
            j->epoch_zxid);
    if (!f.takes_lock || j->broken)
        return;
    j->epoch_zxid = c->zxid;
}

/* Whether a znode is that of this role, for the writes that only one role makes. */
static bool is_allowed(const struct deed *d)
{
    bool master = has_role(d, ROTA_PART_MASTER);
    bool worker = has_role(d, ROTA_PART_WORKER);
    bool own = worker && strcmp(d->at.a, name_of(d)) == 0;
    enum rota_op op = d->change->op;

    switch (d->at.kind) {
    case ROTA_ZNODE_PATH_MASTER:
        return master && (op == ROTA_OP_CREATE || d->change->owner == d->commit->session);
    case ROTA_ZNODE_PATH_EPOCH:
        return master;
    case ROTA_ZNODE_PATH_TOP: /* /collect: by whom somebody waits, so that nobody removes what he
                               * needs
                               */
        if (worker && op == ROTA_OP_CREATE && strcmp(d->change->path, "/progress") == 0)
            return true;
        return master || (!worker && op == ROTA_OP_SET && strcmp(d->change->path, "/collect") == 0);
    case ROTA_ZNODE_PATH_WORKER:
        return own;
    case ROTA_ZNODE_PATH_PLACE:
        return own || master;
    case ROTA_ZNODE_PATH_ASSIGNMENT:
        return master || (own && op == ROTA_OP_DELETE);
    case ROTA_ZNODE_PATH_TASK:
        return !worker && (!master || op == ROTA_OP_DELETE);
    case ROTA_ZNODE_PATH_STATUS:
        return op != ROTA_OP_DELETE || !worker;
    case ROTA_ZNODE_PATH_PROGRESS:
        return worker;
    case ROTA_ZNODE_PATH_RETRY:
        return op == ROTA_OP_DELETE ? master : worker || !master;
    default:
        return true;
    }
}

static void check_author(const struct deed *d)
{
    static const char *const deeds[] = {
        [ROTA_OP_CREATE] = "created", [ROTA_OP_DELETE] = "deleted", [ROTA_OP_SET] = "changed"};

    if (!is_ours(d) || d->change->op > ROTA_OP_SET || is_allowed(d))
        return;
    rota_judge_break(d->j, ROTA_INVARIANT_ONE_WRITER, d->who,
                     "%s %s %s at zxid %" PRId64 ", which is not its to write", name_of(d),
                     deeds[d->change->op], d->change->path, d->commit->zxid);
}

/* ---- statuses ---- */

/* What a status says must be what has happened. */
static void check_state(const struct deed *d, const struct rota_task *t)
{
    int64_t zxid = d->commit->zxid;

    if (!rota_judge_is_state(t->status))
        ROTA_BREAK_TASK(d->j, ONE_COMPLETION, d->who, t,
                        "%s ended %s at zxid %" PRId64 " with a state that is none: %s", name_of(d),
                        t->name, zxid, t->status);
    else if (strcmp(t->status, "cancelled") == 0 && !t->cancelled)
        ROTA_BREAK_TASK(d->j, ONE_COMPLETION, d->who, t,
                        "%s ended %s at zxid %" PRId64 " as cancelled, which nobody asked for",
                        name_of(d), t->name, zxid);
    else if (strcmp(t->status, "done") == 0 &&
             (t->last_who != d->who || t->last_fence != t->let_go_czxid || t->last_ended == 0 ||
              t->last_ending != ROTA_ENDING_SUCCESS))
        ROTA_BREAK_TASK(d->j, ONE_COMPLETION, d->who, t,
                        "%s ended %s at zxid %" PRId64
                        " as done, and no run of it under the assignment of zxid %" PRId64
                        " succeeded there",
                        name_of(d), t->name, zxid, t->let_go_czxid);
    else if (strcmp(t->status, "skipped") == 0)
        rota_judge_terms_skipped(d->j, d->who, t);
    else if (strcmp(t->status, "failed") == 0 && has_role(d, ROTA_PART_WORKER) &&
             (t->last_who != d->who || t->last_fence != t->let_go_czxid || t->last_ended == 0))
        ROTA_BREAK_TASK(d->j, ONE_COMPLETION, d->who, t,
                        "%s ended %s at zxid %" PRId64 " as failed, and no run of it ended there",
                        name_of(d), t->name, zxid);
}

/* A worker's result stands on an assignment to this incarnation, which it gives up with it. */
static void check_right(const struct deed *d, const struct rota_task *t)
{
    if (has_role(d, ROTA_PART_WORKER) && t->let_go != d->commit->zxid)
        ROTA_BREAK_TASK(d->j, STALE_RESULT_REFUSED, d->who, t,
                        "%s wrote %s at zxid %" PRId64
                        " without giving up an assignment to its incarnation; the last one was made"
                        " to %s at zxid %" PRId64,
                        name_of(d), d->change->path, d->commit->zxid,
                        t->worker[0] == '\0' ? "nobody" : t->worker, t->assign_zxid);
    else if (has_role(d, ROTA_PART_CLIENT))
        ROTA_BREAK_TASK(d->j, STALE_RESULT_REFUSED, d->who, t,
                        "client %s wrote %s at zxid %" PRId64, name_of(d), d->change->path,
                        d->commit->zxid);
}

static void take_status(const struct deed *d, uint32_t task)
{
    struct rota_task *t = &d->j->h->tasks[task];
    const char *text = d->change->data.data;
    size_t length = 0;

    while (d->change->data.length > 0 && length < (size_t)d->change->data.length &&
           text[length] != '\n' && text[length] != ' ')
        length++;
    rota_history_status(d->j->h, task, length == 0 ? "" : text, length);
    t->statuses++;
    t->has_status = true;
    t->status_zxid = d->commit->zxid;
    t->status_time = rota_world_now(d->j->w);
    t->status_who = d->who;
    t->result = rota_judge_result(d->change->data);
}

static void status_created(const struct deed *d, uint32_t task)
{
    struct rota_task *t = &d->j->h->tasks[task];

    if (t->statuses > 0)
        ROTA_BREAK_TASK(d->j, ONE_COMPLETION, d->who, t,
                        "%s has ended at zxid %" PRId64 " (%s, by %s), and again at zxid %" PRId64
                        " by %s",
                        t->name, t->status_zxid, t->status, rota_judge_name(d->j, t->status_who),
                        d->commit->zxid, name_of(d));
    check_right(d, t);
    take_status(d, task);
    if (is_ours(d))
        check_state(d, t);
}

static void status_changed(const struct deed *d, uint32_t task)
{
    struct rota_task *t = &d->j->h->tasks[task];

    if (d->change->op == ROTA_OP_CREATE) {
        status_created(d, task);
    } else if (d->change->op == ROTA_OP_DELETE) {
        t->has_status = false;
        t->status_gone = d->commit->zxid;
    } else {
        ROTA_BREAK_TASK(d->j, ONE_COMPLETION, d->who, t,
                        "%s ended at zxid %" PRId64 " (%s), and %s changed that at zxid %" PRId64,
                        t->name, t->status_zxid, t->status, name_of(d), d->commit->zxid);
    }
}

/* ---- tasks ---- */

/* Nothing of what was counts for what comes now. */
static void begin_life(struct rota_task *t)
{
    t->statuses = 0;
    t->losses = 0;
    t->spared = 0;
    t->lost = 0;
    t->kills = 0;
    t->failures = 0;
    t->cancelled = false;
    t->left = false;
    t->last_who = ROTA_NOBODY;
    t->placements = 0;
    t->due = 0;
}

static void task_created(const struct deed *d, struct rota_task *t)
{
    struct rota_judge *j = d->j;
    bool client = has_role(d, ROTA_PART_CLIENT);

    /* Its client died, came back, submitted it again by name, and had it collected, and only then
     * the first request of all arrived, out of a session nobody holds any more: these are two
     * submits, and no name tells them apart. */
    t->orphan = t->lives > 0 && client && rota_history_latest(j->h, d->who) != d->commit->session;
    /* Who submits it as well, and comes when it was collected, makes it anew: a name that is not
     * in the tree is nobody's. */
    if (t->lives > t->others && !t->orphan && is_ours(d))
        ROTA_BREAK_TASK(j, NO_DOUBLE_SUBMIT, d->who, t,
                        "%s was created at zxid %" PRId64
                        ", removed, and created again at zxid %" PRId64 " by %s",
                        t->name, t->czxid, d->commit->zxid, name_of(d));
    if (client && !t->wanted)
        ROTA_BREAK_TASK(j, NO_DOUBLE_SUBMIT, d->who, t,
                        "%s created %s at zxid %" PRId64 ", which nobody submitted", name_of(d),
                        t->name, d->commit->zxid);
    begin_life(t);
    t->lives++;
    t->exists = true;
    t->czxid = d->commit->zxid;
    t->created = rota_world_now(j->w);
    t->due = t->plan.delay == 0 ? 0 : t->created + t->plan.delay;
    t->sent_back = 0;
}

static void task_deleted(const struct deed *d, struct rota_task *t)
{
    struct rota_judge *j = d->j;
    int64_t zxid = d->commit->zxid;

    t->exists = false;
    if (t->statuses == 0 && (t->acknowledged || is_ours(d))) {
        ROTA_BREAK_TASK(j, NO_TASK_LOST, d->who, t,
                        "%s, created at zxid %" PRId64 ", was removed at zxid %" PRId64
                        " by %s without having ended",
                        t->name, t->czxid, zxid, name_of(d));
    } else if (has_role(d, ROTA_PART_MASTER)) {
        t->swept = true;
        if (t->wanted && !(t->left && t->told) &&
            rota_world_now(j->w) - t->status_time < (t->plan.has_keep ? t->plan.keep : KEEP_US))
            ROTA_BREAK_TASK(j, NO_TASK_LOST, d->who, t,
                            "%s ended at zxid %" PRId64 ", and %s removed it at zxid %" PRId64
                            " before its time was over",
                            t->name, t->status_zxid, name_of(d), zxid);
    } else if (t->wanted && !t->told) {
        ROTA_BREAK_TASK(j, NO_TASK_LOST, d->who, t,
                        "%s ended at zxid %" PRId64 ", and %s removed it at zxid %" PRId64
                        " before its client had the result",
                        t->name, t->status_zxid, name_of(d), zxid);
    }
}

/* ---- assignments ---- */

/* The number behind `key` in a record, `otherwise` if it says nothing. */
static uint32_t number_in(struct rota_bytes data, const char *key, uint32_t otherwise)
{
    char line[160];
    size_t length = data.length > 0 ? (size_t)data.length : 0;
    const char *at;

    length = length < sizeof line ? length : sizeof line - 1;
    if (length > 0)
        memcpy(line, data.data, length);
    line[length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    at = strstr(line, key);
    return at == NULL ? otherwise : (uint32_t)strtoul(at + strlen(key), NULL, 10);
}

/* attempts-bounded: what is written with an assignment never forgets. */
static void check_counts(const struct deed *d, struct rota_task *t)
{
    uint32_t losses = number_in(d->change->data, "losses=", 0);

    if (losses < t->losses)
        ROTA_BREAK_TASK(d->j, ATTEMPTS_BOUNDED, d->who, t,
                        "%s is assigned at zxid %" PRId64
                        " with %u losses, and was with %u at zxid %" PRId64,
                        t->name, d->commit->zxid, losses, t->losses, t->assign_zxid);
    else if (t->wanted && losses >= rota_judge_losses(d->j, t))
        ROTA_BREAK_TASK(d->j, ATTEMPTS_BOUNDED, d->who, t,
                        "%s is assigned at zxid %" PRId64 " after %u losses of %u", t->name,
                        d->commit->zxid, losses, rota_judge_losses(d->j, t));
    if (number_in(d->change->data, "failures=", 0) < t->failures)
        ROTA_BREAK_TASK(d->j, ATTEMPTS_BOUNDED, d->who, t,
                        "%s is assigned at zxid %" PRId64
                        " with %u failures, and has failed %u times, the last of them on %s",
                        t->name, d->commit->zxid, number_in(d->change->data, "failures=", 0),
                        t->failures, rota_judge_name(d->j, t->last_who));
    t->losses = losses;
    t->spared = number_in(d->change->data, "spared=", 0);
}

/* one-assignment: a task is given to the incarnation that was chosen, and to no later one of the
 * name (hazard 12). */
static void check_chosen(const struct deed *d, const struct rota_task *t)
{
    struct rota_znode_path at;

    for (uint32_t i = 0; i < d->commit->change_count; i++) {
        const struct rota_change *change = &d->commit->changes[i];

        if (change->op != ROTA_OP_CHECK || change->version < 0)
            continue;
        rota_znode_path_read(change->path, &at);
        if (at.kind == ROTA_ZNODE_PATH_PLACE && strcmp(at.a, d->at.a) == 0)
            return;
    }
    ROTA_BREAK_TASK(d->j, ONE_ASSIGNMENT, d->who, t,
                    "%s assigned %s to %s at zxid %" PRId64
                    " without checking which incarnation of it",
                    name_of(d), t->name, d->at.a, d->commit->zxid);
}

/* Lines of data behind the first `from`. */
static uint32_t lines_of(struct rota_bytes data, uint32_t from)
{
    const char *text = data.data;
    uint32_t lines = 0;

    for (int32_t i = 0; i < data.length; i++)
        lines += text[i] == '\n' && i + 1 < data.length;
    lines += data.length > 0;
    return lines > from ? lines - from : 0;
}

static void assignment_made(const struct deed *d, struct rota_task *t)
{
    uint32_t who = rota_judge_worker(d->j, d->at.a);

    t->told_ends = lines_of(d->change->data, 1);
    if (has_role(d, ROTA_PART_MASTER)) {
        check_chosen(d, t);
        check_counts(d, t);
    }
    if (t->assigned < 2)
        t->holders[t->assigned] = (struct rota_assigned){who, d->commit->zxid};
    t->assigned++;
    t->placements++;
    t->assign_zxid = d->commit->zxid;
    snprintf(t->worker, sizeof t->worker, "%.23s", d->at.a);
    if (who != ROTA_NOBODY)
        d->j->h->parties[who].assigned++;
    if (who == ROTA_NOBODY)
        return;
    d->j->h->parties[who].held++;
    if (!has_role(d, ROTA_PART_MASTER))
        return;
    rota_judge_alone(d->j, d->who, t, who);
    if (d->j->h->parties[who].held > d->j->s->cluster.slots)
        ROTA_BREAK_TASK(d->j, CAPACITY, d->who, t,
                        "%s assigned %s to %s at zxid %" PRId64 ", the task number %u it has then",
                        name_of(d), t->name, d->at.a, d->commit->zxid, d->j->h->parties[who].held);
}

/* no-needless-rerun: an assignment belongs to its worker's session, and only that ends it. */
static void taken_away(const struct deed *d, struct rota_task *t)
{
    uint32_t victim = rota_judge_worker(d->j, d->at.a);
    const struct rota_party *party = victim == ROTA_NOBODY ? NULL : &d->j->h->parties[victim];

    if (!t->exists || t->has_status)
        return;
    t->lost++;
    if (party == NULL || party->owner == 0 || d->change->czxid < party->czxid)
        return;
    ROTA_BREAK_TASK(d->j, NO_NEEDLESS_RERUN, d->who, t,
                    "%s took %s from %s at zxid %" PRId64
                    ", whose session lives; it was assigned at zxid %" PRId64,
                    name_of(d), t->name, d->at.a, d->commit->zxid, d->change->czxid);
    rota_judge_involve(d->j, victim);
}

static void let_go(const struct deed *d, struct rota_task *t)
{
    const struct rota_party *party = &d->j->h->parties[d->who];

    if (strcmp(d->at.a, name_of(d)) != 0 || party->owner != d->commit->session ||
        d->change->czxid < party->czxid)
        return;
    t->let_go = d->commit->zxid;
    t->let_go_czxid = d->change->czxid;
}

static void assignment_ended(const struct deed *d, struct rota_task *t)
{
    uint32_t worker = rota_judge_worker(d->j, d->at.a);

    if (worker != ROTA_NOBODY && d->change->czxid > d->j->h->parties[worker].czxid &&
        d->j->h->parties[worker].held > 0)
        d->j->h->parties[worker].held--;
    rota_assert(t->assigned > 0);
    if (has_role(d, ROTA_PART_MASTER))
        taken_away(d, t);
    else if (has_role(d, ROTA_PART_WORKER))
        let_go(d, t);
    else
        t->losses = t->spared = 0; /* somebody took them away with it */
    if (t->holders[0].zxid == d->change->czxid)
        t->holders[0] = t->holders[1];
    t->assigned--;
    if (t->assigned < 2)
        t->holders[t->assigned] = (struct rota_assigned){ROTA_NOBODY, 0};
}

/* ---- the rest of the tree ---- */

/* Whether the transaction makes a new incarnation of the place, too (hazard 12). */
static bool raises_place(const struct deed *d)
{
    struct rota_znode_path at;

    for (uint32_t i = 0; i < d->commit->change_count; i++) {
        const struct rota_change *change = &d->commit->changes[i];

        rota_znode_path_read(change->path, &at);
        if (at.kind == ROTA_ZNODE_PATH_PLACE && strcmp(at.a, d->at.a) == 0 &&
            (change->op == ROTA_OP_CREATE || change->op == ROTA_OP_SET))
            return true;
    }
    return false;
}

/* A place goes with its worker, or after it. */
static void place_changed(const struct deed *d)
{
    uint32_t who = rota_judge_worker(d->j, d->at.a);

    if (d->change->op == ROTA_OP_DELETE && has_role(d, ROTA_PART_MASTER) && who != ROTA_NOBODY &&
        d->j->h->parties[who].owner != 0)
        rota_judge_break(d->j, ROTA_INVARIANT_ONE_WRITER, d->who,
                         "%s deleted %s at zxid %" PRId64 ", whose worker lives", name_of(d),
                         d->change->path, d->commit->zxid);
}

static void worker_changed(const struct deed *d)
{
    uint32_t who = rota_judge_worker(d->j, d->at.a);
    bool made = d->change->op == ROTA_OP_CREATE;

    if (who == ROTA_NOBODY || d->change->op == ROTA_OP_SET)
        return;
    if (made && has_role(d, ROTA_PART_WORKER) && !raises_place(d))
        rota_judge_break(d->j, ROTA_INVARIANT_ONE_ASSIGNMENT, d->who,
                         "%s registered at zxid %" PRId64 " without raising the version of its"
                         " place, which names its incarnation",
                         name_of(d), d->commit->zxid);
    d->j->h->parties[who].owner = made ? d->change->owner : 0;
    d->j->h->parties[who].czxid = made ? d->commit->zxid : 0;
    d->j->h->parties[who].held = 0;
}

/* stale-result-refused: how far a run is says only who has the task. */
static void progress_changed(const struct deed *d, struct rota_task *t)
{
    if (d->change->op == ROTA_OP_DELETE)
        return;
    t->progress++;
    if (!has_role(d, ROTA_PART_WORKER) || !t->exists || t->has_status ||
        (t->assigned > 0 && t->holders[0].who == d->who))
        return;
    ROTA_BREAK_TASK(d->j, STALE_RESULT_REFUSED, d->who, t,
                    "%s wrote %s at zxid %" PRId64
                    " without an assignment; the last one was made to %s at zxid %" PRId64,
                    name_of(d), d->change->path, d->commit->zxid,
                    t->worker[0] == '\0' ? "nobody" : t->worker, t->assign_zxid);
}

/* attempts-bounded: what ended fatally is not tried again. */
static void check_fatal(const struct deed *d, const struct rota_task *t)
{
    if (has_role(d, ROTA_PART_WORKER) && t->let_go_czxid == t->last_fence && rota_judge_fatal(t))
        ROTA_BREAK_TASK(d->j, ATTEMPTS_BOUNDED, d->who, t,
                        "%s handed back %s at zxid %" PRId64
                        ", whose run ended with status %d, after which it is never tried again",
                        name_of(d), t->name, d->commit->zxid, t->last_exit);
}

static void retry_changed(const struct deed *d, struct rota_task *t)
{
    if (d->change->op == ROTA_OP_DELETE && !is_ours(d))
        t->due = 0; /* nobody knows of it any more */
    t->retry = d->change->op != ROTA_OP_DELETE;
    if (!t->retry)
        return;
    t->told_ends = lines_of(d->change->data, 1);
    check_right(d, t);
    check_fatal(d, t);
    t->retry_made = d->commit->zxid;
    if (has_role(d, ROTA_PART_WORKER))
        t->due =
            rota_world_now(d->j->w) + (rota_time)number_in(d->change->data, "delay=", 0) * 1000;
    /* Whose lease ended under the task says so itself. */
    if (has_role(d, ROTA_PART_WORKER) && number_in(d->change->data, "losses=", 0) > t->losses)
        t->lost++;
    if (has_role(d, ROTA_PART_WORKER) && t->let_go_czxid == t->last_fence && t->last_ended > 0 &&
        (t->last_ending == ROTA_ENDING_FAILURE || rota_judge_timed_out(t)))
        t->failures++;
}

static void drain_changed(const struct deed *d)
{
    uint32_t who = rota_judge_worker(d->j, d->at.a);

    if (who != ROTA_NOBODY && d->change->op != ROTA_OP_DELETE)
        rota_judge_misfortune(d->j, who);
}

/* What stands in the tree are the bytes its client gave. */
static void check_payload(const struct deed *d, const struct rota_task *t)
{
    struct rota_bytes data = d->change->data;

    if (d->change->op == ROTA_OP_DELETE || !has_role(d, ROTA_PART_CLIENT) || t->wire == NULL ||
        (data.length == t->wire_length &&
         (data.length == 0 || memcmp(data.data, t->wire, (size_t)data.length) == 0)))
        return;
    ROTA_BREAK_TASK(d->j, PAYLOAD_INTACT, d->who, t,
                    "%s wrote %d bytes into %s at zxid %" PRId64
                    ", which are not the %d bytes that were submitted",
                    name_of(d), data.length, d->change->path, d->commit->zxid, t->wire_length);
}

static void task_changed(const struct deed *d, struct rota_task *t)
{
    check_payload(d, t);
    if (d->change->op == ROTA_OP_CREATE)
        task_created(d, t);
    else if (d->change->op == ROTA_OP_DELETE)
        task_deleted(d, t);
}

static void of_task(const struct deed *d, uint32_t task)
{
    struct rota_task *t = &d->j->h->tasks[task];

    t->since = rota_world_now(d->j->w);
    switch (d->at.kind) {
    case ROTA_ZNODE_PATH_TASK:
        task_changed(d, t);
        break;
    case ROTA_ZNODE_PATH_STATUS:
        status_changed(d, task);
        break;
    case ROTA_ZNODE_PATH_ASSIGNMENT:
        if (d->change->op == ROTA_OP_CREATE)
            assignment_made(d, t);
        else if (d->change->op == ROTA_OP_DELETE)
            assignment_ended(d, t);
        break;
    case ROTA_ZNODE_PATH_RETRY:
        retry_changed(d, t);
        break;
    case ROTA_ZNODE_PATH_HISTORY:
        if (d->change->op != ROTA_OP_DELETE)
            t->told_ends = lines_of(d->change->data, 0);
        break;
    case ROTA_ZNODE_PATH_PROGRESS:
        progress_changed(d, t);
        break;
    case ROTA_ZNODE_PATH_CANCEL:
        t->cancelled = t->cancelled || d->change->op == ROTA_OP_CREATE;
        break;
    case ROTA_ZNODE_PATH_COLLECT:
        t->left = t->left || d->change->op == ROTA_OP_CREATE;
        break;
    default:
        break;
    }
}

/* What somebody else writes into a directory, such as a bound, is there to stay. */
static void directory_changed(const struct deed *d)
{
    struct rota_judge_node *base = rota_judge_base(d->j, d->change->path);

    if (base != NULL && d->change->op == ROTA_OP_SET && !is_ours(d))
        base->data = rota_judge_data(d->change->data);
}

/* So is what a session of zkCli makes. */
static void check_stranger(const struct deed *d)
{
    if (d->who != ROTA_NOBODY &&
        rota_process_is(rota_world_process(d->j->w, d->who), ROTA_PART_ZK_CLIENT) &&
        d->change->op == ROTA_OP_CREATE)
        rota_judge_strange(d->j, d->change->path);
}

/* Takes in one change. Returns the task it was about, or ROTA_NO_TASK. */
static uint32_t apply(struct deed *d)
{
    const char *name;
    uint32_t task;

    if (d->change->op == ROTA_OP_CHECK || d->change->op == ROTA_OP_SET_ACL)
        return ROTA_NO_TASK;
    rota_znode_path_read(d->change->path, &d->at);
    check_author(d);
    name = rota_znode_path_task(&d->at);
    if (name != NULL) {
        task = rota_history_task(d->j->h, name);
        of_task(d, task);
        return task;
    }
    check_stranger(d);
    if (d->at.kind == ROTA_ZNODE_PATH_EPOCH) {
        d->j->epoch = d->change->op == ROTA_OP_SET ? d->change->version : 0;
        d->j->epoch_holder = d->change->op == ROTA_OP_SET ? d->commit->session : 0;
    } else if (d->at.kind == ROTA_ZNODE_PATH_WORKER) {
        worker_changed(d);
    } else if (d->at.kind == ROTA_ZNODE_PATH_PLACE) {
        place_changed(d);
    } else if (d->at.kind == ROTA_ZNODE_PATH_DRAIN) {
        drain_changed(d);
    } else if (d->at.kind == ROTA_ZNODE_PATH_TOP) {
        directory_changed(d);
    }
    return ROTA_NO_TASK;
}

/* ---- at the end of a transaction ---- */

static void check_assignments(const struct deed *d, const struct rota_task *t)
{
    int64_t zxid = d->commit->zxid;

    if (t->assigned > 1) {
        ROTA_BREAK_TASK(d->j, ONE_ASSIGNMENT, d->who, t,
                        "%s is assigned to %s since zxid %" PRId64 " and to %s since zxid %" PRId64,
                        t->name, rota_judge_name(d->j, t->holders[0].who), t->holders[0].zxid,
                        t->worker, t->assign_zxid);
        rota_judge_involve(d->j, t->holders[0].who);
        rota_judge_involve(d->j, t->holders[1].who);
    }
    if (t->assigned > 0 && t->has_status && is_ours(d) &&
        (t->status_zxid == zxid || t->assign_zxid == zxid)) {
        ROTA_BREAK_TASK(d->j, ONE_ASSIGNMENT, d->who, t,
                        "%s is assigned to %s since zxid %" PRId64 " and %s since zxid %" PRId64,
                        t->name, t->worker, t->assign_zxid, t->status, t->status_zxid);
        rota_judge_involve(d->j, t->holders[0].who);
    }
    if (t->retry && is_ours(d) &&
        ((t->has_status && t->status_zxid == zxid) || (t->assigned > 0 && t->assign_zxid == zxid)))
        ROTA_BREAK_TASK(d->j, ONE_ASSIGNMENT, d->who, t,
                        "%s is %s at zxid %" PRId64
                        ", and its record under /retry, of zxid %" PRId64 ", stays",
                        t->name, t->has_status ? t->status : "assigned", zxid, t->retry_made);
}

/* A task that lost its status has left the tree, or somebody sent it back. */
static void check_sent_back(const struct deed *d, struct rota_task *t)
{
    int64_t zxid = d->commit->zxid;

    if (t->status_gone != zxid || !t->exists)
        return;
    if (t->retry_made == zxid && !has_role(d, ROTA_PART_MASTER) && !has_role(d, ROTA_PART_WORKER)) {
        begin_life(t);
        memcpy(t->former, t->status, sizeof t->former);
        t->sent_back = zxid;
    } else if (is_ours(d)) {
        ROTA_BREAK_TASK(d->j, ONE_COMPLETION, d->who, t,
                        "%s ended at zxid %" PRId64 " (%s), and %s took that back at zxid %" PRId64,
                        t->name, t->status_zxid, t->status, name_of(d), zxid);
    }
}

/* A worker that gives up an assignment says what became of it. */
static void check_let_go(const struct deed *d, const struct rota_task *t)
{
    int64_t zxid = d->commit->zxid;

    if (t->let_go == zxid && t->let_go_czxid > t->czxid && t->retry_made != zxid && t->exists &&
        !t->has_status)
        ROTA_BREAK_TASK(d->j, ATTEMPTS_BOUNDED, d->who, t,
                        "%s gave up %s at zxid %" PRId64 ", assigned at zxid %" PRId64
                        ", without a word of it",
                        name_of(d), t->name, zxid, t->let_go_czxid);
}

/* attempts-bounded, from below: a task that may be tried again is not dead. */
static void check_dead(const struct deed *d, const struct rota_task *t)
{
    bool dead = strcmp(t->status, "dead") == 0;

    if (!t->has_status || t->status_zxid != d->commit->zxid || !t->wanted)
        return;
    if (dead && has_role(d, ROTA_PART_MASTER) && t->lost < rota_judge_losses(d->j, t))
        ROTA_BREAK_TASK(d->j, ATTEMPTS_BOUNDED, d->who, t,
                        "%s is dead at zxid %" PRId64 " after %u losses, of %u", t->name,
                        d->commit->zxid, t->lost, rota_judge_losses(d->j, t));
    else if (dead && has_role(d, ROTA_PART_WORKER) && rota_judge_fatal(t))
        ROTA_BREAK_TASK(d->j, ATTEMPTS_BOUNDED, d->who, t,
                        "%s is dead at zxid %" PRId64
                        ", and its run ended with status %d: it has failed",
                        t->name, d->commit->zxid, t->last_exit);
    else if ((dead || strcmp(t->status, "failed") == 0) && has_role(d, ROTA_PART_WORKER) &&
             t->failures < t->plan.retries && !rota_judge_fatal(t))
        ROTA_BREAK_TASK(d->j, ATTEMPTS_BOUNDED, d->who, t,
                        "%s is %s at zxid %" PRId64 " after %u failures before the last, of %u"
                        " that are tried again",
                        t->name, t->status, d->commit->zxid, t->failures, t->plan.retries);
}

static void check_after(const struct deed *d, struct rota_task *t)
{
    check_assignments(d, t);
    check_sent_back(d, t);
    check_let_go(d, t);
    check_dead(d, t);
}

/* Remembers which tasks a transaction touches. */
static uint32_t *touched(struct rota_judge *j, uint32_t count)
{
    if (count > j->touched_capacity) {
        j->touched_capacity = 2 * count;
        j->touched = realloc(j->touched, j->touched_capacity * sizeof *j->touched);
        rota_assert(j->touched != NULL);
    }
    return j->touched;
}

void rota_judge_committed(struct rota_judge *j, uint32_t who, const struct rota_commit *c)
{
    struct deed d = {.j = j, .who = who, .commit = c};
    uint32_t *tasks;

    if (c->kind == ROTA_COMMIT_SESSION_OPENED)
        rota_history_session(j->h, c->session, who);
    if (c->kind == ROTA_COMMIT_SESSION_CLOSED) {
        uint32_t owner = rota_history_owner(j->h, c->session);

        rota_history_close_session(j->h, c->session);
        if (owner != ROTA_NOBODY)
            rota_judge_misfortune(j, owner);
        d.who = ROTA_NOBODY; /* a session's ephemerals go by themselves */
    }
    if (c->rc != 0)
        return;
    if (c->kind == ROTA_COMMIT_WRITE && rota_judge_has_role(j, who, ROTA_PART_MASTER))
        check_master(j, who, c);
    tasks = touched(j, c->change_count);
    for (uint32_t i = 0; i < c->change_count; i++) {
        d.change = &c->changes[i];
        tasks[i] = apply(&d);
    }
    for (uint32_t i = 0; i < c->change_count; i++) {
        if (tasks[i] != ROTA_NO_TASK)
            check_after(&d, &j->h->tasks[tasks[i]]);
    }
}
