#include "tests/museum/broken_process.h"

#include <stdio.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/seam/exit.h"

const char *broken_last(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* ---- names ---- */

static void put_name(char name[BROKEN_NAME], const char *text)
{
    rota_assert(strlen(text) < BROKEN_NAME);
    memset(name, 0, BROKEN_NAME);
    memcpy(name, text, strlen(text));
}

struct broken_item *broken_find(struct broken_list *list, const char *name)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}

struct broken_item *broken_add(struct broken_list *list, const char *name)
{
    struct broken_item *item = broken_find(list, name);

    if (item != NULL)
        return item;
    rota_assert(list->count < BROKEN_ITEMS);
    item = &list->items[list->count++];
    *item = (struct broken_item){0};
    put_name(item->name, name);
    return item;
}

/* splitmix64 */
static uint64_t random_number(struct broken_process *p)
{
    uint64_t z = p->chance += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

struct broken_item *broken_any(struct broken_step *s, struct broken_list *list)
{
    return list->count == 0 ? NULL : &list->items[random_number(s->p) % list->count];
}

void broken_list_workers(struct broken_step *s, const struct rota_reply *r)
{
    s->p->workers.count = 0;
    for (uint32_t i = 0; i < r->child_count; i++)
        broken_add(&s->p->workers, r->children[i]);
}

bool broken_says(const struct rota_reply *r, const char *text)
{
    return r->rc == ROTA_ERR_OK && r->data.length == (int32_t)strlen(text) &&
           memcmp(r->data.data, text, strlen(text)) == 0;
}

/* ---- requests ---- */

/* The tag of a request holds its purpose and where its name is in one of the two lists. */
enum { NAMELESS = 0xffff, OF_WORKERS = 0x8000 };

static uint64_t tag_of(struct broken_process *p, uint32_t purpose, const char *name)
{
    const struct broken_item *worker = broken_find(&p->workers, name);
    uint64_t index = NAMELESS;

    if (worker != NULL)
        index = OF_WORKERS | (uint64_t)(worker - p->workers.items);
    else if (name[0] != '\0')
        index = (uint64_t)(broken_add(&p->tasks, name) - p->tasks.items);
    return (uint64_t)purpose << 32 | index;
}

static const char *name_of(const struct broken_process *p, uint64_t tag)
{
    uint32_t index = (uint32_t)tag & 0xffff;

    if (index == NAMELESS)
        return "";
    if ((index & OF_WORKERS) != 0)
        return p->workers.items[index & ~(uint32_t)OF_WORKERS].name;
    return p->tasks.items[index].name;
}

struct rota_bytes broken_copy(struct broken_step *s, struct rota_bytes bytes)
{
    void *copy;

    if (bytes.data == NULL || bytes.length <= 0)
        return bytes;
    copy = rota_outbox_take(s->out, (size_t)bytes.length);
    memcpy(copy, bytes.data, (size_t)bytes.length);
    return (struct rota_bytes){copy, bytes.length};
}

void broken_ask(struct broken_step *s, uint32_t purpose, const char *name,
                const struct rota_operation *operation)
{
    struct rota_request *request = &rota_outbox_add(s->out, ROTA_ACTION_REQUEST)->request;

    request->tag = tag_of(s->p, purpose, name);
    request->operation = *operation;
    request->operation.path = rota_outbox_text(s->out, "%s", operation->path);
    request->operation.data = broken_copy(s, operation->data);
}

void broken_read(struct broken_step *s, uint32_t purpose, const char *name, enum rota_op op,
                 const char *path)
{
    broken_ask(s, purpose, name, &(struct rota_operation){.op = op, .path = path, .watch = true});
}

void broken_create(struct broken_step *s, uint32_t purpose, const char *name, const char *path,
                   const char *data, enum rota_mode mode)
{
    broken_ask(s, purpose, name,
               &(struct rota_operation){.op = ROTA_OP_CREATE,
                                        .path = path,
                                        .data = {data, (int32_t)strlen(data)},
                                        .mode = mode});
}

void broken_delete(struct broken_step *s, uint32_t purpose, const char *name, const char *path)
{
    broken_ask(s, purpose, name,
               &(struct rota_operation){.op = ROTA_OP_DELETE, .path = path, .version = -1});
}

/* ---- notes and exit ---- */

void broken_lead(struct broken_step *s, bool leads)
{
    s->p->leads = leads;
    rota_outbox_note(s->out, leads ? ROTA_NOTE_ELECTED : ROTA_NOTE_STANDBY, "another process", NULL,
                     0, 0, 0);
}

void broken_leave(struct broken_step *s, const char *sentence)
{
    rota_outbox_note(s->out, ROTA_NOTE_FAULT, sentence, NULL, 0, 0, 0);
    rota_exit_add(s->out, ROTA_EXIT_FAILED, sentence);
}

/* ---- a process's life ---- */

void broken_init_master(void *state, const void *config, uint64_t seed)
{
    const struct rota_master_config *master = config;
    struct broken_process *p = state;

    p->chance = seed;
    snprintf(p->name, sizeof p->name, "%s", master->id);
    snprintf(p->address, sizeof p->address, "%s", master->address);
}

void broken_init_worker(void *state, const void *config, uint64_t seed)
{
    const struct rota_worker_config *worker = config;
    struct broken_process *p = state;

    p->chance = seed;
    put_name(p->name, worker->name);
    snprintf(p->address, sizeof p->address, "%s", worker->address);
}

void broken_init_client(void *state, const void *config, uint64_t seed)
{
    struct broken_process *p = state;

    (void)config;
    p->chance = seed;
}

static void begin_session(struct broken_step *s, int64_t session, uint32_t timeout_ms)
{
    struct broken_process *p = s->p;

    p->session = session;
    p->leads = false;
    p->tries = 0;
    p->running[0] = '\0';
    p->workers.count = 0;
    for (uint32_t i = 0; i < p->tasks.count; i++)
        p->tasks.items[i].state = 0;
    rota_outbox_note(s->out, ROTA_NOTE_CONNECTED, NULL, NULL, session, timeout_ms, 0);
    s->role->begin(s);
}

static void session_changed(struct broken_step *s, const struct rota_handle_event *event)
{
    switch (event->session.state) {
    case ROTA_SESSION_CONNECTED:
        if (event->session.client_id.id != s->p->session)
            begin_session(s, event->session.client_id.id, event->session.timeout_ms);
        else
            rota_outbox_note(s->out, ROTA_NOTE_RESUMED, NULL, NULL, s->p->session, 0, 0);
        break;
    case ROTA_SESSION_DISCONNECTED:
        rota_outbox_note(s->out, ROTA_NOTE_DISCONNECTED, NULL, NULL, 0, 0, 0);
        break;
    default:
        rota_outbox_note(s->out, ROTA_NOTE_EXPIRED, NULL, NULL, 0, 0, 0);
        rota_outbox_add(s->out, ROTA_ACTION_OPEN);
        break;
    }
}

void broken_step_on(struct broken_step *s, const struct rota_event *event)
{
    if (event->kind == ROTA_EVENT_START)
        rota_outbox_add(s->out, ROTA_ACTION_OPEN);
    else if (event->kind == ROTA_EVENT_STOP)
        broken_leave(s, "asked to stop");
    else if (s->role->notified != NULL)
        s->role->notified(s, event);
}

void broken_hear(struct broken_step *s, const struct rota_handle_event *event)
{
    if (event->kind == ROTA_HANDLE_SESSION)
        session_changed(s, event);
    else if (event->kind == ROTA_HANDLE_WATCH && s->role->watched != NULL)
        s->role->watched(s, event->watch.path);
    else if (event->kind == ROTA_HANDLE_REPLY)
        s->role->replied(s, (uint32_t)(event->reply.tag >> 32), name_of(s->p, event->reply.tag),
                         &event->reply);
}
