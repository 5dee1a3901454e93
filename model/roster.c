#include "model/roster.h"

#include <stdlib.h>
#include <string.h>

#include "model/assert.h"
#include "model/path.h"
#include "model/record.h"

enum {
    READS_AT_ONCE = 512, /* reads of single tasks under way */
    KNOWN_TASKS = 200000, /* tasks remembered at once, whatever the backlog */
    PATIENCE = 20,       /* times the duration of a listing until the next (hazard 18) */
    AUDIT_US = 10000000,
};

/* ---- records ---- */

struct rota_master_worker *rota_roster_worker(const struct rota_step *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->m->worker, i, sizeof(struct rota_master_worker));
}

struct rota_master_task *rota_roster_task(const struct rota_step *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->m->task, i, sizeof(struct rota_master_task));
}

const char *rota_roster_worker_name(const struct rota_step *s, uint32_t i)
{
    return rota_pool_at(s->mem, rota_roster_worker(s, i)->name);
}

const char *rota_roster_task_name(const struct rota_step *s, uint32_t i)
{
    return rota_pool_at(s->mem, rota_roster_task(s, i)->name);
}

/* The worker of that name, new if it was unknown. */
static uint32_t worker_of(struct rota_step *s, const char *name)
{
    uint32_t i = rota_map_get(s->mem, &s->m->workers, name);
    rota_ref text;

    if (i != ROTA_MAP_NONE)
        return i;
    if (s->m->free_worker != 0) {
        i = s->m->free_worker - 1;
        s->m->free_worker = rota_roster_worker(s, i)->next_free;
    } else {
        i = rota_array_push(s->mem, &s->m->worker, sizeof(struct rota_master_worker));
    }
    text = rota_map_put(s->mem, &s->m->workers, name, i);
    *rota_roster_worker(s, i) = (struct rota_master_worker){.name = text, .used = true};
    rota_roster_want(s, i, true, true);
    return i;
}

static uint32_t task_of(struct rota_step *s, const char *name)
{
    uint32_t i = rota_map_get(s->mem, &s->m->tasks, name);
    rota_ref text;

    if (i != ROTA_MAP_NONE)
        return i;
    if (s->m->free_task != 0) {
        i = s->m->free_task - 1;
        s->m->free_task = rota_roster_task(s, i)->next;
    } else {
        i = rota_array_push(s->mem, &s->m->task, sizeof(struct rota_master_task));
    }
    text = rota_map_put(s->mem, &s->m->tasks, name, i);
    *rota_roster_task(s, i) =
        (struct rota_master_task){.name = text, .used = true, .state = ROTA_TASK_ENDED};
    return i;
}

/* Forgets a task nobody asks about. */
static void task_forget(struct rota_step *s, uint32_t i)
{
    struct rota_master_task *t = rota_roster_task(s, i);

    rota_assert(t->worker == 0 && t->from == 0 && t->asking == 0 && !t->queued);
    rota_map_remove(s->mem, &s->m->tasks, rota_pool_at(s->mem, t->name));
    *t = (struct rota_master_task){.next = s->m->free_task};
    s->m->free_task = i + 1;
}

static bool task_forgettable(const struct rota_master_task *t)
{
    return t->used && t->worker == 0 && t->from == 0 && t->asking == 0 && !t->queued && !t->retry &&
           (t->state == ROTA_TASK_LEFT || t->state == ROTA_TASK_ENDED ||
            t->state == ROTA_TASK_LISTED);
}

static void worker_forget(struct rota_step *s, uint32_t i)
{
    struct rota_master_worker *w = rota_roster_worker(s, i);

    rota_map_remove(s->mem, &s->m->workers, rota_pool_at(s->mem, w->name));
    *w = (struct rota_master_worker){.next_free = s->m->free_worker};
    s->m->free_worker = i + 1;
}

void rota_roster_hold(struct rota_step *s, uint32_t task, uint32_t worker)
{
    struct rota_master_task *t = rota_roster_task(s, task);
    struct rota_master_worker *w = rota_roster_worker(s, worker);

    rota_assert(t->worker == 0);
    t->worker = worker + 1;
    t->before = 0;
    t->next = w->tasks;
    if (w->tasks != 0)
        rota_roster_task(s, w->tasks - 1)->before = task + 1;
    w->tasks = task + 1;
    w->held++;
    s->m->assigned++;
}

void rota_roster_release(struct rota_step *s, uint32_t task)
{
    struct rota_master_task *t = rota_roster_task(s, task);
    struct rota_master_worker *w;

    if (t->worker == 0)
        return;
    w = rota_roster_worker(s, t->worker - 1);
    if (t->before != 0)
        rota_roster_task(s, t->before - 1)->next = t->next;
    else
        w->tasks = t->next;
    if (t->next != 0)
        rota_roster_task(s, t->next - 1)->before = t->before;
    rota_assert(w->held > 0 && s->m->assigned > 0);
    w->held--;
    s->m->assigned--;
    if (w->held == 0)
        w->alone = false;
    rota_roster_open(s, t->worker - 1);
    t->worker = t->next = t->before = 0;
}

void rota_roster_move(struct rota_step *s, uint32_t task)
{
    struct rota_master_task *t = rota_roster_task(s, task);

    rota_assert(t->worker != 0 && t->from == 0);
    t->from = t->worker;
    rota_roster_worker(s, t->from - 1)->moving++;
    rota_roster_release(s, task);
}

void rota_roster_moved(struct rota_step *s, uint32_t task)
{
    struct rota_master_task *t = rota_roster_task(s, task);

    if (t->from == 0)
        return;
    rota_assert(rota_roster_worker(s, t->from - 1)->moving > 0);
    rota_roster_worker(s, t->from - 1)->moving--;
    t->from = 0;
}

/* ---- the list of workers that may get tasks ---- */

uint32_t rota_roster_room(const struct rota_step *s, uint32_t worker)
{
    const struct rota_master_worker *w = rota_roster_worker(s, worker);

    if (!w->used || w->czxid == 0 || !w->placeable || w->unsettled || w->alone || w->batch != 0)
        return 0;
    return w->slots > w->held ? w->slots - w->held : 0;
}

void rota_roster_open(struct rota_step *s, uint32_t worker)
{
    struct rota_master_worker *w = rota_roster_worker(s, worker);
    bool room = rota_roster_room(s, worker) > 0;

    if (room == w->in_open)
        return;
    w->in_open = room;
    if (room) {
        w->open_before = 0;
        w->open_next = s->m->open;
        if (s->m->open != 0)
            rota_roster_worker(s, s->m->open - 1)->open_before = worker + 1;
        s->m->open = worker + 1;
        return;
    }
    if (w->open_before != 0)
        rota_roster_worker(s, w->open_before - 1)->open_next = w->open_next;
    else
        s->m->open = w->open_next;
    if (w->open_next != 0)
        rota_roster_worker(s, w->open_next - 1)->open_before = w->open_before;
}

/* ---- wanting ---- */

void rota_roster_want(struct rota_step *s, uint32_t worker, bool data, bool list)
{
    struct rota_master_worker *w = rota_roster_worker(s, worker);

    w->want_data |= data;
    w->want_list |= list;
    if (data && !w->unsettled) {
        w->unsettled = true;
        s->m->unsettled++;
        rota_roster_open(s, worker);
    }
    if (!w->in_attention) {
        w->in_attention = true;
        w->attention = s->m->attention == 0 ? worker + 1 : s->m->attention;
        s->m->attention = worker + 1;
    }
}

void rota_roster_want_all(struct rota_step *s)
{
    struct rota_master *m = s->m;

    m->workers_list.wanted = true;
    m->assign_list.wanted = true;
    m->retry_list.wanted = true;
    m->tasks_list.wanted = true;
    m->audit_at = s->now + AUDIT_US;
}

void rota_roster_clear(struct rota_step *s)
{
    struct rota_master *m = s->m;

    m->generation++;
    m->recovered = false;
    m->workers_list = m->assign_list = m->retry_list = m->tasks_list = (struct rota_listing){0};
    rota_map_clear(s->mem, &m->workers);
    rota_map_clear(s->mem, &m->tasks);
    rota_array_clear(s->mem, &m->worker, sizeof(struct rota_master_worker));
    rota_array_clear(s->mem, &m->task, sizeof(struct rota_master_task));
    rota_array_clear(s->mem, &m->asks, sizeof(uint32_t));
    rota_array_clear(s->mem, &m->ready, sizeof(struct rota_ready));
    m->free_worker = m->free_task = m->unsettled = m->attention = m->open = 0;
    m->gone = m->asking = m->asks_head = m->assigned = 0;
    m->tasks_next = 0;
    m->audit_at = ROTA_NEVER;
}

static void task_queue(struct rota_step *s, uint32_t task)
{
    uint32_t i;

    if (rota_roster_task(s, task)->queued)
        return;
    rota_roster_task(s, task)->queued = true;
    i = rota_array_push(s->mem, &s->m->asks, sizeof(uint32_t));
    memcpy(rota_array_at(s->mem, &s->m->asks, i, sizeof(uint32_t)), &task, sizeof task);
}

/* Takes the next task to be read; the queue's memory is given back when it runs empty. */
static uint32_t task_dequeue(struct rota_step *s)
{
    struct rota_master *m = s->m;
    uint32_t task;

    memcpy(&task, rota_array_at(s->mem, &m->asks, m->asks_head++, sizeof task), sizeof task);
    if (m->asks_head == m->asks.length)
        m->asks_head = m->asks.length = 0;
    rota_roster_task(s, task)->queued = false;
    return task;
}

void rota_roster_doubt(struct rota_step *s, uint32_t task)
{
    struct rota_master_task *t = rota_roster_task(s, task);

    if (t->worker != 0 || t->state == ROTA_TASK_READING || t->state == ROTA_TASK_READY ||
        t->state == ROTA_TASK_PLACING || t->state == ROTA_TASK_CLEARING)
        return;
    t->state = ROTA_TASK_LISTED;
    task_queue(s, task);
}

/* ---- asking ---- */

static void list(struct rota_step *s, struct rota_listing *l, enum rota_ask what, const char *path)
{
    if (!l->wanted || l->reading)
        return;
    l->wanted = false;
    l->reading = true;
    rota_master_read(s, what, 0, ROTA_OP_CHILDREN, path, true);
}

static void ask_worker(struct rota_step *s, uint32_t i)
{
    struct rota_master_worker *w = rota_roster_worker(s, i);
    const char *name = rota_roster_worker_name(s, i);

    if (w->want_data) { /* the version first: it must not be younger than the incarnation */
        rota_master_read(s, ROTA_ASK_VERSION, i, ROTA_OP_EXISTS, rota_path_assign(s->out, name),
                         false);
        rota_master_read(s, ROTA_ASK_WORKER, i, ROTA_OP_GET, rota_path_worker(s->out, name),
                         !w->blind);
        w->asking += 2;
    }
    if (w->want_list) {
        rota_master_read(s, ROTA_ASK_HOLDS, i, ROTA_OP_CHILDREN, rota_path_assign(s->out, name),
                         !w->blind);
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
        struct rota_master_worker *w = rota_roster_worker(s, i - 1);
        uint32_t next = w->attention == i ? 0 : w->attention;

        w->in_attention = false;
        if (w->asking == 0)
            ask_worker(s, i - 1);
        i = next;
    }
}

static void ask_task(struct rota_step *s, uint32_t i)
{
    struct rota_master_task *t = rota_roster_task(s, i);
    const char *name = rota_roster_task_name(s, i);

    t->state = ROTA_TASK_READING;
    if (t->retry) {
        rota_master_read(s, ROTA_ASK_RETRY, i, ROTA_OP_GET, rota_path_retry(s->out, name), false);
        t->asking++;
        s->m->asking++;
    }
    rota_master_read(s, ROTA_ASK_TASK, i, ROTA_OP_EXISTS, rota_path_task(s->out, name), false);
    t->asking++;
    s->m->asking++;
}

/* Rule 3: /tasks is listed only when every /assign has been read. */
static bool assignments_known(const struct rota_master *m)
{
    return m->workers_list.read && m->assign_list.read && m->retry_list.read &&
           (m->recovered || m->unsettled == 0);
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

/* What no event announced: everything is read again now and then (hazards 13, 15), and tasks that are held
 * are looked at, because a worker in the manner of the seeds leaves its assignment behind (rule 9). */
static void audit(struct rota_step *s)
{
    struct rota_master *m = s->m;

    if (s->now >= m->audit_at) {
        rota_roster_want_all(s);
        for (uint32_t i = 0; i < m->worker.length; i++)
            if (rota_roster_worker(s, i)->used)
                rota_roster_want(s, i, false, true);
        for (uint32_t i = 0; i < m->task.length; i++) {
            struct rota_master_task *t = rota_roster_task(s, i);

            if (!t->used || t->state != ROTA_TASK_HELD || t->asking != 0)
                continue;
            t->asking++;
            m->asking++;
            rota_master_read(s, ROTA_ASK_AUDIT, i, ROTA_OP_EXISTS,
                             rota_path_task(s->out, rota_roster_task_name(s, i)), false);
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
        uint32_t task = task_dequeue(s);

        if (rota_roster_task(s, task)->state == ROTA_TASK_LISTED)
            ask_task(s, task);
    }
    if (!m->recovered && m->tasks_list.read) {
        m->recovered = true;
        rota_outbox_note(s->out, ROTA_NOTE_RECOVERED, NULL, NULL, m->workers.length, m->assigned,
                         m->tasks.length);
    }
}

/* ---- what the lists say ---- */

/* A task is free of its former place: decide by its znodes what becomes of it. */
static void look_at(struct rota_step *s, uint32_t task)
{
    struct rota_master_task *t = rota_roster_task(s, task);

    if (t->state == ROTA_TASK_LEFT || t->state == ROTA_TASK_ENDED) {
        t->state = ROTA_TASK_LISTED;
        task_queue(s, task);
    }
}

/* An assignment whose worker's incarnation is gone is to be moved. */
static void settle_task(struct rota_step *s, uint32_t task)
{
    struct rota_master_task *t = rota_roster_task(s, task);
    struct rota_master_worker *w = rota_roster_worker(s, t->worker - 1);

    if (t->state != ROTA_TASK_HELD || t->placed == 0 || w->unsettled)
        return;
    if (w->czxid != 0 && t->placed > w->czxid)
        return;
    rota_roster_move(s, task);
    t->state = ROTA_TASK_LISTED;
    task_queue(s, task);
}

void rota_roster_settle(struct rota_step *s, uint32_t i)
{
    struct rota_master_worker *w = rota_roster_worker(s, i);

    if (w->czxid == 0 && w->placeable && !w->unsettled && w->sweep_at == 0) {
        w->sweep_at = s->now + s->m->timeout;
        s->m->gone++;
    }
    for (uint32_t t = w->tasks, next; t != 0; t = next) {
        next = rota_roster_task(s, t - 1)->next;
        settle_task(s, t - 1);
    }
    rota_roster_open(s, i);
}

static void names_listed(struct rota_step *s, struct rota_listing *l, const struct rota_reply *r,
                         bool workers)
{
    l->reading = false;
    l->read = true;
    for (uint32_t i = 0; i < r->child_count; i++)
        worker_of(s, r->children[i]);
    if (!workers)
        return;
    /* Who is believed alive and is not listed is asked about. */
    s->m->mark++;
    for (uint32_t i = 0; i < r->child_count; i++) {
        struct rota_master_worker *w = rota_roster_worker(s, worker_of(s, r->children[i]));

        w->listed = s->m->mark;
    }
    for (uint32_t i = 0; i < s->m->worker.length; i++) {
        struct rota_master_worker *w = rota_roster_worker(s, i);

        if (w->used && (w->czxid != 0) != (w->listed == s->m->mark))
            rota_roster_want(s, i, true, true);
    }
}

static void retries_listed(struct rota_step *s, const struct rota_reply *r)
{
    s->m->retry_list.reading = false;
    s->m->retry_list.read = true;
    for (uint32_t i = 0; i < r->child_count; i++) {
        uint32_t task = task_of(s, r->children[i]);
        struct rota_master_task *t = rota_roster_task(s, task);

        if (t->retry || t->state == ROTA_TASK_PLACING)
            continue;
        t->retry = true;
        if (t->worker == 0)
            look_at(s, task);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What is new is read in the order of names, which is the order of age for one client's tasks. What is
 * listed no more is forgotten. */
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
        t = rota_roster_task(s, task);
        t->mark = m->mark;
        if (t->state == ROTA_TASK_LEFT)
            look_at(s, task);
    }
    for (uint32_t i = 0; i < m->task.length; i++) {
        struct rota_master_task *t = rota_roster_task(s, i);

        if (t->used && t->mark != m->mark && t->retry && t->worker == 0 && t->asking == 0)
            look_at(s, i); /* a retry without a task, perhaps: to be swept */
        else if (task_forgettable(t) && t->mark != m->mark)
            task_forget(s, i);
    }
    qsort(fresh, fresh_count, sizeof *fresh, by_name);
    if (m->tasks.length + fresh_count > KNOWN_TASKS) /* the rest when these run low */
        m->tasks_list.wanted = true;
    for (size_t i = 0; i < fresh_count && m->tasks.length < KNOWN_TASKS; i++) {
        uint32_t task = task_of(s, fresh[i]);

        rota_roster_task(s, task)->mark = m->mark;
        rota_roster_task(s, task)->state = ROTA_TASK_LISTED;
        task_queue(s, task);
    }
}

/* ---- what a worker's znodes say ---- */

static void version_read(struct rota_step *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_master_worker *w = rota_roster_worker(s, i);

    w->placeable = r->rc == ROTA_ERR_OK;
    w->version = r->stat.version;
}

/* The byte budget for watches is used up: this worker is read without them, the audit covers it. */
static void blind(struct rota_step *s, uint32_t i, int32_t rc)
{
    if (rc != ROTA_ERR_WATCH_BUDGET || rota_roster_worker(s, i)->blind)
        return;
    rota_roster_worker(s, i)->blind = true;
    rota_roster_want(s, i, true, true);
}

static void worker_read(struct rota_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_worker *w = rota_roster_worker(s, i);
    const struct rota_reply *r = e->reply.body;
    int64_t before = w->czxid;

    w->unsettled = false;
    s->m->unsettled--;
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
    if (w->czxid != 0 && w->czxid != before)
        rota_outbox_note(s->out, ROTA_NOTE_WORKER_SEEN, rota_roster_worker_name(s, i), NULL,
                         w->slots, 0, 0);
    if (before != 0 && w->czxid != before)
        rota_outbox_note(s->out, ROTA_NOTE_WORKER_LOST, rota_roster_worker_name(s, i), NULL,
                         w->held, 0, 0);
    if (w->want_data) { /* it changed while it was read */
        w->unsettled = true;
        s->m->unsettled++;
    }
    rota_roster_settle(s, i);
}

static void holds_read(struct rota_step *s, uint32_t i, const struct rota_reply *r)
{
    uint32_t mark = ++s->m->mark;

    if (r->rc != ROTA_ERR_OK && r->rc != ROTA_ERR_NO_NODE) {
        blind(s, i, r->rc);
        return;
    }
    for (uint32_t k = 0; k < r->child_count; k++) {
        uint32_t task = task_of(s, r->children[k]);
        struct rota_master_task *t = rota_roster_task(s, task);

        t->seen = mark;
        if (t->worker == i + 1 || t->from == i + 1 || t->state == ROTA_TASK_PLACING ||
            t->state == ROTA_TASK_CLEARING)
            continue;
        if (t->worker != 0 || t->from != 0)
            continue; /* two places: the audit will look again */
        /* an assignment of a former master, or of ours whose reply was lost */
        t->state = ROTA_TASK_HELD;
        t->placed = 0;
        rota_roster_hold(s, task, i);
        t->asking++;
        s->m->asking++;
        rota_master_read(s, ROTA_ASK_ASSIGNMENT, task, ROTA_OP_GET,
                         rota_path_assignment(s->out, rota_roster_worker_name(s, i),
                                              rota_roster_task_name(s, task)),
                         false);
    }
    for (uint32_t t = rota_roster_worker(s, i)->tasks, next; t != 0; t = next) {
        struct rota_master_task *one = rota_roster_task(s, t - 1);

        next = one->next;
        if (one->seen == mark || one->state != ROTA_TASK_HELD)
            continue;
        rota_roster_release(s, t - 1);
        one->state = ROTA_TASK_LEFT;
        s->m->tasks_list.wanted = true;
        if (one->retry)
            look_at(s, t - 1);
    }
    rota_roster_open(s, i);
}

/* ---- what a task's znodes say ---- */

static void assignment_read(struct rota_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_roster_task(s, i);
    struct rota_attempt_record record;

    if (e->reply.outcome != ROTA_DONE) {
        if (t->worker != 0)
            rota_roster_want(s, t->worker - 1, false, true);
        return;
    }
    rota_attempt_read(s->out, e->reply.body->data, &record);
    t->attempt = record.attempt;
    t->losses = record.losses;
    t->placed = e->reply.body->stat.czxid;
    if (t->worker != 0)
        settle_task(s, i);
}

static void retry_read(struct rota_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_roster_task(s, i);
    struct rota_attempt_record record;

    t->retry = e->reply.outcome == ROTA_DONE;
    if (!t->retry)
        return;
    rota_attempt_read(s->out, e->reply.body->data, &record);
    t->attempt = record.attempt;
    t->losses = record.losses;
}

/* Both halves are known: where it was assigned, and whether it is there and has not ended. */
static void task_read(struct rota_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_roster_task(s, i);
    const struct rota_reply *r = e->reply.body;
    bool there = e->reply.outcome == ROTA_DONE;

    if (t->state != ROTA_TASK_READING)
        return;
    rota_assert(there || r->rc == ROTA_ERR_NO_NODE);
    if (there && r->stat.num_children == 0) {
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
        task_forget(s, i);
}

static void audited(struct rota_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_roster_task(s, i);

    if (t->state != ROTA_TASK_HELD ||
        (e->reply.outcome == ROTA_DONE && e->reply.body->stat.num_children == 0))
        return;
    rota_roster_move(s, i);
    rota_placement_clear(s, i, false);
}

/* ---- replies and watches ---- */

static void missing(struct rota_step *s, struct rota_listing *l, const char *path)
{
    struct rota_request *r = rota_master_ask(s, ROTA_ASK_FOUND, 0);

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

    if (e->reply.outcome != ROTA_DONE)
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
    struct rota_master_worker *w = rota_roster_worker(s, index);

    w->asking--;
    if (what == ROTA_ASK_VERSION)
        version_read(s, index, e->reply.body);
    else if (what == ROTA_ASK_WORKER)
        worker_read(s, index, e);
    else
        holds_read(s, index, e->reply.body);
    w = rota_roster_worker(s, index);
    if (w->asking > 0)
        return;
    if (w->want_data || w->want_list)
        rota_roster_want(s, index, false, false);
    else if (w->czxid == 0 && !w->placeable && w->held == 0 && w->moving == 0 && w->batch == 0 &&
             w->sweep_at == 0 && !w->in_attention)
        worker_forget(s, index);
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
    rota_roster_task(s, index)->asking--;
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
            rota_roster_want(s, i, true, false);
    } else if ((name = rota_path_below(path, ROTA_PATH_ASSIGN)) != NULL) {
        i = rota_map_get(s->mem, &m->workers, name);
        if (i != ROTA_MAP_NONE)
            rota_roster_want(s, i, kind == ROTA_WATCH_DELETED, true);
    }
}
