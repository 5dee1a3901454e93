/* The clients: they create a task and wait for its status. They differ in where the status is. */
#include <string.h>

#include "tests/museum/broken_process.h"
#include "tests/museum/protocols.h"

struct variant {
    bool status_is_apart; /* the status is under /status, and the client removes it */
};

enum purpose { SUBMIT, STATUS, REMOVE };
enum state { NEW, WAITING, REPORTED };

static const char *status_of(const struct broken_step *s, const char *name)
{
    const struct variant *variant = s->role->variant;

    return rota_outbox_text(s->out, variant->status_is_apart ? "/status/%s" : "/tasks/%s/status",
                            name);
}

static void act(struct broken_step *s, enum rota_action_kind kind, const struct broken_item *t)
{
    struct rota_action *a = rota_outbox_add(s->out, kind);

    a->job.job = t->job;
    a->job.name = t->name;
    a->job.state = "done";
    a->job.reason = "";
}

/* An exists comes first: it leaves a watch whether the status exists or not. */
static void look(struct broken_step *s, struct broken_item *t)
{
    t->state = WAITING;
    broken_read(s, STATUS, t->name, ROTA_OP_EXISTS, status_of(s, t->name));
    broken_read(s, STATUS, t->name, ROTA_OP_GET, status_of(s, t->name));
}

static void begin(struct broken_step *s)
{
    for (uint32_t i = 0; i < s->p->tasks.count; i++)
        look(s, &s->p->tasks.items[i]);
}

static void replied(struct broken_step *s, uint32_t purpose, const char *name,
                    const struct rota_reply *r)
{
    struct broken_item *t = broken_find(&s->p->tasks, name);

    if (purpose == SUBMIT && r->rc == ROTA_ERR_OK) {
        rota_outbox_note(s->out, ROTA_NOTE_SUBMITTED, name, NULL, 0, 0, 0);
        act(s, ROTA_ACTION_NAMED, t);
        look(s, t);
    } else if (purpose == STATUS && t->state == WAITING && broken_says(r, "done")) {
        t->state = REPORTED;
        rota_outbox_note(s->out, ROTA_NOTE_RESULT, name, "done", 0, 0, 0);
        act(s, ROTA_ACTION_RESULT, t);
    }
}

static void watched(struct broken_step *s, const char *path)
{
    for (uint32_t i = 0; i < s->p->tasks.count; i++)
        if (s->p->tasks.items[i].state == WAITING &&
            strcmp(status_of(s, s->p->tasks.items[i].name), path) == 0)
            look(s, &s->p->tasks.items[i]);
}

static void collect(struct broken_step *s, struct broken_item *t)
{
    const struct variant *variant = s->role->variant;

    if (variant->status_is_apart)
        broken_delete(s, REMOVE, t->name, status_of(s, t->name));
    rota_outbox_note(s->out, ROTA_NOTE_COLLECTED, t->name, NULL, 0, 0, 0);
    act(s, ROTA_ACTION_COLLECTED, t);
}

static void notified(struct broken_step *s, const struct rota_event *event)
{
    struct broken_item *t;

    if (event->kind == ROTA_EVENT_SUBMIT || event->kind == ROTA_EVENT_WAIT) {
        t = broken_add(&s->p->tasks, event->job.name);
        t->job = event->job.job;
        if (event->kind == ROTA_EVENT_WAIT)
            look(s, t);
        else
            broken_ask(
                s, SUBMIT, t->name,
                &(struct rota_operation){.op = ROTA_OP_CREATE,
                                         .path = rota_outbox_text(s->out, "/tasks/%s", t->name),
                                         .data = event->job.payload});
        return;
    }
    for (uint32_t i = 0; event->kind == ROTA_EVENT_COLLECT && i < s->p->tasks.count; i++)
        if (s->p->tasks.items[i].job == event->job.job)
            collect(s, &s->p->tasks.items[i]);
}

static const struct variant python = {false};
static const struct variant book = {true};

static const struct broken_role python_role = {begin, replied, watched, notified, &python};
static const struct broken_role book_role = {begin, replied, watched, notified, &book};

BROKEN_ROLE(museum_python_client, python_role, client);
BROKEN_ROLE(museum_book_client, book_role, client);
