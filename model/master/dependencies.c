#include "model/master/dependencies.h"

#include <stddef.h>
#include <string.h>

#include "model/base/assert.h"

/* A task that depends on the task whose list the edge is in. */
struct edge {
    uint32_t dependent;
    uint32_t generation; /* of the dependent's record */
    uint32_t next;       /* in that list or among the free ones, index + 1 */
};

enum { EDGE_BYTES = sizeof(struct edge), EDGE_LINK = offsetof(struct edge, next) };

static struct edge *edge_at(const struct rota_master_context *s, uint32_t i)
{
    return rota_slab_at(s->mem, &s->m->edges, i, EDGE_BYTES);
}

/* True if the edge's dependent still has to run for the first time. The final status that it waits
 * for must stay readable until then: the process that reads it may be the next master. */
static bool waits(const struct rota_master_context *s, const struct edge *e)
{
    const struct rota_master_task *t = rota_belief_task(s, e->dependent);

    return t->used && t->generation == e->generation && t->attempt == 0 &&
           t->state != ROTA_TASK_HELD && t->state != ROTA_TASK_LEFT && t->state != ROTA_TASK_ENDED;
}

static void give_edge(struct rota_master_context *s, uint32_t i)
{
    rota_slab_give(s->mem, &s->m->edges, i - 1, EDGE_BYTES, EDGE_LINK);
}

bool rota_dependencies_awaited(struct rota_master_context *s, uint32_t task)
{
    uint32_t e = rota_belief_task(s, task)->dependents;

    while (e != 0 && !waits(s, edge_at(s, e - 1))) {
        uint32_t next = edge_at(s, e - 1)->next;

        give_edge(s, e);
        e = next;
    }
    rota_belief_task(s, task)->dependents = e;
    return e != 0;
}

static void add_edge(struct rota_master_context *s, uint32_t task, uint32_t dependent)
{
    uint32_t i = rota_slab_take(s->mem, &s->m->edges, EDGE_BYTES, EDGE_LINK);

    *edge_at(s, i) = (struct edge){dependent, rota_belief_task(s, dependent)->generation,
                                   rota_belief_task(s, task)->dependents};
    rota_belief_task(s, task)->dependents = i + 1;
}

/* The next of the names, one a line, in the outbox's memory. */
static const char *next_name(struct rota_master_context *s, rota_ref names, size_t *at)
{
    const char *text = rota_belief_text(s, names);
    size_t n;
    const char *name;

    if (text[*at] == '\0')
        return NULL;
    n = strcspn(text + *at, "\n");
    name = rota_outbox_text(s->out, "%.*s", (int)n, text + *at);
    *at += n + (text[*at + n] == '\n');
    return name;
}

enum rota_master_final rota_dependencies_ask(struct rota_master_context *s, uint32_t task,
                                             const char **which)
{
    rota_ref names = rota_belief_terms(s, task).after;
    enum rota_master_final final = ROTA_FINAL_DONE;
    size_t at = 0;
    const char *name;

    while ((name = next_name(s, names, &at)) != NULL) {
        uint32_t other = rota_belief_task_named(s, name);

        if (other == task || rota_belief_task(s, other)->final == ROTA_FINAL_NOT_DONE) {
            *which = name;
            return ROTA_FINAL_NOT_DONE;
        }
        if (!rota_belief_task(s, task)->dependencies_linked)
            add_edge(s, other, task);
        if (rota_belief_task(s, other)->final == ROTA_FINAL_DONE)
            continue;
        rota_belief_want_task(s, other);
        if (final == ROTA_FINAL_DONE)
            *which = name;
        final = ROTA_FINAL_UNKNOWN;
    }
    rota_belief_task(s, task)->dependencies_linked = true;
    return final;
}

static void skip(struct rota_master_context *s, uint32_t task, const char *name, const char *state)
{
    const char *reason =
        state == NULL ? rota_outbox_text(s->out, "it depends on %s, which was removed", name)
                      : rota_outbox_text(s->out, "it depends on %s, which is %s", name, state);

    rota_belief_finish(s, task, ROTA_FINISH_SKIPPED, reason);
}

/* The edges of tasks that still have to run stay if the task is done, for its final status must
 * stay, too. A dependent that waits for a time keeps no edge to a task that is not done or was
 * removed: it gets its edges anew when it asks again, or nothing would tell it the answer. */
void rota_dependencies_ended(struct rota_master_context *s, uint32_t task, const char *state)
{
    const char *name = rota_outbox_text(s->out, "%s", rota_belief_task_name(s, task));
    bool done = state != NULL && strcmp(state, "done") == 0;
    uint32_t e = rota_belief_task(s, task)->dependents;

    rota_belief_task(s, task)->dependents = 0;
    for (uint32_t next; e != 0; e = next) {
        struct edge edge = *edge_at(s, e - 1);
        bool blocked =
            waits(s, &edge) && rota_belief_task(s, edge.dependent)->state == ROTA_TASK_BLOCKED;

        next = edge.next;
        if (done && waits(s, &edge)) {
            edge_at(s, e - 1)->next = rota_belief_task(s, task)->dependents;
            rota_belief_task(s, task)->dependents = e;
        } else {
            if (waits(s, &edge))
                rota_belief_task(s, edge.dependent)->dependencies_linked = false;
            give_edge(s, e);
        }
        if (blocked && done)
            rota_belief_decide_again(s, edge.dependent);
        else if (blocked)
            skip(s, edge.dependent, name, state);
    }
}

void rota_dependencies_begun(struct rota_master_context *s, uint32_t task)
{
    size_t at = 0;
    const char *name;

    if (!rota_belief_task(s, task)->dependencies_linked)
        return;
    rota_belief_task(s, task)->dependencies_linked = false;
    while ((name = next_name(s, rota_belief_terms(s, task).after, &at)) != NULL) {
        uint32_t other = rota_map_get(s->mem, &s->m->task_names, name);

        if (other != ROTA_MAP_NONE && rota_belief_task(s, other)->has_collect)
            rota_belief_want_task(s, other);
    }
}

void rota_dependencies_check(const struct rota_master_context *s)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->m->tasks.records.length; i++)
        for (uint32_t e = rota_belief_task(s, i)->dependents; e != 0; e = edge_at(s, e - 1)->next) {
            count++;
            rota_assert(rota_belief_task(s, i)->used && count <= s->m->edges.used);
        }
    rota_assert_equal(count, s->m->edges.used);
    rota_slab_check(s->mem, &s->m->edges, EDGE_BYTES, EDGE_LINK);
}
