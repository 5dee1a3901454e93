/* The clients: create a task and wait for its status. What differs is where that is. */
#include <string.h>

#include "tests/museum/exhibit.h"
#include "tests/museum/pieces.h"

struct manner {
    bool apart; /* the status is under /status, and the client removes it */
};

enum what { SUBMIT, STATUS, REMOVE };
enum state { NEW, WAITING, REPORTED };

static struct exhibit_path status_of(const struct exhibit *e, const char *name)
{
    const struct manner *manner = e->role->manner;

    return manner->apart ? exhibit_path("/status/%s", name)
                         : exhibit_path("/tasks/%s/status", name);
}

static void act(struct exhibit *e, enum rota_action_kind kind, const struct exhibit_item *t)
{
    struct rota_action a = {.kind = kind};

    a.job.job = t->job;
    a.job.name = t->name;
    a.job.state = "done";
    a.job.reason = "";
    e->host->ops->act(e->host, &a);
}

/* An exists first: it leaves a watch whether the status is there or not. */
static void look(struct exhibit *e, struct exhibit_item *t)
{
    t->state = WAITING;
    exhibit_read(e, STATUS, t->name, ROTA_OP_EXISTS, status_of(e, t->name).text);
    exhibit_read(e, STATUS, t->name, ROTA_OP_GET, status_of(e, t->name).text);
}

static void begin(struct exhibit *e)
{
    for (uint32_t i = 0; i < e->tasks.count; i++)
        look(e, &e->tasks.items[i]);
}

static void replied(struct exhibit *e, uint32_t what, const char *name, const struct rota_reply *r)
{
    struct exhibit_item *t = exhibit_find(&e->tasks, name);

    if (what == SUBMIT && r->rc == ROTA_ERR_OK) {
        exhibit_note(e, ROTA_NOTE_SUBMITTED, name, NULL, 0, 0);
        act(e, ROTA_ACTION_NAMED, t);
        look(e, t);
    } else if (what == STATUS && t->state == WAITING && exhibit_says(r, "done")) {
        t->state = REPORTED;
        exhibit_note(e, ROTA_NOTE_RESULT, name, "done", 0, 0);
        act(e, ROTA_ACTION_RESULT, t);
    }
}

static void watched(struct exhibit *e, const char *path)
{
    for (uint32_t i = 0; i < e->tasks.count; i++)
        if (e->tasks.items[i].state == WAITING &&
            strcmp(status_of(e, e->tasks.items[i].name).text, path) == 0)
            look(e, &e->tasks.items[i]);
}

static void collect(struct exhibit *e, struct exhibit_item *t)
{
    const struct manner *manner = e->role->manner;

    if (manner->apart)
        exhibit_delete(e, REMOVE, t->name, status_of(e, t->name).text);
    exhibit_note(e, ROTA_NOTE_COLLECTED, t->name, NULL, 0, 0);
    act(e, ROTA_ACTION_COLLECTED, t);
}

static void told(struct exhibit *e, const struct rota_event *event)
{
    struct exhibit_item *t;

    if (event->kind == ROTA_EVENT_SUBMIT || event->kind == ROTA_EVENT_WAIT) {
        t = exhibit_add(&e->tasks, event->job.name);
        t->job = event->job.job;
        if (event->kind == ROTA_EVENT_WAIT)
            look(e, t);
        else
            exhibit_ask(e, SUBMIT, t->name,
                        &(struct rota_operation){.op = ROTA_OP_CREATE,
                                                 .path = exhibit_path("/tasks/%s", t->name).text,
                                                 .data = event->job.payload});
        return;
    }
    for (uint32_t i = 0; event->kind == ROTA_EVENT_COLLECT && i < e->tasks.count; i++)
        if (e->tasks.items[i].job == event->job.job)
            collect(e, &e->tasks.items[i]);
}

static const struct manner python = {false};
static const struct manner book = {true};

static const struct exhibit_role python_role = {begin, replied, watched, told, &python};
static const struct exhibit_role book_role = {begin, replied, watched, told, &book};

EXHIBIT_ACTOR(museum_python_client, python_role);
EXHIBIT_ACTOR(museum_book_client, book_role);
