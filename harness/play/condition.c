#include "harness/play/condition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backend_sim/world/world_servers.h"
#include "harness/language/glob.h"
#include "harness/play/targets.h"

enum { DATA_SHOWN = 40 }; /* bytes of a znode's data that a sentence repeats */

static const struct rota_task *task_of(const struct rota_history *h, const char *name)
{
    uint32_t i = rota_history_find(h, name);

    return i == ROTA_NO_TASK ? NULL : &h->tasks[i];
}

static bool has_state(const struct rota_history *h, const char *name, const char *state)
{
    const struct rota_task *t = task_of(h, name);

    return t != NULL && strcmp(t->status, state) == 0;
}

static bool all_done(const struct rota_history *h)
{
    uint32_t wanted = 0;

    if (h->undone > 0)
        return false;
    for (uint32_t i = 0; i < h->task_count && wanted == 0; i++)
        wanted += h->tasks[i].submitted;
    return wanted > 0;
}

static const struct rota_tree *tree_of(const struct rota_world *w)
{
    return rota_server_tree(rota_world_server(w));
}

static int64_t children(const struct rota_world *w, const char *path)
{
    rota_ref node = rota_tree_find(tree_of(w), path);

    return node == 0 ? 0 : (int64_t)rota_tree_node(tree_of(w), node)->children.length;
}

/* Whether this is /tasks/<t>/status, whose first line begins with the final status. */
static bool is_status(const char *path)
{
    return rota_glob_match("/tasks/*/status", path);
}

/* The first line of a status is enough, since a result follows it. */
static bool has_data(const struct rota_world *w, const char *path, const char *text)
{
    rota_ref node = rota_tree_find(tree_of(w), path);
    struct rota_bytes data;

    if (node == 0)
        return false;
    data = rota_tree_data(tree_of(w), node);
    if (is_status(path) && data.length > 0 && strchr(text, '\n') == NULL) {
        const char *end = memchr(data.data, '\n', (size_t)data.length);

        if (end != NULL)
            data.length = (int32_t)(end - (const char *)data.data);
    }
    return data.length >= 0 && (size_t)data.length == strlen(text) &&
           (data.length == 0 || memcmp(data.data, text, (size_t)data.length) == 0);
}

/* -1 if its status begins with an unknown word. */
static int state_of(const struct rota_task *t)
{
    if (t == NULL || !t->exists)
        return ROTA_STATE_ABSENT;
    if (t->has_status)
        return rota_keyword_find(ROTA_KEYWORD_STATE, t->status);
    if (t->assignment_count > 0)
        return t->last_fence == t->assign_zxid && t->last_ended == 0 ? ROTA_STATE_RUNNING
                                                                     : ROTA_STATE_ASSIGNED;
    return t->has_retry ? ROTA_STATE_RETRYING : ROTA_STATE_WAITING;
}

/* The number that the condition compares. */
static int64_t number_of(const struct rota_condition *c, struct rota_world *w,
                         const struct rota_history *h)
{
    const struct rota_task *t;
    int64_t sum = 0;

    switch (c->kind) {
    case ROTA_CONDITION_ATTEMPTS:
        t = task_of(h, c->name);
        return t == NULL ? 0 : t->attempts;
    case ROTA_CONDITION_EXECUTIONS:
        t = task_of(h, c->name);
        return t == NULL ? 0 : t->executions;
    case ROTA_CONDITION_PROGRESS:
        t = task_of(h, c->name);
        return t == NULL ? 0 : t->progress_lines;
    case ROTA_CONDITION_HISTORY:
        t = task_of(h, c->name);
        return t == NULL ? 0 : t->recorded_ends;
    case ROTA_CONDITION_WORKERS:
        return children(w, "/workers");
    case ROTA_CONDITION_CHILDREN:
        return children(w, c->name);
    case ROTA_CONDITION_ZNODES:
        return tree_of(w)->count;
    default:
        break;
    }
    for (uint32_t i = 0; i < rota_world_count(w); i++) {
        if (c->kind == ROTA_CONDITION_LEADERS)
            sum += rota_process_leads(w, h, i);
        else if (rota_who_includes(c->who, i, w, h))
            sum += c->kind == ROTA_CONDITION_REFUSED ? rota_world_process(w, i)->refused
                                                     : h->processes[i].times_assigned;
    }
    return sum;
}

bool rota_condition_holds(const struct rota_condition *c, struct rota_world *w,
                          const struct rota_history *h)
{
    switch (c->kind) {
    case ROTA_CONDITION_LEADER:
        for (uint32_t i = 0; i < rota_world_count(w); i++)
            if (rota_who_includes(c->who, i, w, h))
                return rota_process_leads(w, h, i);
        return false;
    case ROTA_CONDITION_DONE:
        return strcmp(c->name, "all") == 0 ? all_done(h) : has_state(h, c->name, "done");
    case ROTA_CONDITION_FAILED:
        return has_state(h, c->name, "failed");
    case ROTA_CONDITION_DEAD:
        return has_state(h, c->name, "dead");
    case ROTA_CONDITION_CANCELLED:
        return has_state(h, c->name, "cancelled");
    case ROTA_CONDITION_EXPIRED:
        return has_state(h, c->name, "expired");
    case ROTA_CONDITION_SKIPPED:
        return has_state(h, c->name, "skipped");
    case ROTA_CONDITION_STATE:
        return state_of(task_of(h, c->name)) == (int)c->state;
    case ROTA_CONDITION_EXISTS:
        return rota_tree_find(tree_of(w), c->name) != 0;
    case ROTA_CONDITION_MISSING:
        return rota_tree_find(tree_of(w), c->name) == 0;
    case ROTA_CONDITION_DATA:
        return has_data(w, c->name, c->text);
    default:
        return rota_compare(number_of(c, w, h), c->comparison, c->number);
    }
}

static const char *ended_as(const struct rota_task *t)
{
    return t->refused ? "refused" : t->status[0] == '\0' ? "not finished" : t->status;
}

/* How many tasks are not done, and one of them. */
static void describe_undone(const struct rota_history *h, char *text, size_t size)
{
    const struct rota_task *t = h->tasks;
    const struct rota_task *end = t + h->task_count;

    while (t < end && (!t->submitted || strcmp(t->status, "done") == 0))
        t++;
    if (t == end)
        snprintf(text, size, "no task was submitted so far");
    else if (h->undone == 1)
        snprintf(text, size, "%.64s is %s", t->name, ended_as(t));
    else
        snprintf(text, size, "%" PRIu32 " tasks are not done; the first of them, %.64s, is %s",
                 h->undone, t->name, ended_as(t));
}

/* Describes the first line of the data. */
static void describe_data(const struct rota_world *w, const char *path, char *text, size_t size)
{
    rota_ref node = rota_tree_find(tree_of(w), path);
    struct rota_bytes data;
    int shown = 0;

    if (node == 0) {
        snprintf(text, size, "%.64s does not exist", path);
        return;
    }
    data = rota_tree_data(tree_of(w), node);
    while (shown < data.length && shown < DATA_SHOWN && ((const char *)data.data)[shown] >= ' ')
        shown++;
    if (shown > 0 && shown == data.length)
        snprintf(text, size, "%.64s holds \"%.*s\"", path, shown, (const char *)data.data);
    else if (shown > 0)
        snprintf(text, size, "%.64s holds %" PRId32 " bytes, which begin with \"%.*s\"", path,
                 data.length, shown, (const char *)data.data);
    else
        snprintf(text, size, "%.64s holds %" PRId32 " bytes", path,
                 data.length > 0 ? data.length : 0);
}

void rota_condition_describe(const struct rota_condition *c, struct rota_world *w,
                             const struct rota_history *h, char *text, size_t size)
{
    const struct rota_task *t;
    int state;

    switch (c->kind) {
    case ROTA_CONDITION_LEADER:
        for (uint32_t i = 0; i < rota_world_count(w); i++) {
            if (rota_process_leads(w, h, i)) {
                snprintf(text, size, "%s leads", rota_world_process(w, i)->name);
                return;
            }
        }
        snprintf(text, size, "no master leads");
        return;
    case ROTA_CONDITION_DONE:
    case ROTA_CONDITION_FAILED:
    case ROTA_CONDITION_DEAD:
    case ROTA_CONDITION_CANCELLED:
    case ROTA_CONDITION_EXPIRED:
    case ROTA_CONDITION_SKIPPED:
        t = task_of(h, c->name);
        if (t == NULL)
            describe_undone(h, text, size);
        else
            snprintf(text, size, "%s is %s", c->name, ended_as(t));
        return;
    case ROTA_CONDITION_STATE:
        state = state_of(task_of(h, c->name));
        snprintf(text, size, "%s is %s", c->name,
                 state < 0 ? "in an unknown state" : rota_keywords(ROTA_KEYWORD_STATE)[state].word);
        return;
    case ROTA_CONDITION_EXISTS:
        snprintf(text, size, "%s does not exist", c->name);
        return;
    case ROTA_CONDITION_MISSING:
        snprintf(text, size, "%s exists", c->name);
        return;
    case ROTA_CONDITION_DATA:
        describe_data(w, c->name, text, size);
        return;
    default:
        snprintf(text, size, "the number is %" PRId64, number_of(c, w, h));
        return;
    }
}
