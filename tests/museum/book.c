/* A book's masters. A task is read, created again under its worker with its payload, and deleted
 * where it was: three transactions, between which they may die. The one in Java puts what a lost
 * worker held back under /tasks, and the payload is not among what it puts back. The one in C never
 * looks after lost workers, and takes a random number modulo how many workers there are. */
#include <string.h>

#include "tests/museum/exhibit.h"
#include "tests/museum/pieces.h"

enum what {
    LOCK,
    STAND_BY,
    BOOTSTRAP,
    WORKERS,
    TASKS,
    TASK,
    ASSIGN,
    REMOVE,
    PLACES,
    HELD,
    PUT_BACK,
    LET_GO
};

static bool recovers(const struct exhibit *e)
{
    return e->role->manner != NULL;
}

static void begin(struct exhibit *e)
{
    exhibit_create(e, LOCK, "", "/master", e->config.master.id, ROTA_MODE_EPHEMERAL);
}

static void lead(struct exhibit *e)
{
    exhibit_create(e, BOOTSTRAP, "", "/status", "", ROTA_MODE_PERSISTENT);
    exhibit_read(e, WORKERS, "", ROTA_OP_CHILDREN, "/workers");
    exhibit_read(e, TASKS, "", ROTA_OP_CHILDREN, "/tasks");
}

static void workers_listed(struct exhibit *e, const struct rota_reply *r)
{
    e->workers.count = 0;
    for (uint32_t i = 0; i < r->child_count; i++)
        exhibit_add(&e->workers, r->children[i]);
    if (recovers(e))
        exhibit_ask(e, PLACES, "",
                    &(struct rota_operation){.op = ROTA_OP_CHILDREN, .path = "/assign"});
}

/* Who has a place and is no worker any more has left something behind. */
static void places_listed(struct exhibit *e, const struct rota_reply *r)
{
    for (uint32_t i = 0; i < r->child_count; i++)
        if (exhibit_find(&e->workers, r->children[i]) == NULL)
            exhibit_ask(
                e, HELD, r->children[i],
                &(struct rota_operation){.op = ROTA_OP_CHILDREN,
                                         .path = exhibit_path("/assign/%s", r->children[i]).text});
}

static void put_back(struct exhibit *e, const char *worker, const struct rota_reply *r)
{
    struct exhibit_path place = exhibit_path("/assign/%s", worker);

    for (uint32_t i = 0; i < r->child_count; i++) {
        exhibit_create(e, PUT_BACK, "", exhibit_path("/tasks/%s", r->children[i]).text, "",
                       ROTA_MODE_PERSISTENT);
        exhibit_delete(e, LET_GO, "", exhibit_path("%s/%s", place.text, r->children[i]).text);
    }
    exhibit_delete(e, LET_GO, "", place.text);
}

static void task_read(struct exhibit *e, const char *name, const struct rota_reply *r)
{
    const struct exhibit_item *worker = exhibit_any(e, &e->workers);

    if (r->rc != ROTA_ERR_OK)
        return;
    if (worker == NULL) {
        if (!recovers(e))
            exhibit_leave(e, "gives up: a number modulo no workers is a division by zero");
        return;
    }
    exhibit_note(e, ROTA_NOTE_ASSIGNED, name, worker->name, 1, 0);
    exhibit_ask(
        e, ASSIGN, name,
        &(struct rota_operation){.op = ROTA_OP_CREATE,
                                 .path = exhibit_path("/assign/%s/%s", worker->name, name).text,
                                 .data = r->data});
}

static void replied(struct exhibit *e, uint32_t what, const char *name, const struct rota_reply *r)
{
    switch ((enum what)what) {
    case LOCK:
        exhibit_lead(e, r->rc == ROTA_ERR_OK);
        if (e->leads)
            lead(e);
        else
            exhibit_read(e, STAND_BY, "", ROTA_OP_EXISTS, "/master");
        break;
    case WORKERS:
        workers_listed(e, r);
        break;
    case TASKS:
        for (uint32_t i = 0; i < r->child_count; i++)
            exhibit_ask(
                e, TASK, r->children[i],
                &(struct rota_operation){.op = ROTA_OP_GET,
                                         .path = exhibit_path("/tasks/%s", r->children[i]).text});
        break;
    case TASK:
        task_read(e, name, r);
        break;
    case ASSIGN:
        if (r->rc == ROTA_ERR_OK)
            exhibit_delete(e, REMOVE, name, exhibit_path("/tasks/%s", name).text);
        break;
    case PLACES:
        places_listed(e, r);
        break;
    case HELD:
        put_back(e, name, r);
        break;
    default:
        break;
    }
}

static void watched(struct exhibit *e, const char *path)
{
    if (strcmp(path, "/master") == 0)
        begin(e);
    else if (strcmp(path, "/workers") == 0)
        exhibit_read(e, WORKERS, "", ROTA_OP_CHILDREN, path);
    else if (strcmp(path, "/tasks") == 0)
        exhibit_read(e, TASKS, "", ROTA_OP_CHILDREN, path);
}

static const struct exhibit_role java = {begin, replied, watched, NULL, "recovers"};
static const struct exhibit_role c = {begin, replied, watched, NULL, NULL};

EXHIBIT_ACTOR(museum_java_master, java);
EXHIBIT_ACTOR(museum_c_master, c);
