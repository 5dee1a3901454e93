#include "model/master/belief.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/tree/spec.h"

enum { AUDIT_US = 10000000 };

uint64_t rota_belief_tag(const struct rota_master_context *s, enum rota_master_purpose what,
                         uint32_t index)
{
    return rota_request_tag(what, s->m->generation, index);
}

/* ---- records ---- */

struct rota_master_worker *rota_belief_worker(const struct rota_master_context *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->m->workers, i, sizeof(struct rota_master_worker));
}

struct rota_master_task *rota_belief_task(const struct rota_master_context *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->m->tasks, i, sizeof(struct rota_master_task));
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
    uint32_t i = rota_map_get(s->mem, &s->m->worker_names, name);
    rota_ref text;

    if (i != ROTA_MAP_NONE)
        return i;
    if (s->m->free_worker != 0) {
        i = s->m->free_worker - 1;
        s->m->free_worker = rota_belief_worker(s, i)->next_free;
    } else {
        i = rota_array_push(s->mem, &s->m->workers, sizeof(struct rota_master_worker));
    }
    text = rota_map_put(s->mem, &s->m->worker_names, name, i);
    *rota_belief_worker(s, i) =
        (struct rota_master_worker){.name = text, .used = true, .unread = true};
    s->m->workers_unread++;
    rota_belief_want(s, i, true, true);
    return i;
}

uint32_t rota_belief_task_named(struct rota_master_context *s, const char *name)
{
    uint32_t i = rota_map_get(s->mem, &s->m->task_names, name);
    rota_ref text;

    if (i != ROTA_MAP_NONE)
        return i;
    if (s->m->free_task != 0) {
        i = s->m->free_task - 1;
        s->m->free_task = rota_belief_task(s, i)->worker_next;
    } else {
        i = rota_array_push(s->mem, &s->m->tasks, sizeof(struct rota_master_task));
    }
    text = rota_map_put(s->mem, &s->m->task_names, name, i);
    *rota_belief_task(s, i) =
        (struct rota_master_task){.name = text,
                                  .used = true,
                                  .state = ROTA_TASK_ENDED,
                                  .generation = rota_belief_task(s, i)->generation};
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
    rota_belief_task(s, task)->list_next = 0;
    if (list->last == 0)
        list->first = task + 1;
    else
        rota_belief_task(s, list->last - 1)->list_next = task + 1;
    list->last = task + 1;
    list->length++;
}

uint32_t rota_belief_shift(struct rota_master_context *s, struct rota_task_list *list)
{
    uint32_t i = list->first;

    if (i == 0)
        return 0;
    list->first = rota_belief_task(s, i - 1)->list_next;
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

    rota_assert(t->worker == 0 && t->lost_worker == 0 && t->requests_pending == 0 &&
                !t->read_queued);
    rota_assert(t->dependents == 0);
    terms_forget(s, i);
    rota_text_give(s->mem, t->history);
    rota_text_give(s->mem, t->finish_reason);
    rota_map_remove(s->mem, &s->m->task_names, rota_pool_at(s->mem, t->name));
    *t = (struct rota_master_task){.worker_next = s->m->free_task, .generation = t->generation + 1};
    s->m->free_task = i + 1;
}

bool rota_belief_forgettable(const struct rota_master_task *t)
{
    return t->used && t->worker == 0 && t->lost_worker == 0 && t->requests_pending == 0 &&
           !t->read_queued && !t->has_retry && !t->has_cancel && !t->has_collect &&
           !t->has_history && t->dependents == 0 &&
           (t->state == ROTA_TASK_LEFT || t->state == ROTA_TASK_ENDED);
}

bool rota_belief_cancelled(const struct rota_master_task *t)
{
    return t->has_cancel && t->czxid != 0 && t->cancel_czxid != 0 &&
           (t->cancel_czxid > 0 ? t->cancel_czxid == t->czxid : -t->cancel_czxid > t->czxid);
}

void rota_belief_renew(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    t->generation++;
    t->final = ROTA_FINAL_UNKNOWN;
    t->dependencies_linked = t->expiry_set = t->status_missing = false;
}

bool rota_belief_waits(const struct rota_master_task *t)
{
    return t->state == ROTA_TASK_READY || t->state == ROTA_TASK_DELAYED ||
           t->state == ROTA_TASK_BLOCKED || t->state == ROTA_TASK_STAYING;
}

void rota_belief_forget_worker(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);

    rota_text_give(s->mem, w->tags);
    rota_text_give(s->mem, w->orders);
    rota_map_remove(s->mem, &s->m->worker_names, rota_pool_at(s->mem, w->name));
    *w = (struct rota_master_worker){.next_free = s->m->free_worker};
    s->m->free_worker = i + 1;
}

void rota_belief_hold(struct rota_master_context *s, uint32_t task, uint32_t worker)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    struct rota_master_worker *w = rota_belief_worker(s, worker);

    rota_assert(t->worker == 0);
    t->worker = worker + 1;
    t->worker_prev = 0;
    t->worker_next = w->task_first;
    if (w->task_first != 0)
        rota_belief_task(s, w->task_first - 1)->worker_prev = task + 1;
    w->task_first = task + 1;
    w->held++;
    s->m->assigned++;
}

void rota_belief_release(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    struct rota_master_worker *w;

    rota_assert(t->worker != 0);
    w = rota_belief_worker(s, t->worker - 1);
    if (t->worker_prev != 0)
        rota_belief_task(s, t->worker_prev - 1)->worker_next = t->worker_next;
    else
        w->task_first = t->worker_next;
    if (t->worker_next != 0)
        rota_belief_task(s, t->worker_next - 1)->worker_prev = t->worker_prev;
    rota_assert(w->held > 0 && s->m->assigned > 0);
    w->held--;
    s->m->assigned--;
    if (w->held == 0)
        w->exclusive = false;
    rota_belief_open(s, t->worker - 1);
    t->worker = t->worker_next = t->worker_prev = 0;
}

void rota_belief_move(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    rota_assert(t->worker != 0 && t->lost_worker == 0);
    t->lost_worker = t->worker;
    rota_belief_worker(s, t->lost_worker - 1)->lost_tasks++;
    rota_belief_release(s, task);
}

void rota_belief_moved(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    if (t->lost_worker == 0)
        return;
    rota_assert(rota_belief_worker(s, t->lost_worker - 1)->lost_tasks > 0);
    rota_belief_worker(s, t->lost_worker - 1)->lost_tasks--;
    t->lost_worker = 0;
}

/* ---- the list of workers that may get tasks ---- */

uint32_t rota_belief_room(const struct rota_master_context *s, uint32_t worker)
{
    const struct rota_master_worker *w = rota_belief_worker(s, worker);

    if (!w->used || w->czxid == 0 || !w->assignable || w->unconfirmed || w->exclusive ||
        w->batch_first != 0 || w->drain || w->orders_pending != 0)
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
        w->open_prev = 0;
        w->open_next = s->m->open_first;
        if (s->m->open_first != 0)
            rota_belief_worker(s, s->m->open_first - 1)->open_prev = worker + 1;
        s->m->open_first = worker + 1;
        return;
    }
    if (w->open_prev != 0)
        rota_belief_worker(s, w->open_prev - 1)->open_next = w->open_next;
    else
        s->m->open_first = w->open_next;
    if (w->open_next != 0)
        rota_belief_worker(s, w->open_next - 1)->open_prev = w->open_prev;
}

/* ---- wanting ---- */

void rota_belief_want(struct rota_master_context *s, uint32_t worker, bool data, bool list)
{
    struct rota_master_worker *w = rota_belief_worker(s, worker);

    w->data_wanted |= data;
    w->list_wanted |= list;
    if (data && !w->unconfirmed) {
        w->unconfirmed = true;
        rota_belief_open(s, worker);
    }
    if (!w->in_attention) {
        w->in_attention = true;
        w->attention_next = s->m->attention_first == 0 ? worker + 1 : s->m->attention_first;
        s->m->attention_first = worker + 1;
    }
}

void rota_belief_want_all(struct rota_master_context *s)
{
    for (unsigned i = 0; i < ROTA_DIRECTORIES; i++)
        s->m->listing[i].wanted = true;
    s->m->audit_at = s->now + AUDIT_US;
}

void rota_belief_clear(struct rota_master_context *s)
{
    struct rota_master *m = s->m;

    m->generation++;
    m->recovered = m->all_listed = m->clock_pending = false;
    memset(m->listing, 0, sizeof m->listing);
    rota_pool_close(s->mem); /* all of it is belief */
    m->worker_names = m->task_names = m->kinds = (struct rota_map){0};
    m->workers = m->tasks = m->to_read = m->kind = m->timers = m->edges = (struct rota_array){0};
    m->free_worker = m->free_task = m->free_edge = m->workers_unread = m->attention_first =
        m->open_first = 0;
    m->timers_limit = m->audit_position = 0;
    m->workers_to_sweep = m->workers_alive = m->reads_pending = m->status_reads_pending =
        m->to_read_head = m->assigned = m->ready = m->orders_first = 0;
    m->to_finish = m->finishing = (struct rota_task_list){0};
    m->hold_until = m->window_start = m->window_lost = m->window_alive = 0;
    m->audit_at = ROTA_NEVER;
}

void rota_belief_queue(struct rota_master_context *s, uint32_t task)
{
    uint32_t i;

    if (rota_belief_task(s, task)->read_queued)
        return;
    rota_belief_task(s, task)->read_queued = true;
    i = rota_array_push(s->mem, &s->m->to_read, sizeof(uint32_t));
    memcpy(rota_array_at(s->mem, &s->m->to_read, i, sizeof(uint32_t)), &task, sizeof task);
}

/* Takes the next task to be read; the queue's memory is given back when it runs empty. */
uint32_t rota_belief_dequeue(struct rota_master_context *s)
{
    struct rota_master *m = s->m;
    uint32_t task;

    memcpy(&task, rota_array_at(s->mem, &m->to_read, m->to_read_head++, sizeof task), sizeof task);
    if (m->to_read_head == m->to_read.length)
        m->to_read_head = m->to_read.length = 0;
    rota_belief_task(s, task)->read_queued = false;
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

    if (t->state != ROTA_TASK_HELD || t->assigned_czxid == 0 || w->unconfirmed)
        return;
    if (w->czxid != 0 && t->assigned_czxid > w->czxid)
        return;
    rota_belief_move(s, task);
    t->state = ROTA_TASK_LISTED;
    rota_belief_queue(s, task);
}

void rota_belief_settle(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);

    if (w->czxid == 0 && (w->assignable || w->drain) && !w->unconfirmed && w->sweep_at == 0) {
        w->sweep_at = s->now + s->m->timeout;
        s->m->workers_to_sweep++;
    }
    for (uint32_t t = w->task_first, next; t != 0; t = next) {
        next = rota_belief_task(s, t - 1)->worker_next;
        rota_belief_settle_task(s, t - 1);
    }
    rota_belief_open(s, i);
}
