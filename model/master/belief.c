#include "model/master/belief.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/tree/spec.h"

enum { AUDIT_US = 10000000 };

uint64_t rota_belief_tag(const struct rota_master_context *s, enum rota_request_add what,
                         uint32_t index)
{
    return rota_request_tag(what, s->m->generation, index);
}

/* ---- records ---- */

struct rota_master_worker *rota_belief_worker(const struct rota_master_context *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->m->worker, i, sizeof(struct rota_master_worker));
}

struct rota_master_task *rota_belief_task(const struct rota_master_context *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->m->task, i, sizeof(struct rota_master_task));
}

const char *rota_belief_worker_name(const struct rota_master_context *s, uint32_t i)
{
    return rota_pool_at(s->mem, rota_belief_worker(s, i)->name);
}

const char *rota_belief_task_name(const struct rota_master_context *s, uint32_t i)
{
    return rota_pool_at(s->mem, rota_belief_task(s, i)->name);
}

/* The worker of that name, new if it was unknown. */
uint32_t rota_belief_worker_named(struct rota_master_context *s, const char *name)
{
    uint32_t i = rota_map_get(s->mem, &s->m->workers, name);
    rota_ref text;

    if (i != ROTA_MAP_NONE)
        return i;
    if (s->m->free_worker != 0) {
        i = s->m->free_worker - 1;
        s->m->free_worker = rota_belief_worker(s, i)->next_free;
    } else {
        i = rota_array_push(s->mem, &s->m->worker, sizeof(struct rota_master_worker));
    }
    text = rota_map_put(s->mem, &s->m->workers, name, i);
    *rota_belief_worker(s, i) =
        (struct rota_master_worker){.name = text, .used = true, .unread = true};
    s->m->unread++;
    rota_belief_want(s, i, true, true);
    return i;
}

uint32_t rota_belief_task_named(struct rota_master_context *s, const char *name)
{
    uint32_t i = rota_map_get(s->mem, &s->m->tasks, name);
    rota_ref text;

    if (i != ROTA_MAP_NONE)
        return i;
    if (s->m->free_task != 0) {
        i = s->m->free_task - 1;
        s->m->free_task = rota_belief_task(s, i)->next;
    } else {
        i = rota_array_push(s->mem, &s->m->task, sizeof(struct rota_master_task));
    }
    text = rota_map_put(s->mem, &s->m->tasks, name, i);
    *rota_belief_task(s, i) = (struct rota_master_task){.name = text,
                                                        .used = true,
                                                        .state = ROTA_TASK_ENDED,
                                                        .stamp = rota_belief_task(s, i)->stamp};
    return i;
}

/* ---- texts and terms ---- */

rota_ref rota_belief_keep(struct rota_master_context *s, rota_ref old, const char *text)
{
    rota_text_give(s->mem, old);
    return text == NULL || text[0] == '\0' ? 0 : rota_text_take(s->mem, text);
}

const char *rota_belief_text(const struct rota_master_context *s, rota_ref text)
{
    return text == 0 ? "" : rota_pool_at(s->mem, text);
}

struct rota_master_terms rota_belief_terms(const struct rota_master_context *s, uint32_t i)
{
    rota_ref terms = rota_belief_task(s, i)->terms;

    return terms == 0 ? (struct rota_master_terms){.keep_ms = -1}
                      : *(const struct rota_master_terms *)rota_pool_at(s->mem, terms);
}

int64_t rota_belief_expires_ms(const struct rota_master_context *s, uint32_t i)
{
    return rota_belief_task(s, i)->attempt > 0 ? 0 : rota_belief_terms(s, i).expires_ms;
}

static void terms_forget(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_terms terms = rota_belief_terms(s, i);

    rota_text_give(s->mem, terms.tags);
    rota_text_give(s->mem, terms.after);
    rota_pool_give(s->mem, rota_belief_task(s, i)->terms, sizeof terms);
    rota_belief_task(s, i)->terms = 0;
}

/* Words with `end` after each but the last, 0 for none. */
static rota_ref join(struct rota_master_context *s, const char *const *words, uint32_t count,
                     char between)
{
    const char *text = "";

    for (uint32_t i = 0; i < count; i++)
        text = i == 0 ? words[i] : rota_outbox_text(s->out, "%s%c%s", text, between, words[i]);
    return rota_belief_keep(s, 0, text);
}

const char *rota_belief_agree(struct rota_master_context *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_spec spec;
    struct rota_master_terms terms;
    const char *wrong = rota_spec_read(s->out, r->data, &spec);
    rota_ref ref;

    terms_forget(s, i);
    if (wrong != NULL || !spec.given)
        return wrong;
    terms = (struct rota_master_terms){.keep_ms = spec.keep_ms,
                                       .losses = (uint32_t)spec.losses,
                                       .priority = (int32_t)spec.priority};
    terms.not_before_ms = spec.delay_ms > 0 ? r->stat.ctime_ms + spec.delay_ms : 0;
    if (spec.at_ms > terms.not_before_ms)
        terms.not_before_ms = spec.at_ms;
    terms.expires_ms = spec.expires_ms > 0 ? r->stat.ctime_ms + spec.expires_ms : 0;
    terms.tags = join(s, spec.tags, spec.tag_count, ',');
    terms.after = join(s, spec.after, spec.after_count, '\n');
    ref = rota_pool_take(s->mem, sizeof terms);
    memcpy(rota_pool_at(s->mem, ref), &terms, sizeof terms);
    rota_belief_task(s, i)->terms = ref;
    return NULL;
}

/* ---- lists of tasks ---- */

void rota_belief_append(struct rota_master_context *s, struct rota_task_list *list, uint32_t task)
{
    rota_belief_task(s, task)->batch_next = 0;
    if (list->last == 0)
        list->first = task + 1;
    else
        rota_belief_task(s, list->last - 1)->batch_next = task + 1;
    list->last = task + 1;
    list->length++;
}

uint32_t rota_belief_shift(struct rota_master_context *s, struct rota_task_list *list)
{
    uint32_t i = list->first;

    if (i == 0)
        return 0;
    list->first = rota_belief_task(s, i - 1)->batch_next;
    if (list->first == 0)
        list->last = 0;
    list->length--;
    return i;
}

/* ---- forgetting ---- */

/* Forgets a task nobody asks about. */
void rota_belief_forget_task(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    rota_assert(t->worker == 0 && t->from == 0 && t->asking == 0 && !t->queued);
    rota_assert(t->waiters == 0);
    terms_forget(s, i);
    rota_text_give(s->mem, t->history);
    rota_text_give(s->mem, t->note);
    rota_map_remove(s->mem, &s->m->tasks, rota_pool_at(s->mem, t->name));
    *t = (struct rota_master_task){.next = s->m->free_task, .stamp = t->stamp + 1};
    s->m->free_task = i + 1;
}

bool rota_belief_forgettable(const struct rota_master_task *t)
{
    return t->used && t->worker == 0 && t->from == 0 && t->asking == 0 && !t->queued && !t->retry &&
           !t->cancel && !t->collect && !t->told && t->waiters == 0 &&
           (t->state == ROTA_TASK_LEFT || t->state == ROTA_TASK_ENDED);
}

bool rota_belief_cancelled(const struct rota_master_task *t)
{
    return t->cancel && t->czxid != 0 && t->meant != 0 &&
           (t->meant > 0 ? t->meant == t->czxid : -t->meant > t->czxid);
}

void rota_belief_renew(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    t->stamp++;
    t->end = ROTA_END_UNKNOWN;
    t->linked = t->expiring = t->bare = false;
}

bool rota_belief_waits(const struct rota_master_task *t)
{
    return t->state == ROTA_TASK_READY || t->state == ROTA_TASK_PARKED ||
           t->state == ROTA_TASK_BLOCKED || t->state == ROTA_TASK_STAYING;
}

void rota_belief_forget_worker(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);

    rota_text_give(s->mem, w->tags);
    rota_text_give(s->mem, w->orders);
    rota_map_remove(s->mem, &s->m->workers, rota_pool_at(s->mem, w->name));
    *w = (struct rota_master_worker){.next_free = s->m->free_worker};
    s->m->free_worker = i + 1;
}

void rota_belief_hold(struct rota_master_context *s, uint32_t task, uint32_t worker)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    struct rota_master_worker *w = rota_belief_worker(s, worker);

    rota_assert(t->worker == 0);
    t->worker = worker + 1;
    t->before = 0;
    t->next = w->tasks;
    if (w->tasks != 0)
        rota_belief_task(s, w->tasks - 1)->before = task + 1;
    w->tasks = task + 1;
    w->held++;
    s->m->assigned++;
}

void rota_belief_release(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    struct rota_master_worker *w;

    rota_assert(t->worker != 0);
    w = rota_belief_worker(s, t->worker - 1);
    if (t->before != 0)
        rota_belief_task(s, t->before - 1)->next = t->next;
    else
        w->tasks = t->next;
    if (t->next != 0)
        rota_belief_task(s, t->next - 1)->before = t->before;
    rota_assert(w->held > 0 && s->m->assigned > 0);
    w->held--;
    s->m->assigned--;
    if (w->held == 0)
        w->alone = false;
    rota_belief_open(s, t->worker - 1);
    t->worker = t->next = t->before = 0;
}

void rota_belief_move(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    rota_assert(t->worker != 0 && t->from == 0);
    t->from = t->worker;
    rota_belief_worker(s, t->from - 1)->moving++;
    rota_belief_release(s, task);
}

void rota_belief_moved(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    if (t->from == 0)
        return;
    rota_assert(rota_belief_worker(s, t->from - 1)->moving > 0);
    rota_belief_worker(s, t->from - 1)->moving--;
    t->from = 0;
}

/* ---- the list of workers that may get tasks ---- */

uint32_t rota_belief_room(const struct rota_master_context *s, uint32_t worker)
{
    const struct rota_master_worker *w = rota_belief_worker(s, worker);

    if (!w->used || w->czxid == 0 || !w->placeable || w->unsettled || w->alone || w->batch != 0 ||
        w->drain || w->ordering != 0)
        return 0;
    return w->slots > w->held ? w->slots - w->held : 0;
}

void rota_belief_open(struct rota_master_context *s, uint32_t worker)
{
    struct rota_master_worker *w = rota_belief_worker(s, worker);
    bool room = rota_belief_room(s, worker) > 0;

    if (room == w->in_open)
        return;
    w->in_open = room;
    if (room) {
        w->open_before = 0;
        w->open_next = s->m->open;
        if (s->m->open != 0)
            rota_belief_worker(s, s->m->open - 1)->open_before = worker + 1;
        s->m->open = worker + 1;
        return;
    }
    if (w->open_before != 0)
        rota_belief_worker(s, w->open_before - 1)->open_next = w->open_next;
    else
        s->m->open = w->open_next;
    if (w->open_next != 0)
        rota_belief_worker(s, w->open_next - 1)->open_before = w->open_before;
}

/* ---- wanting ---- */

void rota_belief_want(struct rota_master_context *s, uint32_t worker, bool data, bool list)
{
    struct rota_master_worker *w = rota_belief_worker(s, worker);

    w->want_data |= data;
    w->want_list |= list;
    if (data && !w->unsettled) {
        w->unsettled = true;
        rota_belief_open(s, worker);
    }
    if (!w->in_attention) {
        w->in_attention = true;
        w->attention = s->m->attention == 0 ? worker + 1 : s->m->attention;
        s->m->attention = worker + 1;
    }
}

void rota_belief_want_all(struct rota_master_context *s)
{
    for (unsigned i = 0; i < ROTA_DIRECTORIES; i++)
        s->m->list[i].wanted = true;
    s->m->audit_at = s->now + AUDIT_US;
}

void rota_belief_clear(struct rota_master_context *s)
{
    struct rota_master *m = s->m;

    m->generation++;
    m->recovered = m->all_listed = m->clock_asking = false;
    memset(m->list, 0, sizeof m->list);
    rota_pool_close(s->mem); /* all of it is belief */
    m->workers = m->tasks = m->kinds = (struct rota_map){0};
    m->worker = m->task = m->asks = m->kind = m->agenda = m->edge = (struct rota_array){0};
    m->free_worker = m->free_task = m->free_edge = m->unread = m->attention = m->open = 0;
    m->agenda_most = m->audited = 0;
    m->gone = m->alive = m->asking = m->asking_ends = m->asks_head = m->assigned = m->ready =
        m->orders = 0;
    m->ending = m->ending_now = (struct rota_task_list){0};
    m->hold_until = m->window_began = m->window_lost = m->window_alive = 0;
    m->audit_at = ROTA_NEVER;
}

void rota_belief_queue(struct rota_master_context *s, uint32_t task)
{
    uint32_t i;

    if (rota_belief_task(s, task)->queued)
        return;
    rota_belief_task(s, task)->queued = true;
    i = rota_array_push(s->mem, &s->m->asks, sizeof(uint32_t));
    memcpy(rota_array_at(s->mem, &s->m->asks, i, sizeof(uint32_t)), &task, sizeof task);
}

/* Takes the next task to be read; the queue's memory is given back when it runs empty. */
uint32_t rota_belief_dequeue(struct rota_master_context *s)
{
    struct rota_master *m = s->m;
    uint32_t task;

    memcpy(&task, rota_array_at(s->mem, &m->asks, m->asks_head++, sizeof task), sizeof task);
    if (m->asks_head == m->asks.length)
        m->asks_head = m->asks.length = 0;
    rota_belief_task(s, task)->queued = false;
    return task;
}

void rota_belief_doubt(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    rota_assert(t->worker == 0 && (t->state == ROTA_TASK_ENDED || rota_belief_waits(t)));
    t->state = ROTA_TASK_LISTED;
    rota_belief_queue(s, task);
}

/* A task is free of its former place: decide by its znodes what becomes of it. */
void rota_belief_look(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    if (t->state == ROTA_TASK_LEFT || t->state == ROTA_TASK_ENDED) {
        t->state = ROTA_TASK_LISTED;
        rota_belief_queue(s, task);
    }
}

/* An assignment whose worker's incarnation is gone is to be moved. */
void rota_belief_settle_task(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    struct rota_master_worker *w = rota_belief_worker(s, t->worker - 1);

    if (t->state != ROTA_TASK_HELD || t->placed == 0 || w->unsettled)
        return;
    if (w->czxid != 0 && t->placed > w->czxid)
        return;
    rota_belief_move(s, task);
    t->state = ROTA_TASK_LISTED;
    rota_belief_queue(s, task);
}

void rota_belief_settle(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);

    if (w->czxid == 0 && (w->placeable || w->drain) && !w->unsettled && w->sweep_at == 0) {
        w->sweep_at = s->now + s->m->timeout;
        s->m->gone++;
    }
    for (uint32_t t = w->tasks, next; t != 0; t = next) {
        next = rota_belief_task(s, t - 1)->next;
        rota_belief_settle_task(s, t - 1);
    }
    rota_belief_open(s, i);
}
