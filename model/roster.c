#include "model/roster.h"

#include <stdlib.h>
#include <string.h>

#include "model/assert.h"
#include "model/path.h"
#include "model/placement.h"
#include "model/record.h"

enum {
    READS_AT_ONCE = 512,  /* reads of single tasks under way */
    KNOWN_TASKS = 200000, /* tasks remembered at once, whatever the backlog */
    PATIENCE = 20,        /* times the duration of a listing until the next (hazard 18) */
};

/* ---- asking ---- */

static void list(struct rota_step *s, struct rota_listing *l, enum rota_ask what, const char *path)
{
    if (!l->wanted || l->reading)
        return;
    l->wanted = false;
    l->reading = true;
    rota_ask_read(s->out, rota_ledger_tag(s, what, 0), ROTA_OP_CHILDREN, path, !l->blind);
}

static void ask_worker(struct rota_step *s, uint32_t i)
{
    struct rota_master_worker *w = rota_ledger_worker(s, i);
    const char *name = rota_ledger_worker_name(s, i);

    if (w->want_data) { /* the version first: it must not be younger than the incarnation */
        rota_ask_read(s->out, rota_ledger_tag(s, ROTA_ASK_VERSION, i), ROTA_OP_EXISTS,
                      rota_path_assign(s->out, name), false);
        rota_ask_read(s->out, rota_ledger_tag(s, ROTA_ASK_WORKER, i), ROTA_OP_GET,
                      rota_path_worker(s->out, name), !w->blind);
        w->asking += 2;
    }
    if (w->want_list) {
        rota_ask_read(s->out, rota_ledger_tag(s, ROTA_ASK_HOLDS, i), ROTA_OP_CHILDREN,
                      rota_path_assign(s->out, name), !w->blind);
        w->asking++;
    }
    w->want_data = w->want_list = false;
}

/* Workers are asked about one round at a time: what changes meanwhile is asked in the next. */
static void ask_workers(struct rota_step *s)
{
    uint32_t i = s->m->attention;

    s->m->attention = 0;
    while (i != 0) {
        struct rota_master_worker *w = rota_ledger_worker(s, i - 1);
        uint32_t next = w->attention == i ? 0 : w->attention;

        w->in_attention = false;
        if (w->asking == 0)
            ask_worker(s, i - 1);
        i = next;
    }
}

static void ask_task(struct rota_step *s, uint32_t i)
{
    struct rota_master_task *t = rota_ledger_task(s, i);
    const char *name = rota_ledger_task_name(s, i);

    t->state = ROTA_TASK_READING;
    if (t->retry) {
        rota_ask_read(s->out, rota_ledger_tag(s, ROTA_ASK_RETRY, i), ROTA_OP_GET,
                      rota_path_retry(s->out, name), false);
        t->asking++;
        s->m->asking++;
    }
    rota_ask_read(s->out, rota_ledger_tag(s, ROTA_ASK_TASK, i), ROTA_OP_EXISTS,
                  rota_path_task(s->out, name), false);
    t->asking++;
    s->m->asking++;
}

/* Rule 3: /tasks is listed only when every /assign has been read. */
static bool assignments_known(const struct rota_master *m)
{
    return m->workers_list.read && m->assign_list.read && m->retry_list.read &&
           (m->recovered || m->unread == 0);
}

/* /tasks is listed when tasks run low, or when some time has passed since the last time. */
static void ask_tasks(struct rota_step *s)
{
    struct rota_master *m = s->m;
    bool low = m->ready.length == 0 && m->asks_head == m->asks.length && m->asking == 0;

    if (!m->tasks_list.wanted || m->tasks_list.reading || !assignments_known(m))
        return;
    if (!low && s->now < m->tasks_next) {
        rota_outbox_wake(s->out, m->tasks_next);
        return;
    }
    m->tasks_asked = s->now;
    list(s, &m->tasks_list, ROTA_ASK_TASKS, ROTA_PATH_TASKS);
}

/* What no event announced: everything is read again now and then (hazards 13, 15), and tasks that
 * are held are looked at, because a worker in the manner of the seeds leaves its assignment behind
 * (rule 9). */
static void audit(struct rota_step *s)
{
    struct rota_master *m = s->m;

    if (s->now >= m->audit_at) {
        rota_ledger_want_all(s);
        for (uint32_t i = 0; i < m->worker.length; i++)
            if (rota_ledger_worker(s, i)->used)
                rota_ledger_want(s, i, rota_ledger_worker(s, i)->blind, true);
        for (uint32_t i = 0; i < m->task.length; i++) {
            struct rota_master_task *t = rota_ledger_task(s, i);

            if (!t->used || t->state != ROTA_TASK_HELD || t->asking != 0)
                continue;
            t->asking++;
            m->asking++;
            rota_ask_read(s->out, rota_ledger_tag(s, ROTA_ASK_AUDIT, i), ROTA_OP_EXISTS,
                          rota_path_task(s->out, rota_ledger_task_name(s, i)), false);
        }
    }
    rota_outbox_wake(s->out, m->audit_at);
}

void rota_roster_ask(struct rota_step *s)
{
    struct rota_master *m = s->m;

    audit(s);
    list(s, &m->assign_list, ROTA_ASK_ASSIGN, ROTA_PATH_ASSIGN);
    list(s, &m->workers_list, ROTA_ASK_WORKERS, ROTA_PATH_WORKERS);
    list(s, &m->retry_list, ROTA_ASK_RETRIES, ROTA_PATH_RETRY);
    ask_workers(s);
    ask_tasks(s);
    while (m->asking < READS_AT_ONCE && m->asks_head < m->asks.length) {
        uint32_t task = rota_ledger_dequeue(s);

        if (rota_ledger_task(s, task)->state == ROTA_TASK_LISTED)
            ask_task(s, task);
    }
    if (!m->recovered && m->tasks_list.read) {
        m->recovered = true;
        rota_outbox_note(s->out, ROTA_NOTE_RECOVERED, NULL, NULL, m->workers.length, m->assigned,
                         m->tasks.length);
        if (m->tasks.length > 0)
            rota_outbox_mark(s->out, ROTA_MARK_TAKEOVER_WITH_BACKLOG);
        if (m->assigned > 0)
            rota_outbox_mark(s->out, ROTA_MARK_TAKEOVER_WITH_ASSIGNMENTS);
    }
}

/* ---- what the lists say ---- */

static void names_listed(struct rota_step *s, struct rota_listing *l, const struct rota_reply *r,
                         bool workers)
{
    l->reading = false;
    l->read = true;
    for (uint32_t i = 0; i < r->child_count; i++) {
        uint32_t one = rota_ledger_worker_named(s, r->children[i]);
        struct rota_master_worker *w = rota_ledger_worker(s, one);

        if (!workers && !w->placeable && !w->unsettled) /* made after the worker, as in the seeds */
            rota_ledger_want(s, one, true, true);
    }
    if (!workers)
        return;
    /* Who is believed alive and is not listed is asked about, and the reverse. A read under way was
     * carried out after this listing (S93): it knows better. */
    s->m->mark++;
    for (uint32_t i = 0; i < r->child_count; i++) {
        struct rota_master_worker *w =
            rota_ledger_worker(s, rota_ledger_worker_named(s, r->children[i]));

        w->listed = s->m->mark;
    }
    for (uint32_t i = 0; i < s->m->worker.length; i++) {
        struct rota_master_worker *w = rota_ledger_worker(s, i);

        if (w->used && !w->unsettled && (w->czxid != 0) != (w->listed == s->m->mark))
            rota_ledger_want(s, i, true, true);
    }
}

static void retries_listed(struct rota_step *s, const struct rota_reply *r)
{
    s->m->retry_list.reading = false;
    s->m->retry_list.read = true;
    for (uint32_t i = 0; i < r->child_count; i++) {
        uint32_t task = rota_ledger_task_named(s, r->children[i]);
        struct rota_master_task *t = rota_ledger_task(s, task);

        if (t->retry || t->state == ROTA_TASK_PLACING)
            continue;
        t->retry = true;
        if (t->worker == 0)
            rota_ledger_look(s, task);
    }
}

/* Shorter names first, so that t2 comes before t10. */
static int by_name(const void *a, const void *b)
{
    const char *one = *(const char *const *)a;
    const char *other = *(const char *const *)b;
    size_t one_length = strlen(one);
    size_t other_length = strlen(other);

    if (one_length != other_length)
        return one_length < other_length ? -1 : 1;
    return strcmp(one, other);
}

/* What is new is read in the order of names, which is the order of age for one client's tasks. What
 * is listed no more is forgotten. */
static void tasks_listed(struct rota_step *s, const struct rota_reply *r)
{
    struct rota_master *m = s->m;
    size_t fresh_count = 0;
    const char **fresh = rota_outbox_take(s->out, (r->child_count + 1u) * sizeof *fresh);

    m->tasks_list.reading = false;
    m->tasks_list.read = true;
    m->tasks_next = s->now + (s->now - m->tasks_asked) * PATIENCE;
    m->mark++;
    for (uint32_t i = 0; i < r->child_count; i++) {
        uint32_t task = rota_map_get(s->mem, &m->tasks, r->children[i]);
        struct rota_master_task *t;

        if (task == ROTA_MAP_NONE) {
            fresh[fresh_count++] = r->children[i];
            continue;
        }
        t = rota_ledger_task(s, task);
        t->mark = m->mark;
        if (t->state == ROTA_TASK_LEFT)
            rota_ledger_look(s, task);
    }
    for (uint32_t i = 0; i < m->task.length; i++) {
        struct rota_master_task *t = rota_ledger_task(s, i);

        if (t->used && t->mark != m->mark && t->retry && t->worker == 0 && t->asking == 0)
            rota_ledger_look(s, i); /* a retry without a task, perhaps: to be swept */
        else if (rota_ledger_forgettable(t) && t->mark != m->mark)
            rota_ledger_forget_task(s, i);
    }
    qsort(fresh, fresh_count, sizeof *fresh, by_name);
    if (m->tasks.length + fresh_count > KNOWN_TASKS) /* the rest when these run low */
        m->tasks_list.wanted = true;
    for (size_t i = 0; i < fresh_count && m->tasks.length < KNOWN_TASKS; i++) {
        uint32_t task = rota_ledger_task_named(s, fresh[i]);

        rota_ledger_task(s, task)->mark = m->mark;
        rota_ledger_task(s, task)->order = ++m->listed;
        rota_ledger_task(s, task)->state = ROTA_TASK_LISTED;
        rota_ledger_queue(s, task);
    }
}

/* ---- what a worker's znodes say ---- */

static void version_read(struct rota_step *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_master_worker *w = rota_ledger_worker(s, i);

    w->placeable = r->rc == ROTA_ERR_OK;
    w->version = r->stat.version;
}

/* The byte budget for watches is used up: this worker is read without them, the audit covers it. */
static void blind(struct rota_step *s, uint32_t i, int32_t rc)
{
    if (rc != ROTA_ERR_WATCH_BUDGET || rota_ledger_worker(s, i)->blind)
        return;
    rota_ledger_worker(s, i)->blind = true;
    rota_ledger_want(s, i, true, true);
}

static void worker_read(struct rota_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_worker *w = rota_ledger_worker(s, i);
    const struct rota_reply *r = e->reply.body;
    int64_t before = w->czxid;

    w->unsettled = false;
    if (r->rc == ROTA_ERR_OK || r->rc == ROTA_ERR_NO_NODE)
        w->czxid = 0;
    else
        blind(s, i, r->rc);
    if (e->reply.outcome == ROTA_DONE) {
        struct rota_worker_record record;

        rota_worker_read(s->out, r->data, &record);
        w->czxid = r->stat.czxid;
        w->slots = record.slots;
    }
    if (before != 0 && w->czxid != before)
        rota_outbox_note(s->out, ROTA_NOTE_WORKER_LOST, rota_ledger_worker_name(s, i), NULL,
                         w->held, 0, 0);
    if (w->czxid != 0 && w->czxid != before)
        rota_outbox_note(s->out, ROTA_NOTE_WORKER_SEEN, rota_ledger_worker_name(s, i), NULL,
                         w->slots, 0, 0);
    if (w->want_data) /* it changed while it was read */
        w->unsettled = true;
    rota_ledger_settle(s, i);
}

/* Somebody's access list keeps the tree from us: who cannot read it must not lead. */
static void unreadable(struct rota_step *s, const char *path)
{
    rota_leave(s->out, ROTA_EXIT_REFUSED,
               rota_outbox_text(s->out,
                                "no permission on %s: give this client's identity access to the "
                                "tree",
                                path));
    s->m->up = false;
}

static void holds_read(struct rota_step *s, uint32_t i, const struct rota_reply *r)
{
    uint32_t mark = ++s->m->mark;

    if (r->rc == ROTA_ERR_NO_AUTH) {
        unreadable(s, rota_path_assign(s->out, rota_ledger_worker_name(s, i)));
        return;
    }
    if (r->rc != ROTA_ERR_OK && r->rc != ROTA_ERR_NO_NODE) {
        blind(s, i, r->rc);
        return;
    }
    if (rota_ledger_worker(s, i)->unread) {
        rota_ledger_worker(s, i)->unread = false;
        s->m->unread--;
    }
    for (uint32_t k = 0; k < r->child_count; k++) {
        uint32_t task = rota_ledger_task_named(s, r->children[k]);
        struct rota_master_task *t = rota_ledger_task(s, task);

        t->seen = mark;
        if (t->worker == i + 1 || t->from == i + 1 || t->state == ROTA_TASK_PLACING ||
            t->state == ROTA_TASK_CLEARING)
            continue;
        if (t->worker != 0 || t->from != 0)
            continue; /* two places: the audit will look again */
        /* an assignment of a former master, or of ours whose reply was lost */
        t->state = ROTA_TASK_HELD;
        t->placed = 0;
        rota_ledger_hold(s, task, i);
        t->asking++;
        s->m->asking++;
        rota_ask_read(s->out, rota_ledger_tag(s, ROTA_ASK_ASSIGNMENT, task), ROTA_OP_GET,
                      rota_path_assignment(s->out, rota_ledger_worker_name(s, i),
                                           rota_ledger_task_name(s, task)),
                      false);
    }
    for (uint32_t t = rota_ledger_worker(s, i)->tasks, next; t != 0; t = next) {
        struct rota_master_task *one = rota_ledger_task(s, t - 1);

        next = one->next;
        if (one->seen == mark || one->state != ROTA_TASK_HELD)
            continue;
        rota_ledger_release(s, t - 1);
        one->state = ROTA_TASK_LEFT;
        s->m->tasks_list.wanted = true;
        if (one->retry)
            rota_ledger_look(s, t - 1);
    }
    rota_ledger_open(s, i);
}

/* ---- what a task's znodes say ---- */

static void assignment_read(struct rota_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_ledger_task(s, i);
    struct rota_attempt_record record;

    if (e->reply.outcome != ROTA_DONE) {
        if (t->worker != 0)
            rota_ledger_want(s, t->worker - 1, false, true);
        return;
    }
    rota_attempt_read(s->out, e->reply.body->data, &record);
    t->attempt = record.attempt;
    t->losses = record.losses;
    t->placed = e->reply.body->stat.czxid;
    if (t->worker != 0)
        rota_ledger_settle_task(s, i);
}

static void retry_read(struct rota_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_ledger_task(s, i);
    struct rota_attempt_record record;

    t->retry = e->reply.outcome == ROTA_DONE;
    if (!t->retry)
        return;
    rota_attempt_read(s->out, e->reply.body->data, &record);
    t->attempt = record.attempt;
    t->losses = record.losses;
}

/* It has a status, or had one: then somebody is collecting it by two deletes, and it must not run
 * again between them. Only a record under /retry begins it anew. */
static bool has_ended(const struct rota_master_task *t, const struct rota_stat *stat)
{
    return stat->num_children > 0 || (stat->cversion > 0 && !t->retry);
}

/* Both halves are known: where it was assigned, and whether it is there and has not ended. */
static void task_read(struct rota_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_ledger_task(s, i);
    const struct rota_reply *r = e->reply.body;
    bool there = e->reply.outcome == ROTA_DONE;

    if (t->state != ROTA_TASK_READING)
        return;
    rota_assert(there || r->rc == ROTA_ERR_NO_NODE);
    if (there && !has_ended(t, &r->stat)) {
        t->czxid = r->stat.czxid;
        if (t->from != 0 && t->losses + 1 >= s->m->config.losses)
            rota_placement_clear(s, i, true);
        else
            rota_placement_ready(s, i);
        return;
    }
    t->state = ROTA_TASK_ENDED;
    if (t->from != 0 || t->retry)
        rota_placement_clear(s, i, false);
    else if (!there)
        rota_ledger_forget_task(s, i);
}

static void audited(struct rota_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_ledger_task(s, i);

    if (t->state != ROTA_TASK_HELD ||
        (e->reply.outcome == ROTA_DONE && !has_ended(t, &e->reply.body->stat)))
        return;
    rota_ledger_move(s, i);
    rota_placement_clear(s, i, false);
}

/* ---- replies and watches ---- */

static void missing(struct rota_step *s, struct rota_listing *l, const char *path)
{
    struct rota_request *r = rota_ask(s->out, rota_ledger_tag(s, ROTA_ASK_FOUND, 0));

    r->operation.op = ROTA_OP_CREATE;
    r->operation.path = path;
    r->operation.data = (struct rota_bytes){"", 0};
    l->reading = false;
    l->wanted = true;
}

static void list_replied(struct rota_step *s, enum rota_ask what, const struct rota_event *e)
{
    struct rota_master *m = s->m;
    struct rota_listing *l = what == ROTA_ASK_WORKERS   ? &m->workers_list
                             : what == ROTA_ASK_ASSIGN  ? &m->assign_list
                             : what == ROTA_ASK_RETRIES ? &m->retry_list
                                                        : &m->tasks_list;
    const char *path = what == ROTA_ASK_WORKERS   ? ROTA_PATH_WORKERS
                       : what == ROTA_ASK_ASSIGN  ? ROTA_PATH_ASSIGN
                       : what == ROTA_ASK_RETRIES ? ROTA_PATH_RETRY
                                                  : ROTA_PATH_TASKS;

    if (e->reply.body->rc == ROTA_ERR_NO_AUTH)
        unreadable(s, path);
    else if (e->reply.body->rc == ROTA_ERR_WATCH_BUDGET)
        *l = (struct rota_listing){.wanted = true, .read = l->read, .blind = true};
    else if (e->reply.outcome != ROTA_DONE)
        missing(s, l, path);
    else if (what == ROTA_ASK_TASKS)
        tasks_listed(s, e->reply.body);
    else if (what == ROTA_ASK_RETRIES)
        retries_listed(s, e->reply.body);
    else
        names_listed(s, l, e->reply.body, what == ROTA_ASK_WORKERS);
}

static void worker_replied(struct rota_step *s, enum rota_ask what, uint32_t index,
                           const struct rota_event *e)
{
    struct rota_master_worker *w = rota_ledger_worker(s, index);

    w->asking--;
    if (what == ROTA_ASK_VERSION)
        version_read(s, index, e->reply.body);
    else if (what == ROTA_ASK_WORKER)
        worker_read(s, index, e);
    else
        holds_read(s, index, e->reply.body);
    w = rota_ledger_worker(s, index);
    if (w->asking > 0)
        return;
    if (w->want_data || w->want_list)
        rota_ledger_want(s, index, false, false);
    else if (w->czxid == 0 && !w->placeable && w->held == 0 && w->moving == 0 && w->batch == 0 &&
             w->sweep_at == 0 && !w->in_attention)
        rota_ledger_forget_worker(s, index);
}

void rota_roster_replied(struct rota_step *s, enum rota_ask what, uint32_t index,
                         const struct rota_event *e)
{
    switch (what) {
    case ROTA_ASK_WORKERS:
    case ROTA_ASK_ASSIGN:
    case ROTA_ASK_RETRIES:
    case ROTA_ASK_TASKS:
        list_replied(s, what, e);
        return;
    case ROTA_ASK_VERSION:
    case ROTA_ASK_WORKER:
    case ROTA_ASK_HOLDS:
        worker_replied(s, what, index, e);
        return;
    default:
        break;
    }
    rota_ledger_task(s, index)->asking--;
    s->m->asking--;
    if (what == ROTA_ASK_ASSIGNMENT)
        assignment_read(s, index, e);
    else if (what == ROTA_ASK_RETRY)
        retry_read(s, index, e);
    else if (what == ROTA_ASK_TASK)
        task_read(s, index, e);
    else
        audited(s, index, e);
}

void rota_roster_watched(struct rota_step *s, enum rota_watch_kind kind, const char *path)
{
    struct rota_master *m = s->m;
    const char *name;
    uint32_t i;

    if (strcmp(path, ROTA_PATH_WORKERS) == 0) {
        m->workers_list.wanted = true;
    } else if (strcmp(path, ROTA_PATH_ASSIGN) == 0) {
        m->assign_list.wanted = true;
    } else if (strcmp(path, ROTA_PATH_RETRY) == 0) {
        m->retry_list.wanted = true;
    } else if (strcmp(path, ROTA_PATH_TASKS) == 0) {
        m->tasks_list.wanted = true;
    } else if ((name = rota_path_below(path, ROTA_PATH_WORKERS)) != NULL) {
        i = rota_map_get(s->mem, &m->workers, name);
        if (i != ROTA_MAP_NONE)
            rota_ledger_want(s, i, true, false);
    } else if ((name = rota_path_below(path, ROTA_PATH_ASSIGN)) != NULL) {
        i = rota_map_get(s->mem, &m->workers, name);
        if (i != ROTA_MAP_NONE)
            rota_ledger_want(s, i, kind == ROTA_WATCH_DELETED, true);
    }
}
