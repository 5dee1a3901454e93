#include "model/master/dependencies.h"

#include <string.h>

#include "model/master/tasks.h"

static struct rota_edge *edge_at(const struct rota_master_context *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->m->edges, i, sizeof(struct rota_edge));
}

/* Whether the edge's waiter is still to run for the first time: it must be possible to ask once
 * more how what it comes after has ended, for who asks next may be another master. */
static bool waits(const struct rota_master_context *s, const struct rota_edge *e)
{
    const struct rota_master_task *t = rota_belief_task(s, e->dependent);

    return t->used && t->generation == e->generation && t->attempt == 0 &&
           t->state != ROTA_TASK_HELD && t->state != ROTA_TASK_LEFT && t->state != ROTA_TASK_ENDED;
}

static void give_edge(struct rota_master_context *s, uint32_t i)
{
    edge_at(s, i - 1)->next = s->m->free_edge;
    s->m->free_edge = i;
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

static void add_edge(struct rota_master_context *s, uint32_t awaited, uint32_t waiter)
{
    uint32_t i = s->m->free_edge;

    if (i != 0)
        s->m->free_edge = edge_at(s, i - 1)->next;
    else
        i = rota_array_push(s->mem, &s->m->edges, sizeof(struct rota_edge)) + 1;
    *edge_at(s, i - 1) = (struct rota_edge){waiter, rota_belief_task(s, waiter)->generation,
                                            rota_belief_task(s, awaited)->dependents};
    rota_belief_task(s, awaited)->dependents = i;
}

/* The next of the names, a line each, in the outbox's memory. */
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
    enum rota_master_final end = ROTA_FINAL_DONE;
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
        rota_belief_look(s, other);
        if (end == ROTA_FINAL_DONE)
            *which = name;
        end = ROTA_FINAL_UNKNOWN;
    }
    rota_belief_task(s, task)->dependencies_linked = true;
    return end;
}

void rota_dependencies_ended(struct rota_master_context *s, uint32_t task, const char *state)
{
    const char *name = rota_outbox_text(s->out, "%s", rota_belief_task_name(s, task));
    bool keep = state != NULL && strcmp(state, "done") == 0;
    uint32_t e = rota_belief_task(s, task)->dependents;

    rota_belief_task(s, task)->dependents = 0;
    for (uint32_t next; e != 0; e = next) {
        struct rota_edge edge = *edge_at(s, e - 1);
        bool blocked =
            waits(s, &edge) && rota_belief_task(s, edge.dependent)->state == ROTA_TASK_BLOCKED;

        next = edge.next;
        if (keep && waits(s, &edge)) {
            edge_at(s, e - 1)->next = rota_belief_task(s, task)->dependents;
            rota_belief_task(s, task)->dependents = e;
        } else {
            give_edge(s, e);
        }
        if (blocked)
            rota_tasks_unblock(s, edge.dependent, name, state);
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
            rota_belief_look(s, other);
    }
}
