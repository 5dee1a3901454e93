/* ZooKeeper's lock recipe in C, used as an election. The process with the lowest number leads; each
 * other one watches the number before its own. A request whose connection was lost is tried three
 * times; then the recipe returns, and its return value says that it has the lock. The leader
 * assigns each task that it sees once. */
#include <stdio.h>
#include <string.h>

#include "tests/museum/broken_process.h"
#include "tests/museum/protocols.h"

enum { TRIES = 3 };

enum purpose { DIRECTORY, NUMBER, QUEUE, BEFORE, WORKERS, TASKS, ASSIGN };
enum state { NEW, ASSIGNED };

static void queue(struct broken_step *s)
{
    broken_ask(s, QUEUE, "", &(struct rota_operation){.op = ROTA_OP_CHILDREN, .path = "/lock"});
}

static void begin(struct broken_step *s)
{
    broken_create(s, DIRECTORY, "", "/lock", "", ROTA_MODE_PERSISTENT);
    broken_create(s, NUMBER, "", "/lock/x-", s->p->name, ROTA_MODE_EPHEMERAL_SEQUENTIAL);
}

static void look(struct broken_step *s)
{
    broken_read(s, WORKERS, "", ROTA_OP_CHILDREN, "/workers");
    broken_read(s, TASKS, "", ROTA_OP_CHILDREN, "/tasks");
}

static void lead(struct broken_step *s)
{
    broken_lead(s, true);
    look(s);
}

/* The number just before its own; NULL if its own is the lowest. */
static const char *before(const struct broken_step *s, const struct rota_reply *r)
{
    const char *best = NULL;

    for (uint32_t i = 0; i < r->child_count; i++)
        if (strcmp(r->children[i], broken_last(s->p->own)) < 0 &&
            (best == NULL || strcmp(r->children[i], best) > 0))
            best = r->children[i];
    return best;
}

static void queued(struct broken_step *s, const struct rota_reply *r)
{
    const char *other = before(s, r);

    if (other == NULL) {
        lead(s);
        return;
    }
    rota_outbox_note(s->out, ROTA_NOTE_STANDBY, other, NULL, 0, 0, 0);
    broken_read(s, BEFORE, "", ROTA_OP_EXISTS, rota_outbox_text(s->out, "/lock/%s", other));
}

/* The connection was lost: the recipe tries again, and then says "locked". */
static void lost(struct broken_step *s)
{
    if (++s->p->tries < TRIES)
        queue(s);
    else if (!s->p->leads)
        lead(s);
}

static void tasks_listed(struct broken_step *s, const struct rota_reply *r)
{
    for (uint32_t i = 0; i < r->child_count; i++) {
        struct broken_item *task = broken_add(&s->p->tasks, r->children[i]);
        const struct broken_item *worker = broken_any(s, &s->p->workers);

        if (worker == NULL || task->state == ASSIGNED)
            continue;
        task->state = ASSIGNED;
        rota_outbox_note(s->out, ROTA_NOTE_ASSIGNED, task->name, worker->name, 1, 0, 0);
        broken_create(s, ASSIGN, task->name,
                      rota_outbox_text(s->out, "/assign/%s/%s", worker->name, task->name), "",
                      ROTA_MODE_PERSISTENT);
    }
}

static void replied(struct broken_step *s, uint32_t purpose, const char *name,
                    const struct rota_reply *r)
{
    (void)name;
    switch ((enum purpose)purpose) {
    case NUMBER:
        if (r->rc == ROTA_ERR_OK)
            snprintf(s->p->own, sizeof s->p->own, "%s", r->path);
        queue(s);
        break;
    case QUEUE:
        if (r->rc == ROTA_ERR_OK)
            queued(s, r);
        else
            lost(s);
        break;
    case BEFORE:
        if (r->rc == ROTA_ERR_NO_NODE)
            queue(s);
        else if (r->rc != ROTA_ERR_OK)
            lost(s);
        break;
    case WORKERS:
        broken_list_workers(s, r);
        break;
    case TASKS:
        if (r->rc == ROTA_ERR_OK)
            tasks_listed(s, r);
        else
            look(s);
        break;
    default:
        break;
    }
}

static void watched(struct broken_step *s, const char *path)
{
    if (strncmp(path, "/lock/", 6) == 0)
        queue(s);
    else if (s->p->leads)
        look(s);
}

static const struct broken_role master = {begin, replied, watched, NULL, NULL};

BROKEN_ROLE(museum_lock_master, master, master);
