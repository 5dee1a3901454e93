/* The commands of a person who acts as the master in a zkCli, automated: at each event both lists
 * are read, and all tasks are assigned, whether they are assigned already or not, and whether a
 * worker is free or not. */
#include <string.h>

#include "tests/museum/broken_process.h"
#include "tests/museum/protocols.h"

enum purpose { LOCK, STAND_BY, WORKERS, TASKS, ASSIGN };

static void begin(struct broken_step *s)
{
    broken_create(s, LOCK, "", "/master", s->p->name, ROTA_MODE_EPHEMERAL);
}

static void look(struct broken_step *s)
{
    broken_read(s, WORKERS, "", ROTA_OP_CHILDREN, "/workers");
    broken_read(s, TASKS, "", ROTA_OP_CHILDREN, "/tasks");
}

static void assign(struct broken_step *s, const char *task)
{
    const struct broken_item *worker = broken_any(s, &s->p->workers);

    if (worker == NULL)
        return;
    rota_outbox_note(s->out, ROTA_NOTE_ASSIGNED, task, worker->name, 1, 0, 0);
    broken_create(s, ASSIGN, task, rota_outbox_text(s->out, "/assign/%s/%s", worker->name, task),
                  "", ROTA_MODE_PERSISTENT);
}

static void replied(struct broken_step *s, uint32_t purpose, const char *name,
                    const struct rota_reply *r)
{
    (void)name;
    switch ((enum purpose)purpose) {
    case LOCK:
        broken_lead(s, r->rc == ROTA_ERR_OK);
        if (s->p->leads)
            look(s);
        else
            broken_read(s, STAND_BY, "", ROTA_OP_EXISTS, "/master");
        break;
    case WORKERS:
        broken_list_workers(s, r);
        break;
    case TASKS:
        for (uint32_t i = 0; i < r->child_count; i++)
            assign(s, r->children[i]);
        break;
    default:
        break;
    }
}

static void watched(struct broken_step *s, const char *path)
{
    if (strcmp(path, "/master") == 0)
        begin(s);
    else if (s->p->leads)
        look(s);
}

static const struct broken_role master = {begin, replied, watched, NULL, NULL};

BROKEN_ROLE(museum_zkcli_master, master, master);
