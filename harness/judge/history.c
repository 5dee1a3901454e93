#include "harness/judge/history.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"

void rota_history_init(struct rota_history *h, uint32_t parties)
{
    memset(h, 0, sizeof *h);
    rota_pool_init(&h->pool);
    h->parties = calloc(parties == 0 ? 1 : parties, sizeof *h->parties);
    rota_assert(h->parties != NULL);
    h->party_count = parties;
    for (uint32_t i = 0; i < parties; i++)
        h->parties[i].misfortune = -1;
}

void rota_history_close(struct rota_history *h)
{
    for (uint32_t i = 0; i < h->task_count; i++) {
        free(h->tasks[i].name);
        free(h->tasks[i].own);
        free(h->tasks[i].payload);
        free(h->tasks[i].tags);
        free(h->tasks[i].after);
        free(h->tasks[i].wire);
    }
    free(h->tasks);
    free(h->parties);
    free(h->sessions);
    rota_pool_close(&h->pool);
    memset(h, 0, sizeof *h);
}

static char *copy_text(const char *text)
{
    size_t length = strlen(text) + 1;
    char *to = malloc(length);

    rota_assert(to != NULL);
    memcpy(to, text, length);
    return to;
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
    if (h->task_count == h->task_capacity) {
        h->task_capacity = h->task_capacity == 0 ? 16 : 2 * h->task_capacity;
        h->tasks = realloc(h->tasks, h->task_capacity * sizeof *h->tasks);
        rota_assert(h->tasks != NULL);
    }
    t = &h->tasks[h->task_count];
    memset(t, 0, sizeof *t);
    t->name = copy_text(name);
    t->last_who = ROTA_NOBODY;
    t->status_who = ROTA_NOBODY;
    rota_map_put(&h->pool, &h->names, name, h->task_count);
    return h->task_count++;
}

uint32_t rota_history_want(struct rota_history *h, const char *name, uint32_t client,
                           const struct rota_submit *plan, const char *payload)
{
    uint32_t i = rota_history_task(h, name);
    struct rota_task *t = &h->tasks[i];

    if (t->wanted)
        return i;
    t->wanted = true;
    t->client = client;
    t->plan = *plan;
    t->payload = copy_text(payload);
    t->payload_length = (int32_t)strlen(payload);
    h->unended++;
    h->undone++;
    h->uncollected++;
    h->unnamed += plan->client_names;
    return i;
}

const char *rota_history_own(const struct rota_history *h, const char *name)
{
    uint32_t i = rota_history_find(h, name);

    return i == ROTA_NO_TASK || h->tasks[i].own == NULL ? name : h->tasks[i].own;
}

void rota_history_christen(struct rota_history *h, uint32_t client, const char *own,
                           struct rota_bytes data)
{
    if (h->unnamed == 0 || rota_history_find(h, own) != ROTA_NO_TASK)
        return;
    for (uint32_t i = 0; i < h->task_count; i++) {
        struct rota_task *t = &h->tasks[i];

        if (!t->plan.client_names || t->own != NULL || t->client != client ||
            t->wire_length != data.length ||
            (data.length > 0 && memcmp(t->wire, data.data, (size_t)data.length) != 0))
            continue;
        t->own = copy_text(own);
        rota_map_put(&h->pool, &h->names, own, i);
        h->unnamed--;
        return;
    }
}

void rota_history_give_up(struct rota_history *h, uint32_t task)
{
    struct rota_task *t = &h->tasks[task];

    if (t->given_up || t->collected || t->refused)
        return;
    t->given_up = true;
    h->uncollected--;
}

void rota_history_refuse(struct rota_history *h, uint32_t task)
{
    struct rota_task *t = &h->tasks[task];

    if (!t->wanted || t->refused || t->given_up || t->collected)
        return;
    t->refused = true;
    h->uncollected--;
    if (t->status[0] == '\0')
        h->unended--;
}

static char *copy_bytes(struct rota_bytes bytes)
{
    char *to = malloc(bytes.length > 0 ? (size_t)bytes.length : 1);

    rota_assert(to != NULL && bytes.length >= 0);
    if (bytes.length > 0)
        memcpy(to, bytes.data, (size_t)bytes.length);
    return to;
}

void rota_history_wire(struct rota_history *h, uint32_t task, struct rota_bytes bytes)
{
    h->tasks[task].wire = copy_bytes(bytes);
    h->tasks[task].wire_length = bytes.length;
}

void rota_history_charter(struct rota_history *h, uint32_t task, struct rota_task_terms *charter)
{
    struct rota_task *t = &h->tasks[task];

    free(t->payload);
    free(t->tags);
    free(t->after);
    t->after = charter->after;
    t->payload = charter->payload;
    t->payload_length = (int32_t)charter->payload_length;
    t->tags = charter->tags;
    t->plan.tags = charter->tags;
    t->plan.retries = charter->retries;
    t->plan.losses = charter->losses;
    t->plan.timeout = charter->timeout;
    t->plan.backoff = charter->backoff;
    t->plan.backoff_cap = charter->backoff_cap;
    t->plan.expires = charter->expires;
    t->plan.after = charter->after;
    t->plan.delay = charter->delay;
    t->plan.has_keep = charter->keep >= 0;
    t->plan.keep = charter->keep;
    memcpy(t->plan.fatal, charter->fatal, sizeof t->plan.fatal);
}

void rota_history_status(struct rota_history *h, uint32_t task, const char *state, size_t length)
{
    struct rota_task *t = &h->tasks[task];
    bool was_done = strcmp(t->status, "done") == 0;

    if (t->wanted && t->status[0] == '\0')
        h->unended--;
    if (length >= sizeof t->status)
        length = sizeof t->status - 1;
    memcpy(t->status, state, length);
    t->status[length] = '\0';
    if (t->wanted && !was_done && strcmp(t->status, "done") == 0)
        h->undone--;
}

static struct rota_session_owner *session_at(const struct rota_history *h, int64_t session)
{
    for (uint32_t i = h->session_count; i > 0; i--) {
        if (h->sessions[i - 1].session == session)
            return &h->sessions[i - 1];
    }
    return NULL;
}

uint32_t rota_history_owner(const struct rota_history *h, int64_t session)
{
    const struct rota_session_owner *one = session_at(h, session);

    return one == NULL ? ROTA_NOBODY : one->who;
}

void rota_history_close_session(struct rota_history *h, int64_t session)
{
    struct rota_session_owner *one = session_at(h, session);

    if (one != NULL)
        one->closed = true;
}

bool rota_history_closed(const struct rota_history *h, int64_t session)
{
    const struct rota_session_owner *one = session_at(h, session);

    return one == NULL || one->closed;
}

int64_t rota_history_latest(const struct rota_history *h, uint32_t who)
{
    for (uint32_t i = h->session_count; i > 0; i--) {
        if (h->sessions[i - 1].who == who)
            return h->sessions[i - 1].session;
    }
    return 0;
}

void rota_history_session(struct rota_history *h, int64_t session, uint32_t who)
{
    if (h->session_count == h->session_capacity) {
        h->session_capacity = h->session_capacity == 0 ? 16 : 2 * h->session_capacity;
        h->sessions = realloc(h->sessions, h->session_capacity * sizeof *h->sessions);
        rota_assert(h->sessions != NULL);
    }
    h->sessions[h->session_count++] = (struct rota_session_owner){session, who, false};
}
