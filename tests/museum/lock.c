/* ZooKeeper's lock recipe in C, as an election. Whoever has the lowest number leads; everybody else
 * watches the number before theirs. A request whose connection was lost is tried three times, and
 * then the recipe returns, and what it returns says that it has the lock. Who leads assigns each
 * task it sees, once. */
#include <string.h>

#include "tests/museum/exhibit.h"
#include "tests/museum/pieces.h"

enum { TRIES = 3 };

enum what { DIRECTORY, NUMBER, QUEUE, BEFORE, WORKERS, TASKS, ASSIGN };
enum state { NEW, ASSIGNED };

static void queue(struct exhibit *e)
{
    exhibit_ask(e, QUEUE, "", &(struct rota_operation){.op = ROTA_OP_CHILDREN, .path = "/lock"});
}

static void begin(struct exhibit *e)
{
    exhibit_create(e, DIRECTORY, "", "/lock", "", ROTA_MODE_PERSISTENT);
    exhibit_create(e, NUMBER, "", "/lock/x-", e->config.master.id, ROTA_MODE_EPHEMERAL_SEQUENTIAL);
}

static void look(struct exhibit *e)
{
    exhibit_read(e, WORKERS, "", ROTA_OP_CHILDREN, "/workers");
    exhibit_read(e, TASKS, "", ROTA_OP_CHILDREN, "/tasks");
}

static void lead(struct exhibit *e)
{
    exhibit_lead(e, true);
    look(e);
}

/* The number just before one's own; NULL if one's own is the lowest. */
static const char *before(const struct exhibit *e, const struct rota_reply *r)
{
    const char *best = NULL;

    for (uint32_t i = 0; i < r->child_count; i++)
        if (strcmp(r->children[i], exhibit_last(e->own)) < 0 &&
            (best == NULL || strcmp(r->children[i], best) > 0))
            best = r->children[i];
    return best;
}

static void queued(struct exhibit *e, const struct rota_reply *r)
{
    const char *other = before(e, r);

    if (other == NULL) {
        lead(e);
        return;
    }
    exhibit_note(e, ROTA_NOTE_STANDBY, other, NULL, 0, 0);
    exhibit_read(e, BEFORE, "", ROTA_OP_EXISTS, exhibit_path("/lock/%s", other).text);
}

/* The connection was lost: the recipe tries again, and then says "locked". */
static void lost(struct exhibit *e)
{
    if (++e->tries < TRIES)
        queue(e);
    else if (!e->leads)
        lead(e);
}

static void tasks_listed(struct exhibit *e, const struct rota_reply *r)
{
    for (uint32_t i = 0; i < r->child_count; i++) {
        struct exhibit_item *task = exhibit_add(&e->tasks, r->children[i]);
        const struct exhibit_item *worker = exhibit_any(e, &e->workers);

        if (worker == NULL || task->state == ASSIGNED)
            continue;
        task->state = ASSIGNED;
        exhibit_note(e, ROTA_NOTE_ASSIGNED, task->name, worker->name, 1, 0);
        exhibit_create(e, ASSIGN, task->name,
                       exhibit_path("/assign/%s/%s", worker->name, task->name).text, "",
                       ROTA_MODE_PERSISTENT);
    }
}

static void replied(struct exhibit *e, uint32_t what, const char *name, const struct rota_reply *r)
{
    (void)name;
    switch ((enum what)what) {
    case NUMBER:
        if (r->rc == ROTA_ERR_OK)
            memcpy(e->own, exhibit_path("%s", r->path).text, sizeof e->own);
        queue(e);
        break;
    case QUEUE:
        if (r->rc == ROTA_ERR_OK)
            queued(e, r);
        else
            lost(e);
        break;
    case BEFORE:
        if (r->rc == ROTA_ERR_NO_NODE)
            queue(e);
        else if (r->rc != ROTA_ERR_OK)
            lost(e);
        break;
    case WORKERS:
        e->workers.count = 0;
        for (uint32_t i = 0; i < r->child_count; i++)
            exhibit_add(&e->workers, r->children[i]);
        break;
    case TASKS:
        if (r->rc == ROTA_ERR_OK)
            tasks_listed(e, r);
        else
            look(e);
        break;
    default:
        break;
    }
}

static void watched(struct exhibit *e, const char *path)
{
    if (strncmp(path, "/lock/", 6) == 0)
        queue(e);
    else if (e->leads)
        look(e);
}

static const struct exhibit_role master = {begin, replied, watched, NULL, NULL};

EXHIBIT_ACTOR(museum_lock_master, master);
