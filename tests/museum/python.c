/* A Python program on kazoo. It gives each task that has no status the status "schedule", and then
 * creates the assignment: between the two it may die. It never looks at a worker again that is
 * gone. And it goes to work whether it got the lock or not. */
#include <string.h>

#include "tests/museum/exhibit.h"
#include "tests/museum/pieces.h"

enum what { LOCK, WATCH, WORKERS, TASKS, IS_MARKED, MARK, ASSIGN, STATUS, FORGET, REMOVE };

static void take_lock(struct exhibit *e)
{
    exhibit_create(e, LOCK, "", "/master", e->config.master.address, ROTA_MODE_EPHEMERAL);
    exhibit_read(e, WATCH, "", ROTA_OP_EXISTS, "/master");
}

static void begin(struct exhibit *e)
{
    take_lock(e);
    exhibit_read(e, WORKERS, "", ROTA_OP_CHILDREN, "/workers");
    exhibit_read(e, TASKS, "", ROTA_OP_CHILDREN, "/tasks");
}

static void workers_listed(struct exhibit *e, const struct rota_reply *r)
{
    e->workers.count = 0;
    for (uint32_t i = 0; i < r->child_count; i++)
        exhibit_add(&e->workers, r->children[i]);
}

static void tasks_listed(struct exhibit *e, const struct rota_reply *r)
{
    for (uint32_t i = 0; i < r->child_count; i++)
        exhibit_ask(
            e, IS_MARKED, r->children[i],
            &(struct rota_operation){
                .op = ROTA_OP_GET, .path = exhibit_path("/tasks/%s/status", r->children[i]).text});
}

/* One that has ended is removed, by two transactions. */
static void marked(struct exhibit *e, const char *name, const struct rota_reply *r)
{
    const struct exhibit_item *worker = exhibit_any(e, &e->workers);

    if (exhibit_says(r, "done")) {
        exhibit_delete(e, FORGET, name, exhibit_path("/tasks/%s/status", name).text);
        exhibit_delete(e, REMOVE, name, exhibit_path("/tasks/%s", name).text);
    } else if (r->rc == ROTA_ERR_NO_NODE && worker != NULL) {
        memcpy(exhibit_add(&e->tasks, name)->other, worker->name, EXHIBIT_NAME);
        exhibit_create(e, MARK, name, exhibit_path("/tasks/%s/status", name).text, "schedule",
                       ROTA_MODE_PERSISTENT);
    }
}

static void replied(struct exhibit *e, uint32_t what, const char *name, const struct rota_reply *r)
{
    const struct exhibit_item *t = exhibit_find(&e->tasks, name);

    switch ((enum what)what) {
    case LOCK:
        exhibit_lead(e, r->rc == ROTA_ERR_OK);
        break;
    case WORKERS:
        workers_listed(e, r);
        break;
    case TASKS:
        tasks_listed(e, r);
        break;
    case IS_MARKED:
        marked(e, name, r);
        break;
    case MARK:
        if (r->rc != ROTA_ERR_OK)
            break;
        exhibit_note(e, ROTA_NOTE_ASSIGNED, name, t->other, 1, 0);
        exhibit_create(e, ASSIGN, name, exhibit_path("/assign/%s/%s", t->other, name).text, "",
                       ROTA_MODE_PERSISTENT);
        break;
    default:
        break;
    }
}

static void watched(struct exhibit *e, const char *path)
{
    if (strcmp(path, "/master") == 0)
        take_lock(e);
    else if (strcmp(path, "/workers") == 0)
        exhibit_read(e, WORKERS, "", ROTA_OP_CHILDREN, path);
    else if (strcmp(path, "/tasks") == 0)
        exhibit_read(e, TASKS, "", ROTA_OP_CHILDREN, path);
}

static const struct exhibit_role master = {begin, replied, watched, NULL, NULL};

EXHIBIT_ACTOR(museum_python_master, master);
