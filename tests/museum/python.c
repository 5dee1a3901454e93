/* A Python program on kazoo. It gives each task without a status the status "schedule", and then
 * creates the assignment; it may die between the two. It never looks at a lost worker again. It
 * works as a master whether it got the lock or not. */
#include <string.h>

#include "tests/museum/broken_process.h"
#include "tests/museum/protocols.h"

enum purpose { LOCK, WATCH, WORKERS, TASKS, IS_MARKED, MARK, ASSIGN, STATUS, FORGET, REMOVE };

static void take_lock(struct broken_step *s)
{
    broken_create(s, LOCK, "", "/master", s->p->address, ROTA_MODE_EPHEMERAL);
    broken_read(s, WATCH, "", ROTA_OP_EXISTS, "/master");
}

static void begin(struct broken_step *s)
{
    take_lock(s);
    broken_read(s, WORKERS, "", ROTA_OP_CHILDREN, "/workers");
    broken_read(s, TASKS, "", ROTA_OP_CHILDREN, "/tasks");
}

static void tasks_listed(struct broken_step *s, const struct rota_reply *r)
{
    for (uint32_t i = 0; i < r->child_count; i++)
        broken_ask(s, IS_MARKED, r->children[i],
                   &(struct rota_operation){
                       .op = ROTA_OP_GET,
                       .path = rota_outbox_text(s->out, "/tasks/%s/status", r->children[i])});
}

/* A task that has ended is removed, by two transactions. */
static void marked(struct broken_step *s, const char *name, const struct rota_reply *r)
{
    const struct broken_item *worker = broken_any(s, &s->p->workers);

    if (broken_says(r, "done")) {
        broken_delete(s, FORGET, name, rota_outbox_text(s->out, "/tasks/%s/status", name));
        broken_delete(s, REMOVE, name, rota_outbox_text(s->out, "/tasks/%s", name));
    } else if (r->rc == ROTA_ERR_NO_NODE && worker != NULL) {
        memcpy(broken_add(&s->p->tasks, name)->other, worker->name, BROKEN_NAME);
        broken_create(s, MARK, name, rota_outbox_text(s->out, "/tasks/%s/status", name), "schedule",
                      ROTA_MODE_PERSISTENT);
    }
}

static void replied(struct broken_step *s, uint32_t purpose, const char *name,
                    const struct rota_reply *r)
{
    const struct broken_item *t = broken_find(&s->p->tasks, name);

    switch ((enum purpose)purpose) {
    case LOCK:
        broken_lead(s, r->rc == ROTA_ERR_OK);
        break;
    case WORKERS:
        broken_list_workers(s, r);
        break;
    case TASKS:
        tasks_listed(s, r);
        break;
    case IS_MARKED:
        marked(s, name, r);
        break;
    case MARK:
        if (r->rc != ROTA_ERR_OK)
            break;
        rota_outbox_note(s->out, ROTA_NOTE_ASSIGNED, name, t->other, 1, 0, 0);
        broken_create(s, ASSIGN, name, rota_outbox_text(s->out, "/assign/%s/%s", t->other, name),
                      "", ROTA_MODE_PERSISTENT);
        break;
    default:
        break;
    }
}

static void watched(struct broken_step *s, const char *path)
{
    if (strcmp(path, "/master") == 0)
        take_lock(s);
    else if (strcmp(path, "/workers") == 0)
        broken_read(s, WORKERS, "", ROTA_OP_CHILDREN, path);
    else if (strcmp(path, "/tasks") == 0)
        broken_read(s, TASKS, "", ROTA_OP_CHILDREN, path);
}

static const struct broken_role master = {begin, replied, watched, NULL, NULL};

BROKEN_ROLE(museum_python_master, master, master);
