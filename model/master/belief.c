#include "model/master/belief.h"

#include <stddef.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"

enum {
    AUDIT_US = 10000000,
    WORKER_BYTES = sizeof(struct rota_master_worker),
    WORKER_LINK = offsetof(struct rota_master_worker, attention_next),
    TASK_BYTES = sizeof(struct rota_master_task),
    TASK_LINK = offsetof(struct rota_master_task, worker_next),
};

uint64_t rota_belief_tag(const struct rota_master_context *s, enum rota_master_purpose purpose,
                         uint32_t index)
{
    return rota_request_tag(purpose, s->m->generation, index);
}

void rota_belief_leave(struct rota_master_context *s, enum rota_exit status, const char *sentence)
{
    rota_exit_add(s->out, status, sentence);
    s->m->up = false;
}

/* ---- records ---- */

struct rota_master_worker *rota_belief_worker(const struct rota_master_context *s, uint32_t i)
{
    return rota_slab_at(s->mem, &s->m->workers, i, WORKER_BYTES);
}

struct rota_master_task *rota_belief_task(const struct rota_master_context *s, uint32_t i)
{
    return rota_slab_at(s->mem, &s->m->tasks, i, TASK_BYTES);
}

const char *rota_belief_worker_name(const struct rota_master_context *s, uint32_t i)
{
    return rota_pool_at(s->mem, rota_belief_worker(s, i)->name);
}

const char *rota_belief_task_name(const struct rota_master_context *s, uint32_t i)
{
    return rota_pool_at(s->mem, rota_belief_task(s, i)->name);
}

uint32_t rota_belief_worker_named(struct rota_master_context *s, const char *name)
{
    uint32_t i = rota_map_get(s->mem, &s->m->worker_names, name);
    rota_ref text;

    if (i != ROTA_MAP_NONE)
        return i;
    i = rota_slab_take(s->mem, &s->m->workers, WORKER_BYTES, WORKER_LINK);
    text = rota_map_put(s->mem, &s->m->worker_names, name, i);
    *rota_belief_worker(s, i) =
        (struct rota_master_worker){.name = text, .used = true, .unread = true};
    s->m->workers_unread++;
    rota_belief_want_worker(s, i, true, true);
    return i;
}

uint32_t rota_belief_task_named(struct rota_master_context *s, const char *name)
{
    uint32_t i = rota_map_get(s->mem, &s->m->task_names, name);
    rota_ref text;

    if (i != ROTA_MAP_NONE)
        return i;
    i = rota_slab_take(s->mem, &s->m->tasks, TASK_BYTES, TASK_LINK);
    text = rota_map_put(s->mem, &s->m->task_names, name, i);
    *rota_belief_task(s, i) =
        (struct rota_master_task){.name = text,
                                  .used = true,
                                  .state = ROTA_TASK_ENDED,
                                  .generation = rota_belief_task(s, i)->generation};
    return i;
}

void rota_belief_renew_task(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    t->generation++;
    t->final = ROTA_FINAL_UNKNOWN;
    t->dependencies_linked = t->expiry_set = t->status_missing = false;
}

void rota_belief_forget_worker(struct rota_master_context *s, uint32_t i)
{
    const struct rota_master_worker *w = rota_belief_worker(s, i);

    rota_assert(w->used && w->held == 0 && w->lost_tasks == 0 && w->reads_pending == 0);
    rota_assert(!w->in_attention && !w->in_open && !w->in_orders && !w->sweeping);
    rota_text_give(s->mem, w->tags);
    rota_text_give(s->mem, w->orders);
    rota_map_remove(s->mem, &s->m->worker_names, rota_pool_at(s->mem, w->name));
    rota_slab_give(s->mem, &s->m->workers, i, WORKER_BYTES, WORKER_LINK);
}

void rota_belief_forget_task(struct rota_master_context *s, uint32_t i)
{
    const struct rota_master_task *t = rota_belief_task(s, i);
    uint32_t generation = t->generation;

    rota_assert(t->used && t->worker == 0 && t->lost_worker == 0 && t->dependents == 0);
    rota_assert(t->requests_pending == 0 && !t->read_queued && !t->undecided);
    rota_master_terms_give(s, t->terms);
    rota_text_give(s->mem, t->history);
    rota_text_give(s->mem, t->finish_reason);
    rota_map_remove(s->mem, &s->m->task_names, rota_pool_at(s->mem, t->name));
    rota_slab_give(s->mem, &s->m->tasks, i, TASK_BYTES, TASK_LINK);
    rota_belief_task(s, i)->generation = generation + 1;
}

bool rota_belief_forgettable(const struct rota_master_task *t)
{
    return t->used && t->worker == 0 && t->lost_worker == 0 && t->requests_pending == 0 &&
           !t->read_queued && !t->has_retry && !t->has_cancel && !t->has_collect &&
           !t->has_history && t->dependents == 0 &&
           (t->state == ROTA_TASK_LEFT || t->state == ROTA_TASK_ENDED);
}

void rota_belief_clear(struct rota_master_context *s)
{
    struct rota_master *m = s->m;

    m->generation++;
    m->recovered = m->all_listed = m->clock_pending = false;
    memset(m->listing, 0, sizeof m->listing);
    rota_pool_close(s->mem); /* it holds nothing else */
    m->worker_names = m->task_names = m->kinds = (struct rota_map){0};
    m->workers = m->tasks = m->edges = (struct rota_slab){0};
    m->to_read = m->kind = m->timers = (struct rota_array){0};
    m->workers_alive = m->workers_unread = m->workers_to_sweep = 0;
    m->attention_first = m->open_first = m->orders_first = 0;
    m->reads_pending = m->status_reads_pending = m->to_read_head = m->assigned = m->ready = 0;
    m->undecided = m->to_finish = m->finishing = (struct rota_task_list){0};
    m->timers_limit = m->audit_position = 0;
    m->assign_version = 0;
    m->assign_stale = false;
    m->hold_until = m->window_start = 0;
    m->window_lost = m->window_alive = 0;
    m->audit_at = ROTA_NEVER;
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

const char *rota_belief_read_terms(struct rota_master_context *s, uint32_t i,
                                   const struct rota_reply *r)
{
    const char *wrong;
    rota_ref terms;

    rota_master_terms_give(s, rota_belief_task(s, i)->terms);
    wrong = rota_master_terms_read(s, r, &terms);
    rota_belief_task(s, i)->terms = terms;
    return wrong;
}

struct rota_master_terms rota_belief_terms(const struct rota_master_context *s, uint32_t i)
{
    return rota_master_terms_at(s, rota_belief_task(s, i)->terms);
}

int64_t rota_belief_expires_ms(const struct rota_master_context *s, uint32_t i)
{
    return rota_belief_task(s, i)->attempt > 0 ? 0 : rota_belief_terms(s, i).expires_ms;
}

bool rota_belief_cancelled(const struct rota_master_task *t)
{
    return t->has_cancel && t->czxid != 0 && t->cancel_czxid != 0 &&
           (t->cancel_czxid > 0 ? t->cancel_czxid == t->czxid : -t->cancel_czxid > t->czxid);
}

bool rota_belief_waits(const struct rota_master_task *t)
{
    return t->state == ROTA_TASK_READY || t->state == ROTA_TASK_DELAYED ||
           t->state == ROTA_TASK_BLOCKED || t->state == ROTA_TASK_STAYING;
}

/* ---- what is to be read ---- */

void rota_belief_want_all(struct rota_master_context *s)
{
    for (unsigned i = 0; i < ROTA_DIRECTORIES; i++)
        s->m->listing[i].wanted = true;
    s->m->audit_at = s->now + AUDIT_US;
}

void rota_belief_want_worker(struct rota_master_context *s, uint32_t worker, bool data, bool list)
{
    struct rota_master_worker *w = rota_belief_worker(s, worker);

    rota_assert(w->used);
    w->data_wanted |= data;
    w->list_wanted |= list;
    if (data && !w->unconfirmed) {
        w->unconfirmed = true;
        rota_belief_update_open(s, worker);
    }
    if (!w->in_attention) {
        w->in_attention = true;
        w->attention_next = s->m->attention_first;
        s->m->attention_first = worker + 1;
    }
}

void rota_belief_want_task(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    if (t->state == ROTA_TASK_LEFT || t->state == ROTA_TASK_ENDED) {
        t->state = ROTA_TASK_LISTED;
        rota_belief_queue(s, task);
    }
}

void rota_belief_reread_task(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    rota_assert(t->worker == 0 && (t->state == ROTA_TASK_ENDED || rota_belief_waits(t)));
    t->state = ROTA_TASK_LISTED;
    rota_belief_queue(s, task);
}

void rota_belief_queue(struct rota_master_context *s, uint32_t task)
{
    uint32_t i;

    if (rota_belief_task(s, task)->read_queued)
        return;
    rota_belief_task(s, task)->read_queued = true;
    i = rota_array_push(s->mem, &s->m->to_read, sizeof task);
    memcpy(rota_array_at(s->mem, &s->m->to_read, i, sizeof task), &task, sizeof task);
}

/* The queue begins anew in its memory whenever it runs empty. */
uint32_t rota_belief_dequeue(struct rota_master_context *s)
{
    struct rota_master *m = s->m;
    uint32_t task;

    rota_assert(m->to_read_head < m->to_read.length);
    memcpy(&task, rota_array_at(s->mem, &m->to_read, m->to_read_head++, sizeof task), sizeof task);
    if (m->to_read_head == m->to_read.length)
        m->to_read_head = m->to_read.length = 0;
    rota_belief_task(s, task)->read_queued = false;
    return task;
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
    rota_belief_task(s, i - 1)->list_next = 0;
    return i;
}

void rota_belief_decide_again(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    rota_assert(rota_belief_waits(t));
    if (t->undecided)
        return;
    t->undecided = true;
    rota_belief_append(s, &s->m->undecided, task);
}

/* The record stays until the reply: the task counts as one about which a request is under way. */
void rota_belief_finish(struct rota_master_context *s, uint32_t task, enum rota_finish_kind kind,
                        const char *reason)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    rota_ref text;

    rota_assert(t->used && t->worker == 0 && t->state != ROTA_TASK_FINISHING && !t->undecided);
    text = rota_belief_keep(s, t->finish_reason, reason);
    t = rota_belief_task(s, task);
    t->finish_reason = text;
    t->finish = kind;
    t->state = ROTA_TASK_FINISHING;
    t->requests_pending++;
    rota_belief_append(s, &s->m->to_finish, task);
}

/* ---- workers with free slots ---- */

uint32_t rota_belief_free_slots(const struct rota_master_context *s, uint32_t worker)
{
    const struct rota_master_worker *w = rota_belief_worker(s, worker);

    if (!w->used || w->czxid == 0 || !w->assignable || w->unconfirmed || w->exclusive ||
        w->batch_first != 0 || w->drain || w->orders_pending != 0)
        return 0;
    return w->slots > w->held ? w->slots - w->held : 0;
}

void rota_belief_update_open(struct rota_master_context *s, uint32_t worker)
{
    struct rota_master_worker *w = rota_belief_worker(s, worker);
    bool open = rota_belief_free_slots(s, worker) > 0;

    if (open == w->in_open)
        return;
    w->in_open = open;
    if (open) {
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

/* ---- checks ---- */

void rota_belief_check_worker(const struct rota_master_context *s, uint32_t i)
{
    const struct rota_master_worker *w = rota_belief_worker(s, i);

    if (!w->used)
        return;
    rota_assert(w->in_open == (rota_belief_free_slots(s, i) > 0));
    rota_assert(!w->in_open || w->open_prev != 0 || s->m->open_first == i + 1);
    rota_assert(!w->in_open || w->open_next == 0 ||
                rota_belief_worker(s, w->open_next - 1)->open_prev == i + 1);
    rota_assert(!(w->data_wanted || w->list_wanted) || w->in_attention || w->reads_pending > 0);
    rota_assert(w->unconfirmed || !w->data_wanted);
    rota_assert(!w->sweeping || w->sweep_at != 0);
    rota_assert(w->batch_first == 0 || w->orders_pending == 0); /* both use its version */
}

void rota_belief_check_task(const struct rota_master_context *s, uint32_t i)
{
    const struct rota_master_task *t = rota_belief_task(s, i);

    if (!t->used)
        return;
    rota_assert(!t->undecided);
    rota_assert((t->worker != 0) == (t->state == ROTA_TASK_HELD || t->state == ROTA_TASK_PLACING));
    rota_assert(t->worker == 0 || t->lost_worker == 0 || t->state == ROTA_TASK_PLACING);
    rota_assert(t->worker <= s->m->workers.records.length &&
                t->lost_worker <= s->m->workers.records.length);
    rota_assert(t->state != ROTA_TASK_LISTED || t->read_queued);
    rota_assert(t->state != ROTA_TASK_READING || t->requests_pending > 0);
    rota_assert(t->state != ROTA_TASK_FINISHING || t->requests_pending > 0);
}

/* A list of tasks ends at its last one, and all of them are FINISHING. */
static void check_finish_list(const struct rota_master_context *s,
                              const struct rota_task_list *list)
{
    uint32_t length = 0, last = 0;

    for (uint32_t i = list->first; i != 0; i = rota_belief_task(s, i - 1)->list_next) {
        rota_assert(rota_belief_task(s, i - 1)->state == ROTA_TASK_FINISHING);
        length++;
        rota_assert(length <= list->length); /* else the list is a circle */
        last = i;
    }
    rota_assert_equal(length, list->length);
    rota_assert_equal(last, list->last);
}

/* The lists through the workers hold exactly those that say so. */
static void check_worker_lists(const struct rota_master_context *s)
{
    const struct rota_master *m = s->m;
    uint32_t attention = 0, open = 0, orders = 0;

    for (uint32_t i = 0; i < m->workers.records.length; i++) {
        const struct rota_master_worker *w = rota_belief_worker(s, i);

        attention += w->in_attention;
        open += w->in_open;
        orders += w->in_orders;
    }
    for (uint32_t i = m->attention_first; i != 0; attention--) {
        rota_assert(attention > 0 && rota_belief_worker(s, i - 1)->in_attention);
        i = rota_belief_worker(s, i - 1)->attention_next;
    }
    for (uint32_t i = m->open_first; i != 0; open--) {
        rota_assert(open > 0 && rota_belief_worker(s, i - 1)->in_open);
        i = rota_belief_worker(s, i - 1)->open_next;
    }
    for (uint32_t i = m->orders_first; i != 0; orders--) {
        rota_assert(orders > 0 && rota_belief_worker(s, i - 1)->in_orders);
        i = rota_belief_worker(s, i - 1)->orders_next;
    }
    rota_assert(attention == 0 && open == 0 && orders == 0);
}

static void check_workers(const struct rota_master_context *s)
{
    const struct rota_master *m = s->m;
    uint32_t used = 0, alive = 0, unread = 0, to_sweep = 0, held = 0;

    for (uint32_t i = 0; i < m->workers.records.length; i++) {
        const struct rota_master_worker *w = rota_belief_worker(s, i);

        rota_belief_check_worker(s, i);
        if (!w->used)
            continue;
        rota_assert(rota_map_get(s->mem, &m->worker_names, rota_belief_worker_name(s, i)) == i);
        used++;
        alive += w->czxid != 0;
        unread += w->unread;
        to_sweep += w->sweep_at != 0;
        held += w->held;
    }
    rota_slab_check(s->mem, &m->workers, WORKER_BYTES, WORKER_LINK);
    rota_assert_equal(used, m->workers.used);
    rota_assert_equal(used, m->worker_names.length);
    rota_assert_equal(alive, m->workers_alive);
    rota_assert_equal(unread, m->workers_unread);
    rota_assert_equal(to_sweep, m->workers_to_sweep);
    rota_assert_equal(held, m->assigned);
}

static void check_tasks(const struct rota_master_context *s)
{
    const struct rota_master *m = s->m;
    uint32_t used = 0, queued = 0, requests = 0;

    for (uint32_t i = 0; i < m->tasks.records.length; i++) {
        const struct rota_master_task *t = rota_belief_task(s, i);

        rota_belief_check_task(s, i);
        if (!t->used)
            continue;
        rota_assert(rota_map_get(s->mem, &m->task_names, rota_belief_task_name(s, i)) == i);
        used++;
        queued += t->read_queued;
        requests += t->requests_pending;
    }
    rota_slab_check(s->mem, &m->tasks, TASK_BYTES, TASK_LINK);
    rota_assert_equal(used, m->tasks.used);
    rota_assert_equal(used, m->task_names.length);
    rota_assert_equal(queued, m->to_read.length - m->to_read_head);
    rota_assert_equal(requests, m->reads_pending + m->to_finish.length + m->finishing.length);
}

void rota_belief_check(const struct rota_master_context *s)
{
    check_workers(s);
    check_worker_lists(s);
    check_tasks(s);
    check_finish_list(s, &s->m->to_finish);
    check_finish_list(s, &s->m->finishing);
}
