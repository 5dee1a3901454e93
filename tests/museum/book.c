/* A book's masters. They read a task, create it again under its worker, with its payload, and
 * delete the original: three transactions, and they may die between two of them. The one in Java
 * puts the tasks of a lost worker back under /tasks, but not their payload. The one in C never
 * cares for lost workers, and takes a random number modulo the number of workers. */
#include <string.h>

#include "tests/museum/broken_process.h"
#include "tests/museum/protocols.h"

enum purpose {
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

static bool recovers(const struct broken_step *s)
{
    return s->role->variant != NULL;
}

static void begin(struct broken_step *s)
{
    broken_create(s, LOCK, "", "/master", s->p->name, ROTA_MODE_EPHEMERAL);
}

static void lead(struct broken_step *s)
{
    broken_create(s, BOOTSTRAP, "", "/status", "", ROTA_MODE_PERSISTENT);
    broken_read(s, WORKERS, "", ROTA_OP_CHILDREN, "/workers");
    broken_read(s, TASKS, "", ROTA_OP_CHILDREN, "/tasks");
}

static void workers_listed(struct broken_step *s, const struct rota_reply *r)
{
    broken_list_workers(s, r);
    if (recovers(s))
        broken_ask(s, PLACES, "",
                   &(struct rota_operation){.op = ROTA_OP_CHILDREN, .path = "/assign"});
}

/* An entry under /assign without a worker belongs to a lost one. */
static void places_listed(struct broken_step *s, const struct rota_reply *r)
{
    for (uint32_t i = 0; i < r->child_count; i++)
        if (broken_find(&s->p->workers, r->children[i]) == NULL)
            broken_ask(s, HELD, r->children[i],
                       &(struct rota_operation){
                           .op = ROTA_OP_CHILDREN,
                           .path = rota_outbox_text(s->out, "/assign/%s", r->children[i])});
}

static void put_back(struct broken_step *s, const char *worker, const struct rota_reply *r)
{
    const char *place = rota_outbox_text(s->out, "/assign/%s", worker);

    for (uint32_t i = 0; i < r->child_count; i++) {
        broken_create(s, PUT_BACK, "", rota_outbox_text(s->out, "/tasks/%s", r->children[i]), "",
                      ROTA_MODE_PERSISTENT);
        broken_delete(s, LET_GO, "", rota_outbox_text(s->out, "%s/%s", place, r->children[i]));
    }
    broken_delete(s, LET_GO, "", place);
}

static void task_read(struct broken_step *s, const char *name, const struct rota_reply *r)
{
    const struct broken_item *worker = broken_any(s, &s->p->workers);

    if (r->rc != ROTA_ERR_OK)
        return;
    if (worker == NULL) {
        if (!recovers(s))
            broken_leave(s, "gives up: a number modulo no workers is a division by zero");
        return;
    }
    rota_outbox_note(s->out, ROTA_NOTE_ASSIGNED, name, worker->name, 1, 0, 0);
    broken_ask(s, ASSIGN, name,
               &(struct rota_operation){
                   .op = ROTA_OP_CREATE,
                   .path = rota_outbox_text(s->out, "/assign/%s/%s", worker->name, name),
                   .data = r->data});
}

static void replied(struct broken_step *s, uint32_t purpose, const char *name,
                    const struct rota_reply *r)
{
    switch ((enum purpose)purpose) {
    case LOCK:
        broken_lead(s, r->rc == ROTA_ERR_OK);
        if (s->p->leads)
            lead(s);
        else
            broken_read(s, STAND_BY, "", ROTA_OP_EXISTS, "/master");
        break;
    case WORKERS:
        workers_listed(s, r);
        break;
    case TASKS:
        for (uint32_t i = 0; i < r->child_count; i++)
            broken_ask(s, TASK, r->children[i],
                       &(struct rota_operation){
                           .op = ROTA_OP_GET,
                           .path = rota_outbox_text(s->out, "/tasks/%s", r->children[i])});
        break;
    case TASK:
        task_read(s, name, r);
        break;
    case ASSIGN:
        if (r->rc == ROTA_ERR_OK)
            broken_delete(s, REMOVE, name, rota_outbox_text(s->out, "/tasks/%s", name));
        break;
    case PLACES:
        places_listed(s, r);
        break;
    case HELD:
        put_back(s, name, r);
        break;
    default:
        break;
    }
}

static void watched(struct broken_step *s, const char *path)
{
    if (strcmp(path, "/master") == 0)
        begin(s);
    else if (strcmp(path, "/workers") == 0)
        broken_read(s, WORKERS, "", ROTA_OP_CHILDREN, path);
    else if (strcmp(path, "/tasks") == 0)
        broken_read(s, TASKS, "", ROTA_OP_CHILDREN, path);
}

static const struct broken_role java = {begin, replied, watched, NULL, "recovers"};
static const struct broken_role c = {begin, replied, watched, NULL, NULL};

BROKEN_ROLE(museum_java_master, java, master);
BROKEN_ROLE(museum_c_master, c, master);
