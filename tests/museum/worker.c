/* The workers: one run at a time, in the order of assignment. They differ in how they end a task,
 * and where they find its payload. */
#include <string.h>

#include "tests/museum/broken_process.h"
#include "tests/museum/protocols.h"

struct variant {
    enum rota_op ends;       /* the status is created, or set if the master has created it */
    bool removes;            /* it removes the assignment, in a transaction of its own */
    bool has_payload_inside; /* the assignment holds the payload; the status is under /status */
};

enum purpose { REGISTER, PLACE, LIST, ASSIGNMENT, PAYLOAD, STATUS, REMOVE };
enum state { NEW, READING, RUNNING, ENDED };

static const struct variant *variant_of(const struct broken_step *s)
{
    return s->role->variant;
}

static const char *self(const struct broken_step *s)
{
    return s->p->name;
}

static void list(struct broken_step *s)
{
    broken_read(s, LIST, "", ROTA_OP_CHILDREN, rota_outbox_text(s->out, "/assign/%s", self(s)));
}

static void begin(struct broken_step *s)
{
    broken_create(s, REGISTER, "", rota_outbox_text(s->out, "/workers/%s", self(s)), s->p->address,
                  ROTA_MODE_EPHEMERAL);
    broken_create(s, PLACE, "", rota_outbox_text(s->out, "/assign/%s", self(s)), "",
                  ROTA_MODE_PERSISTENT);
    list(s);
}

/* Begins the next task, if no run is under way. */
static void go_on(struct broken_step *s)
{
    for (uint32_t i = 0; i < s->p->tasks.count && s->p->running[0] == '\0'; i++) {
        struct broken_item *t = &s->p->tasks.items[i];

        if (t->state != NEW)
            continue;
        t->state = READING;
        memcpy(s->p->running, t->name, sizeof s->p->running);
        broken_ask(s, ASSIGNMENT, t->name,
                   &(struct rota_operation){
                       .op = ROTA_OP_GET,
                       .path = rota_outbox_text(s->out, "/assign/%s/%s", self(s), t->name)});
    }
}

static void next(struct broken_step *s)
{
    s->p->running[0] = '\0';
    go_on(s);
}

static void run(struct broken_step *s, struct broken_item *t, struct rota_bytes payload)
{
    struct rota_action *a;

    t->state = RUNNING;
    rota_outbox_note(s->out, ROTA_NOTE_RUN, t->name, NULL, 1, t->czxid, 0);
    a = rota_outbox_add(s->out, ROTA_ACTION_RUN);
    a->run.run = ++s->p->run;
    a->run.task = t->name;
    a->run.worker = self(s);
    a->run.attempt = 1;
    a->run.fence = t->czxid;
    a->run.payload = broken_copy(s, payload);
}

static void listed(struct broken_step *s, const struct rota_reply *r)
{
    for (uint32_t i = 0; i < r->child_count; i++)
        broken_add(&s->p->tasks, r->children[i]);
    go_on(s);
}

static void end_task(struct broken_step *s, const char *name)
{
    const char *path = rota_outbox_text(
        s->out, variant_of(s)->has_payload_inside ? "/status/%s" : "/tasks/%s/status", name);

    broken_ask(s, STATUS, name,
               &(struct rota_operation){
                   .op = variant_of(s)->ends, .path = path, .data = {"done", 4}, .version = -1});
}

static void replied(struct broken_step *s, uint32_t purpose, const char *name,
                    const struct rota_reply *r)
{
    struct broken_item *t = broken_find(&s->p->tasks, name);

    switch ((enum purpose)purpose) {
    case REGISTER:
        rota_outbox_note(s->out, ROTA_NOTE_REGISTERED, self(s), NULL, 1, 0, 0);
        break;
    case LIST:
        listed(s, r);
        break;
    case ASSIGNMENT:
        t->czxid = r->stat.czxid;
        if (r->rc != ROTA_ERR_OK)
            next(s);
        else if (variant_of(s)->has_payload_inside)
            run(s, t, r->data);
        else
            broken_ask(s, PAYLOAD, name,
                       &(struct rota_operation){
                           .op = ROTA_OP_GET, .path = rota_outbox_text(s->out, "/tasks/%s", name)});
        break;
    case PAYLOAD:
        if (r->rc == ROTA_ERR_OK)
            run(s, t, r->data);
        else
            next(s);
        break;
    case STATUS:
        if (variant_of(s)->removes)
            broken_delete(s, REMOVE, name,
                          rota_outbox_text(s->out, "/assign/%s/%s", self(s), name));
        next(s);
        break;
    default:
        break;
    }
}

static void watched(struct broken_step *s, const char *path)
{
    (void)path;
    list(s);
}

static void notified(struct broken_step *s, const struct rota_event *event)
{
    struct broken_item *t = broken_find(&s->p->tasks, s->p->running);

    if (event->kind != ROTA_EVENT_FINISHED || event->finished.run != s->p->run || t == NULL)
        return; /* it began in a session that has ended */
    t->state = ENDED;
    rota_outbox_note(s->out, ROTA_NOTE_FINISHED, t->name, "done", 0, 0, 0);
    end_task(s, t->name);
}

static const struct variant python = {ROTA_OP_SET, true, false};
static const struct variant zkcli = {ROTA_OP_CREATE, false, false};
static const struct variant book = {ROTA_OP_CREATE, true, true};

static const struct broken_role python_role = {begin, replied, watched, notified, &python};
static const struct broken_role zkcli_role = {begin, replied, watched, notified, &zkcli};
static const struct broken_role book_role = {begin, replied, watched, notified, &book};

BROKEN_ROLE(museum_python_worker, python_role, worker);
BROKEN_ROLE(museum_zkcli_worker, zkcli_role, worker);
BROKEN_ROLE(museum_book_worker, book_role, worker);
