#include "harness/judge/history.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "system/memory.h"

void rota_history_init(struct rota_history *h, uint32_t process_count)
{
    memset(h, 0, sizeof *h);
    rota_pool_init(&h->pool);
    h->processes = rota_memory_zeroed(process_count, sizeof *h->processes);
    h->process_count = process_count;
    for (uint32_t i = 0; i < process_count; i++)
        h->processes[i].fault_zxid = -1;
}

void rota_history_close(struct rota_history *h)
{
    for (uint32_t i = 0; i < h->task_count; i++) {
        free(h->tasks[i].name);
        free(h->tasks[i].tree_name);
        free(h->tasks[i].payload);
        free(h->tasks[i].tags);
        free(h->tasks[i].after);
        free(h->tasks[i].data);
    }
    free(h->tasks);
    free(h->processes);
    free(h->sessions);
    rota_pool_close(&h->pool);
    memset(h, 0, sizeof *h);
}

uint32_t rota_history_find(const struct rota_history *h, const char *name)
{
    uint32_t i = rota_map_get(&h->pool, &h->names, name);

    return i == ROTA_MAP_NONE ? ROTA_NO_TASK : i;
}

uint32_t rota_history_task(struct rota_history *h, const char *name)
{
    uint32_t i = rota_history_find(h, name);
    struct rota_task *t;

    if (i != ROTA_NO_TASK)
        return i;
    h->tasks = rota_memory_extend(h->tasks, h->task_count, &h->task_capacity, sizeof *h->tasks);
    t = &h->tasks[h->task_count];
    memset(t, 0, sizeof *t);
    t->name = rota_memory_text(name);
    t->last_worker = ROTA_NOBODY;
    t->sent_by = ROTA_NOBODY;
    t->status_author = ROTA_NOBODY;
    rota_map_put(&h->pool, &h->names, name, h->task_count);
    return h->task_count++;
}

uint32_t rota_history_submit(struct rota_history *h, const char *name, uint32_t client,
                             const struct rota_submit *plan, const char *payload)
{
    uint32_t i = rota_history_task(h, name);
    struct rota_task *t = &h->tasks[i];

    if (t->submitted)
        return i;
    t->submitted = true;
    t->client = client;
    t->plan = *plan;
    t->payload = rota_memory_text(payload);
    t->payload_length = (int32_t)strlen(payload);
    h->unended++;
    h->undone++;
    h->uncollected++;
    h->unnamed += plan->client_names;
    return i;
}

const char *rota_history_tree_name(const struct rota_history *h, const char *name)
{
    uint32_t i = rota_history_find(h, name);

    return i == ROTA_NO_TASK || h->tasks[i].tree_name == NULL ? name : h->tasks[i].tree_name;
}

void rota_history_learn_name(struct rota_history *h, uint32_t client, const char *tree_name,
                             struct rota_bytes data)
{
    if (h->unnamed == 0 || rota_history_find(h, tree_name) != ROTA_NO_TASK)
        return;
    for (uint32_t i = 0; i < h->task_count; i++) {
        struct rota_task *t = &h->tasks[i];

        if (!t->plan.client_names || t->tree_name != NULL || t->client != client ||
            t->data_length != data.length ||
            (data.length > 0 && memcmp(t->data, data.data, (size_t)data.length) != 0))
            continue;
        t->tree_name = rota_memory_text(tree_name);
        rota_map_put(&h->pool, &h->names, tree_name, i);
        h->unnamed--;
        return;
    }
}

void rota_history_abandon(struct rota_history *h, uint32_t task)
{
    struct rota_task *t = &h->tasks[task];

    rota_assert(task < h->task_count);
    if (t->abandoned || t->collected || t->refused)
        return;
    t->abandoned = true;
    h->uncollected--;
}

void rota_history_refuse(struct rota_history *h, uint32_t task)
{
    struct rota_task *t = &h->tasks[task];

    rota_assert(task < h->task_count);
    if (!t->submitted || t->refused || t->abandoned || t->collected)
        return;
    t->refused = true;
    h->uncollected--;
    if (t->status[0] == '\0')
        h->unended--;
}

void rota_history_set_data(struct rota_history *h, uint32_t task, struct rota_bytes bytes)
{
    rota_assert(bytes.length >= 0 && h->tasks[task].data == NULL);
    h->tasks[task].data = rota_memory_copy(bytes.data, (size_t)bytes.length);
    h->tasks[task].data_length = bytes.length;
}

void rota_history_set_terms(struct rota_history *h, uint32_t task, struct rota_task_terms *terms)
{
    struct rota_task *t = &h->tasks[task];

    free(t->payload);
    free(t->tags);
    free(t->after);
    t->after = terms->after;
    t->payload = terms->payload;
    t->payload_length = (int32_t)terms->payload_length;
    t->tags = terms->tags;
    t->plan.tags = terms->tags;
    t->plan.retries = terms->retries;
    t->plan.losses = terms->losses;
    t->plan.timeout = terms->timeout;
    t->plan.backoff = terms->backoff;
    t->plan.backoff_cap = terms->backoff_cap;
    t->plan.expires = terms->expires;
    t->plan.after = terms->after;
    t->plan.delay = terms->delay;
    t->plan.has_keep = terms->keep >= 0;
    t->plan.keep = terms->keep;
    memcpy(t->plan.fatal, terms->fatal, sizeof t->plan.fatal);
}

void rota_history_status(struct rota_history *h, uint32_t task, const char *state, size_t length)
{
    struct rota_task *t = &h->tasks[task];
    bool was_done = strcmp(t->status, "done") == 0;

    rota_assert(task < h->task_count);
    if (t->submitted && t->status[0] == '\0')
        h->unended--;
    if (length >= sizeof t->status)
        length = sizeof t->status - 1;
    memcpy(t->status, state, length);
    t->status[length] = '\0';
    if (t->submitted && !was_done && strcmp(t->status, "done") == 0)
        h->undone--;
}

static struct rota_history_session *session_at(const struct rota_history *h, int64_t session)
{
    for (uint32_t i = h->session_count; i > 0; i--)
        if (h->sessions[i - 1].session == session)
            return &h->sessions[i - 1];
    return NULL;
}

uint32_t rota_history_owner(const struct rota_history *h, int64_t session)
{
    const struct rota_history_session *one = session_at(h, session);

    return one == NULL ? ROTA_NOBODY : one->who;
}

void rota_history_close_session(struct rota_history *h, int64_t session)
{
    struct rota_history_session *one = session_at(h, session);

    if (one != NULL)
        one->closed = true;
}

bool rota_history_session_closed(const struct rota_history *h, int64_t session)
{
    const struct rota_history_session *one = session_at(h, session);

    return one == NULL || one->closed;
}

int64_t rota_history_latest_session(const struct rota_history *h, uint32_t who)
{
    for (uint32_t i = h->session_count; i > 0; i--)
        if (h->sessions[i - 1].who == who)
            return h->sessions[i - 1].session;
    return 0;
}

void rota_history_open_session(struct rota_history *h, int64_t session, uint32_t who)
{
    h->sessions = rota_memory_extend(h->sessions, h->session_count, &h->session_capacity,
                                     sizeof *h->sessions);
    h->sessions[h->session_count++] = (struct rota_history_session){session, who, false};
}
