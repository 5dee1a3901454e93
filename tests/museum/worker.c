/* The workers: one run at a time, in the order of assignment. What differs is how they end a task,
 * and where they find its payload. */
#include <string.h>

#include "tests/museum/exhibit.h"
#include "tests/museum/pieces.h"

struct manner {
    enum rota_op ends;    /* the status is created, or set where the master has made it */
    bool removes;         /* the assignment, in a transaction of its own */
    bool payload_is_here; /* in the assignment, and the status is under /status */
};

enum what { REGISTER, PLACE, LIST, ASSIGNMENT, PAYLOAD, STATUS, REMOVE };
enum state { NEW, READING, RUNNING, ENDED };

static const struct manner *manner_of(const struct exhibit *e)
{
    return e->role->manner;
}

static const char *self(const struct exhibit *e)
{
    return e->config.worker.name;
}

static void list(struct exhibit *e)
{
    exhibit_read(e, LIST, "", ROTA_OP_CHILDREN, exhibit_path("/assign/%s", self(e)).text);
}

static void begin(struct exhibit *e)
{
    exhibit_create(e, REGISTER, "", exhibit_path("/workers/%s", self(e)).text,
                   e->config.worker.address, ROTA_MODE_EPHEMERAL);
    exhibit_create(e, PLACE, "", exhibit_path("/assign/%s", self(e)).text, "",
                   ROTA_MODE_PERSISTENT);
    list(e);
}

/* The next one, if none is under way. */
static void go_on(struct exhibit *e)
{
    for (uint32_t i = 0; i < e->tasks.count && e->running[0] == '\0'; i++) {
        struct exhibit_item *t = &e->tasks.items[i];

        if (t->state != NEW)
            continue;
        t->state = READING;
        memcpy(e->running, t->name, sizeof e->running);
        exhibit_ask(
            e, ASSIGNMENT, t->name,
            &(struct rota_operation){.op = ROTA_OP_GET,
                                     .path = exhibit_path("/assign/%s/%s", self(e), t->name).text});
    }
}

static void next(struct exhibit *e)
{
    e->running[0] = '\0';
    go_on(e);
}

static void run(struct exhibit *e, struct exhibit_item *t, struct rota_bytes payload)
{
    struct rota_action a = {.kind = ROTA_ACTION_RUN};

    t->state = RUNNING;
    a.run.run = ++e->run;
    a.run.task = t->name;
    a.run.worker = self(e);
    a.run.attempt = 1;
    a.run.fence = t->czxid;
    a.run.payload = payload;
    exhibit_note(e, ROTA_NOTE_RUN, t->name, NULL, 1, t->czxid);
    e->host->ops->act(e->host, &a);
}

static void listed(struct exhibit *e, const struct rota_reply *r)
{
    for (uint32_t i = 0; i < r->child_count; i++)
        exhibit_add(&e->tasks, r->children[i]);
    go_on(e);
}

static void end_task(struct exhibit *e, const char *name)
{
    struct exhibit_path path = manner_of(e)->payload_is_here
                                   ? exhibit_path("/status/%s", name)
                                   : exhibit_path("/tasks/%s/status", name);

    exhibit_ask(
        e, STATUS, name,
        &(struct rota_operation){
            .op = manner_of(e)->ends, .path = path.text, .data = {"done", 4}, .version = -1});
}

static void replied(struct exhibit *e, uint32_t what, const char *name, const struct rota_reply *r)
{
    struct exhibit_item *t = exhibit_find(&e->tasks, name);

    switch ((enum what)what) {
    case REGISTER:
        exhibit_note(e, ROTA_NOTE_REGISTERED, self(e), NULL, 1, 0);
        break;
    case LIST:
        listed(e, r);
        break;
    case ASSIGNMENT:
        t->czxid = r->stat.czxid;
        if (r->rc != ROTA_ERR_OK)
            next(e);
        else if (manner_of(e)->payload_is_here)
            run(e, t, r->data);
        else
            exhibit_ask(e, PAYLOAD, name,
                        &(struct rota_operation){.op = ROTA_OP_GET,
                                                 .path = exhibit_path("/tasks/%s", name).text});
        break;
    case PAYLOAD:
        if (r->rc == ROTA_ERR_OK)
            run(e, t, r->data);
        else
            next(e);
        break;
    case STATUS:
        if (manner_of(e)->removes)
            exhibit_delete(e, REMOVE, name, exhibit_path("/assign/%s/%s", self(e), name).text);
        next(e);
        break;
    default:
        break;
    }
}

static void watched(struct exhibit *e, const char *path)
{
    (void)path;
    list(e);
}

static void told(struct exhibit *e, const struct rota_event *event)
{
    struct exhibit_item *t = exhibit_find(&e->tasks, e->running);

    if (event->kind != ROTA_EVENT_FINISHED || event->finished.run != e->run || t == NULL)
        return; /* of a session that is over */
    t->state = ENDED;
    exhibit_note(e, ROTA_NOTE_FINISHED, t->name, "done", 0, 0);
    end_task(e, t->name);
}

static const struct manner python = {ROTA_OP_SET, true, false};
static const struct manner zkcli = {ROTA_OP_CREATE, false, false};
static const struct manner book = {ROTA_OP_CREATE, true, true};

static const struct exhibit_role python_role = {begin, replied, watched, told, &python};
static const struct exhibit_role zkcli_role = {begin, replied, watched, told, &zkcli};
static const struct exhibit_role book_role = {begin, replied, watched, told, &book};

EXHIBIT_ACTOR(museum_python_worker, python_role);
EXHIBIT_ACTOR(museum_zkcli_worker, zkcli_role);
EXHIBIT_ACTOR(museum_book_worker, book_role);
