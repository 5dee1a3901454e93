/* What a person types who is master in a zkCli, automated: at each event both lists are read, and
 * all tasks assigned; whether one is assigned already, and whether a worker is free, is ignored. */
#include <string.h>

#include "tests/museum/exhibit.h"
#include "tests/museum/pieces.h"

enum what { LOCK, STAND_BY, WORKERS, TASKS, ASSIGN };

static void begin(struct exhibit *e)
{
    exhibit_create(e, LOCK, "", "/master", e->config.master.id, ROTA_MODE_EPHEMERAL);
}

static void look(struct exhibit *e)
{
    exhibit_read(e, WORKERS, "", ROTA_OP_CHILDREN, "/workers");
    exhibit_read(e, TASKS, "", ROTA_OP_CHILDREN, "/tasks");
}

static void assign(struct exhibit *e, const char *task)
{
    const struct exhibit_item *worker = exhibit_any(e, &e->workers);

    if (worker == NULL)
        return;
    exhibit_note(e, ROTA_NOTE_ASSIGNED, task, worker->name, 1, 0);
    exhibit_create(e, ASSIGN, task, exhibit_path("/assign/%s/%s", worker->name, task).text, "",
                   ROTA_MODE_PERSISTENT);
}

static void replied(struct exhibit *e, uint32_t what, const char *name, const struct rota_reply *r)
{
    (void)name;
    switch ((enum what)what) {
    case LOCK:
        exhibit_lead(e, r->rc == ROTA_ERR_OK);
        if (e->leads)
            look(e);
        else
            exhibit_read(e, STAND_BY, "", ROTA_OP_EXISTS, "/master");
        break;
    case WORKERS:
        e->workers.count = 0;
        for (uint32_t i = 0; i < r->child_count; i++)
            exhibit_add(&e->workers, r->children[i]);
        break;
    case TASKS:
        for (uint32_t i = 0; i < r->child_count; i++)
            assign(e, r->children[i]);
        break;
    default:
        break;
    }
}

static void watched(struct exhibit *e, const char *path)
{
    if (strcmp(path, "/master") == 0)
        begin(e);
    else if (e->leads)
        look(e);
}

static const struct exhibit_role master = {begin, replied, watched, NULL, NULL};

EXHIBIT_ACTOR(museum_zkcli_master, master);
