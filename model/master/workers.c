#include "model/master/workers.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/master/tasks.h"
#include "model/master/mass_loss.h"
#include "model/master/orders.h"
#include "model/seam/exit.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum {
    ORDERS_MAX = 65536,
    COUNTER_NEAR =
        1900000000,          /* creates under a directory: at 1,000 a second three days are left */
    COUNTER_STEP = 10000000, /* until that is said again */
    AUDIT_ENDED = 1000,      /* tasks that have ended, looked at in one audit */
    PATIENCE = 20,           /* times the duration of a long listing until the next (hazard 18) */
    LISTING_US = 100000,     /* a listing may take, */
    NAME_US = 20,            /* or for each name: what is beyond that, somebody stood still */
};

static const char *const directories[ROTA_DIRECTORIES] = {
    [ROTA_DIRECTORY_ASSIGN] = ROTA_PATH_ASSIGN,   [ROTA_DIRECTORY_WORKERS] = ROTA_PATH_WORKERS,
    [ROTA_DIRECTORY_DRAIN] = ROTA_PATH_DRAIN,     [ROTA_DIRECTORY_RETRY] = ROTA_PATH_RETRY,
    [ROTA_DIRECTORY_CANCEL] = ROTA_PATH_CANCEL,   [ROTA_DIRECTORY_COLLECT] = ROTA_PATH_COLLECT,
    [ROTA_DIRECTORY_HISTORY] = ROTA_PATH_HISTORY, [ROTA_DIRECTORY_TASKS] = ROTA_PATH_TASKS,
};

/* ---- asking ---- */

static void list(struct rota_master_context *s, enum rota_directory which)
{
    struct rota_listing *l = &s->m->listing[which];

    if (!l->wanted || l->reading)
        return;
    l->wanted = false;
    l->reading = true;
    l->asked = s->now;
    rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_DIRECTORY, which),
                          ROTA_OP_CHILDREN, directories[which], !l->unwatched);
}

static void ask_worker(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);
    const char *name = rota_belief_worker_name(s, i);

    if (w->data_wanted) { /* the version first: it must not be younger than the incarnation */
        rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_ORDERS, i),
                              ROTA_OP_GET, rota_path_assign(s->out, name), false);
        rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_WORKER, i),
                              ROTA_OP_GET, rota_path_worker(s->out, name), !w->unwatched);
        w->reads_pending += 2;
    }
    if (w->list_wanted) {
        rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_ASSIGNMENTS, i),
                              ROTA_OP_CHILDREN, rota_path_assign(s->out, name), !w->unwatched);
        w->reads_pending++;
    }
    w->data_wanted = w->list_wanted = false;
}

/* Workers are asked about one round at a time: what changes meanwhile is asked in the next. */
static void ask_workers(struct rota_master_context *s)
{
    uint32_t i = s->m->attention_first;

    s->m->attention_first = 0;
    while (i != 0) {
        struct rota_master_worker *w = rota_belief_worker(s, i - 1);
        uint32_t next = w->attention_next == i ? 0 : w->attention_next;

        w->in_attention = false;
        if (w->reads_pending == 0)
            ask_worker(s, i - 1);
        i = next;
    }
}

/* Rule 3: /tasks is listed only when every /assign has been read, and what people ask for. */
static bool assignments_known(const struct rota_master *m)
{
    for (unsigned i = 0; i <= ROTA_DIRECTORY_CANCEL; i++)
        if (!m->listing[i].read)
            return false;
    return m->recovered || m->workers_unread == 0;
}

/* /tasks is listed when tasks run low, or when some time has passed since the last time. */
static void list_tasks(struct rota_master_context *s)
{
    struct rota_master *m = s->m;
    struct rota_listing *l = &m->listing[ROTA_DIRECTORY_TASKS];
    bool low = m->ready == 0 && m->to_read_head == m->to_read.length && m->reads_pending == 0;

    if (!l->wanted || l->reading || !assignments_known(m))
        return;
    if (!low && s->now < l->next) {
        rota_outbox_wake(s->out, l->next);
        return;
    }
    m->task_listings++;
    list(s, ROTA_DIRECTORY_TASKS);
}

/* The attempts of what has ended may be as many as tasks, and nobody waits for their going: they
 * are listed without a watch, by the audit. */
static void list_histories(struct rota_master_context *s)
{
    struct rota_listing *l = &s->m->listing[ROTA_DIRECTORY_HISTORY];

    l->unwatched = true;
    if (s->m->recovered && s->now >= l->next)
        list(s, ROTA_DIRECTORY_HISTORY);
}

static void audit_task(struct rota_master_context *s, uint32_t i)
{
    rota_belief_task(s, i)->requests_pending++;
    s->m->reads_pending++;
    rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_AUDIT, i), ROTA_OP_EXISTS,
                          rota_path_task(s->out, rota_belief_task_name(s, i)), false);
}

/* Tasks that are held are looked at, because a worker in the manner of the seeds leaves its
 * assignment behind (rule 9), and some of those that have ended, in turn, because a name may have
 * been used again between two listings. */
static void audit_tasks(struct rota_master_context *s)
{
    struct rota_master *m = s->m;
    uint32_t ended = 0, last = m->audit_position;

    for (uint32_t k = 0; k < m->tasks.length; k++) {
        uint32_t i = (m->audit_position + k) % m->tasks.length;
        const struct rota_master_task *t = rota_belief_task(s, i);

        if (!t->used || t->requests_pending != 0)
            continue;
        if (t->state == ROTA_TASK_HELD) {
            audit_task(s, i);
        } else if (t->state == ROTA_TASK_ENDED && ended < AUDIT_ENDED) {
            audit_task(s, i);
            ended++;
            last = i + 1;
        }
    }
    m->audit_position = last;
}

/* What no event announced: everything is read again now and then (hazards 13, 15). */
static void audit(struct rota_master_context *s)
{
    struct rota_master *m = s->m;

    if (s->now >= m->audit_at) {
        rota_belief_want_all(s);
        for (uint32_t i = 0; i < m->workers.length; i++)
            if (rota_belief_worker(s, i)->used)
                rota_belief_want(s, i, rota_belief_worker(s, i)->unwatched, true);
        audit_tasks(s);
    }
    rota_outbox_wake(s->out, m->audit_at);
}

void rota_workers_ask(struct rota_master_context *s)
{
    struct rota_master *m = s->m;

    audit(s);
    for (unsigned i = 0; i < ROTA_DIRECTORY_HISTORY; i++)
        list(s, (enum rota_directory)i);
    list_histories(s);
    ask_workers(s);
    list_tasks(s);
    rota_tasks_ask(s);
    if (!m->recovered && m->listing[ROTA_DIRECTORY_TASKS].read) {
        m->recovered = true;
        rota_outbox_note(s->out, ROTA_NOTE_RECOVERED, NULL, NULL, m->worker_names.length,
                         m->assigned, m->task_names.length);
        if (m->task_names.length > 0)
            rota_outbox_mark(s->out, ROTA_MARK_TAKEOVER_WITH_BACKLOG);
        if (m->assigned > 0)
            rota_outbox_mark(s->out, ROTA_MARK_TAKEOVER_WITH_ASSIGNMENTS);
        rota_mass_loss_recovered(s);
    }
}

/* ---- what the lists say ---- */

static void names_listed(struct rota_master_context *s, const struct rota_reply *r, bool workers)
{
    for (uint32_t i = 0; i < r->child_count; i++) {
        uint32_t one = rota_belief_worker_named(s, r->children[i]);
        struct rota_master_worker *w = rota_belief_worker(s, one);

        if (!workers && !w->assignable &&
            !w->unconfirmed) /* made after the worker, as in the seeds */
            rota_belief_want(s, one, true, true);
    }
    if (!workers)
        return;
    /* Who is believed alive and is not listed is asked about, and the reverse. A read under way was
     * carried out after this listing (S93): it knows better. */
    s->m->listing_mark++;
    for (uint32_t i = 0; i < r->child_count; i++) {
        struct rota_master_worker *w =
            rota_belief_worker(s, rota_belief_worker_named(s, r->children[i]));

        w->listed_mark = s->m->listing_mark;
    }
    for (uint32_t i = 0; i < s->m->workers.length; i++) {
        struct rota_master_worker *w = rota_belief_worker(s, i);

        if (w->used && !w->unconfirmed && (w->czxid != 0) != (w->listed_mark == s->m->listing_mark))
            rota_belief_want(s, i, true, true);
    }
}

/* A worker that is to be drained gets nothing new from now on, one that is not may get some again.
 */
static void drains_listed(struct rota_master_context *s, const struct rota_reply *r)
{
    uint32_t mark = ++s->m->listing_mark;

    for (uint32_t i = 0; i < r->child_count; i++) {
        uint32_t one = rota_belief_worker_named(s, r->children[i]);
        struct rota_master_worker *w = rota_belief_worker(s, one);

        w->drain = true;
        w->drain_mark = mark;
        rota_belief_open(s, one);
        w->reads_pending++;
        rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_DRAIN, one),
                              ROTA_OP_GET, rota_path_drain(s->out, r->children[i]), false);
    }
    for (uint32_t i = 0; i < s->m->workers.length; i++) {
        struct rota_master_worker *w = rota_belief_worker(s, i);

        if (!w->used || !w->drain || w->drain_mark == mark)
            continue;
        w->drain = w->drain_known = false;
        rota_belief_open(s, i);
        rota_master_orders_want(s, i);
    }
}

static void drain_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);

    if (e->reply.outcome != ROTA_DONE || !w->drain)
        return;
    w->drain_known = true;
    w->drain_ms = rota_drain_record_read(s->out, e->reply.body->data);
    rota_master_orders_want(s, i);
    rota_belief_settle(s, i);
}

/* ---- what a worker's znodes say ---- */

static void version_read(struct rota_master_context *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);

    const char *orders = rota_outbox_text_of(s->out, r->data, ORDERS_MAX);
    rota_ref ref = rota_belief_keep(s, w->orders, orders);

    w = rota_belief_worker(s, i);
    w->orders = ref;
    w->assignable = r->rc == ROTA_ERR_OK;
    w->version = r->stat.version;
    rota_master_orders_want(s, i);
}

/* The byte budget for watches is used up: this worker is read without them, the audit covers it. */
static void blind(struct rota_master_context *s, uint32_t i, int32_t rc)
{
    if (rc != ROTA_ERR_WATCH_BUDGET || rota_belief_worker(s, i)->unwatched)
        return;
    rota_belief_worker(s, i)->unwatched = true;
    rota_belief_want(s, i, true, true);
}

/* A worker has come, or gone: by its own will if its place under /assign went with it. */
static void noticed(struct rota_master_context *s, uint32_t i, int64_t before)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);
    const char *name = rota_belief_worker_name(s, i);

    if (w->czxid == before)
        return;
    if (before != 0) {
        rota_outbox_note(s->out, ROTA_NOTE_WORKER_LOST, name, NULL, w->held, 0, 0);
        if (w->assignable)
            rota_mass_loss_lost(s);
        s->m->workers_alive--;
    }
    if (w->czxid == 0)
        return;
    s->m->workers_alive++;
    rota_outbox_note(s->out, ROTA_NOTE_WORKER_SEEN, name, NULL, w->slots, 0, 0);
    rota_mass_loss_back(s, i);
}

static void worker_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);
    const struct rota_reply *r = e->reply.body;
    int64_t before = w->czxid;

    w->unconfirmed = false;
    if (r->rc == ROTA_ERR_OK || r->rc == ROTA_ERR_NO_NODE)
        w->czxid = 0;
    else
        blind(s, i, r->rc);
    if (e->reply.outcome == ROTA_DONE) {
        struct rota_worker_record record;
        rota_ref tags;

        rota_worker_record_read(s->out, r->data, &record);
        tags = rota_belief_keep(s, w->tags, record.tags);
        w = rota_belief_worker(s, i);
        w->tags = tags;
        w->czxid = r->stat.czxid;
        w->slots = record.slots;
    }
    noticed(s, i, before);
    if (w->data_wanted) /* it changed while it was read */
        w->unconfirmed = true;
    rota_belief_settle(s, i);
}

/* Somebody's access list keeps the tree from us: who cannot read it must not lead. */
static void unreadable(struct rota_master_context *s, const char *path)
{
    rota_exit_add(s->out, ROTA_EXIT_REFUSED,
                  rota_exit_forbidden_text(s->out, path, ROTA_ERR_NO_AUTH));
    s->m->up = false;
}

static void read_assignment(struct rota_master_context *s, uint32_t task, uint32_t worker)
{
    rota_belief_task(s, task)->requests_pending++;
    s->m->reads_pending++;
    rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_ASSIGNMENT, task),
                          ROTA_OP_GET,
                          rota_path_assignment(s->out, rota_belief_worker_name(s, worker),
                                               rota_belief_task_name(s, task)),
                          false);
}

static void holds_read(struct rota_master_context *s, uint32_t i, const struct rota_reply *r)
{
    uint32_t mark = ++s->m->listing_mark;

    if (r->rc == ROTA_ERR_NO_AUTH) {
        unreadable(s, rota_path_assign(s->out, rota_belief_worker_name(s, i)));
        return;
    }
    if (r->rc != ROTA_ERR_OK && r->rc != ROTA_ERR_NO_NODE) {
        blind(s, i, r->rc);
        return;
    }
    if (rota_belief_worker(s, i)->unread) {
        rota_belief_worker(s, i)->unread = false;
        s->m->workers_unread--;
    }
    for (uint32_t k = 0; k < r->child_count; k++) {
        uint32_t task = rota_belief_task_named(s, r->children[k]);
        struct rota_master_task *t = rota_belief_task(s, task);

        t->assign_mark = mark;
        if (t->worker == i + 1 && t->state == ROTA_TASK_HELD && t->assigned_czxid == 0 &&
            t->requests_pending == 0)
            read_assignment(s, task, i); /* it was refused */
        if (t->worker == i + 1 || t->lost_worker == i + 1 || t->state == ROTA_TASK_PLACING ||
            t->state == ROTA_TASK_FINISHING)
            continue;
        if (t->worker != 0 || t->lost_worker != 0)
            continue; /* two places: the audit will look again */
        /* an assignment of a former master, or of ours whose reply was lost */
        t->state = ROTA_TASK_HELD;
        t->assigned_czxid = 0;
        rota_belief_hold(s, task, i);
        read_assignment(s, task, i);
    }
    for (uint32_t t = rota_belief_worker(s, i)->task_first, next; t != 0; t = next) {
        struct rota_master_task *one = rota_belief_task(s, t - 1);

        next = one->worker_next;
        if (one->assign_mark == mark || one->state != ROTA_TASK_HELD)
            continue;
        rota_belief_release(s, t - 1);
        one->state = ROTA_TASK_LEFT;
        one->left_worker = true;
        s->m->listing[ROTA_DIRECTORY_TASKS].wanted = true;
        if (one->has_retry || one->has_cancel || one->dependents != 0)
            rota_belief_look(s, t - 1);
    }
    rota_belief_open(s, i);
}

/* ---- replies and watches ---- */

/* A tree of before, or one that somebody has pruned: whatever is missing of it is made, but for
 * /epoch, which no leader makes (rule 13). */
static void missing(struct rota_master_context *s, struct rota_listing *l)
{
    static const char *const paths[] = {
#define X(path) path,
        ROTA_PATH_MAP(X)
#undef X
    };

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct rota_request *r;

        if (strcmp(paths[i], ROTA_PATH_EPOCH) == 0)
            continue;
        r = rota_request_add(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_CREATE_TREE, 0));
        r->operation.op = ROTA_OP_CREATE;
        r->operation.path = paths[i];
        r->operation.data = (struct rota_bytes){"", 0};
    }
    l->reading = false;
    l->wanted = true;
}

/* Sequential names take their number from the creates ever done under /tasks, in 31 bits: what the
 * visible cversion counts twice, less the children (S8, S9, S12; hazard 20). */
static void count_names(struct rota_master_context *s, const struct rota_stat *stat)
{
    struct rota_master *m = s->m;
    int64_t made = ((uint32_t)stat->cversion + (uint32_t)stat->num_children) / 2;

    if (made < COUNTER_NEAR || made < m->counter_report_at)
        return;
    m->counter_report_at = made + COUNTER_STEP;
    rota_outbox_note(s->out, ROTA_NOTE_COUNTER, ROTA_PATH_TASKS, NULL, made, INT32_MAX - made, 0);
}

/* How long the listing took: what does not follow from its length is no reason to wait. */
static rota_time duration_of(const struct rota_master_context *s, const struct rota_listing *l,
                             const struct rota_reply *r)
{
    rota_time took = s->now - l->asked;
    rota_time most = LISTING_US + (rota_time)r->stat.num_children * NAME_US;

    return took < most ? took : most;
}

static void list_replied(struct rota_master_context *s, enum rota_directory which,
                         const struct rota_event *e)
{
    struct rota_listing *l = &s->m->listing[which];
    const struct rota_reply *r = e->reply.body;

    if (r->rc == ROTA_ERR_NO_AUTH) {
        unreadable(s, directories[which]);
        return;
    }
    if (r->rc == ROTA_ERR_WATCH_BUDGET) {
        *l = (struct rota_listing){.wanted = true, .read = l->read, .unwatched = true};
        return;
    }
    if (e->reply.outcome != ROTA_DONE) {
        missing(s, l);
        return;
    }
    l->reading = false;
    l->read = true;
    l->next = s->now + duration_of(s, l, r) * PATIENCE;
    if (which == ROTA_DIRECTORY_TASKS)
        count_names(s, &r->stat);
    if (which == ROTA_DIRECTORY_DRAIN)
        drains_listed(s, r);
    else if (which <= ROTA_DIRECTORY_WORKERS)
        names_listed(s, r, which == ROTA_DIRECTORY_WORKERS);
    else
        rota_tasks_listed(s, which, r);
}

static void worker_replied(struct rota_master_context *s, enum rota_master_purpose what,
                           uint32_t index, const struct rota_event *e)
{
    struct rota_master_worker *w = rota_belief_worker(s, index);

    w->reads_pending--;
    if (what == ROTA_MASTER_PURPOSE_ORDERS)
        version_read(s, index, e->reply.body);
    else if (what == ROTA_MASTER_PURPOSE_WORKER)
        worker_read(s, index, e);
    else if (what == ROTA_MASTER_PURPOSE_DRAIN)
        drain_read(s, index, e);
    else
        holds_read(s, index, e->reply.body);
    w = rota_belief_worker(s, index);
    if (w->reads_pending > 0)
        return;
    if (w->data_wanted || w->list_wanted)
        rota_belief_want(s, index, false, false);
    else if (w->czxid == 0 && !w->assignable && w->held == 0 && w->lost_tasks == 0 &&
             w->batch_first == 0 && w->sweep_at == 0 && w->orders_pending == 0 &&
             !w->in_attention && !w->in_orders && !w->drain)
        rota_belief_forget_worker(s, index);
}

void rota_workers_replied(struct rota_master_context *s, enum rota_master_purpose what,
                          uint32_t index, const struct rota_event *e)
{
    switch (what) {
    case ROTA_MASTER_PURPOSE_DIRECTORY:
        list_replied(s, (enum rota_directory)index, e);
        break;
    case ROTA_MASTER_PURPOSE_ORDERS:
    case ROTA_MASTER_PURPOSE_WORKER:
    case ROTA_MASTER_PURPOSE_ASSIGNMENTS:
    case ROTA_MASTER_PURPOSE_DRAIN:
        worker_replied(s, what, index, e);
        break;
    default:
        rota_tasks_replied(s, what, index, e);
        break;
    }
}

void rota_workers_watched(struct rota_master_context *s, enum rota_watch_kind kind,
                          const char *path)
{
    struct rota_master *m = s->m;
    const char *name;
    uint32_t i;

    for (unsigned d = 0; d < ROTA_DIRECTORIES; d++)
        m->listing[d].wanted |= strcmp(path, directories[d]) == 0;
    if ((name = rota_path_below(path, ROTA_PATH_WORKERS)) != NULL) {
        i = rota_map_get(s->mem, &m->worker_names, name);
        if (i != ROTA_MAP_NONE)
            rota_belief_want(s, i, true, false);
    } else if ((name = rota_path_below(path, ROTA_PATH_ASSIGN)) != NULL) {
        i = rota_map_get(s->mem, &m->worker_names, name);
        if (i != ROTA_MAP_NONE)
            rota_belief_want(s, i, kind == ROTA_WATCH_DELETED, true);
    }
}
