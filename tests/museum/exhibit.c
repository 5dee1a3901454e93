#include "tests/museum/exhibit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"

struct exhibit_path exhibit_path(const char *format, ...)
{
    struct exhibit_path path;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(path.text, sizeof path.text, format, arguments);
    va_end(arguments);
    rota_assert(length > 0 && (size_t)length < sizeof path.text);
    return path;
}

const char *exhibit_last(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* ---- names ---- */

static void put_name(char name[EXHIBIT_NAME], const char *text)
{
    rota_assert(strlen(text) < EXHIBIT_NAME);
    memset(name, 0, EXHIBIT_NAME);
    memcpy(name, text, strlen(text));
}

struct exhibit_item *exhibit_find(struct exhibit_list *list, const char *name)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}

struct exhibit_item *exhibit_add(struct exhibit_list *list, const char *name)
{
    struct exhibit_item *item = exhibit_find(list, name);

    if (item != NULL)
        return item;
    rota_assert(list->count < EXHIBIT_ITEMS);
    item = &list->items[list->count++];
    *item = (struct exhibit_item){0};
    put_name(item->name, name);
    return item;
}

struct exhibit_item *exhibit_any(struct exhibit *e, struct exhibit_list *list)
{
    if (list->count == 0)
        return NULL;
    return &list->items[e->backend->ops->random(e->backend) % list->count];
}

bool exhibit_says(const struct rota_reply *r, const char *text)
{
    return r->rc == ROTA_ERR_OK && r->data.length == (int32_t)strlen(text) &&
           memcmp(r->data.data, text, strlen(text)) == 0;
}

/* ---- asking ---- */

/* What a request was about travels in its tag: the index of the name among all that were asked
 * about is the sum of both lists, so tasks come first. */
enum { NAMELESS = 0xffff, OF_WORKERS = 0x8000 };

static uint64_t tag_of(struct exhibit *e, uint32_t what, const char *name)
{
    uint64_t index = NAMELESS;

    if (exhibit_find(&e->workers, name) != NULL)
        index = OF_WORKERS | (uint64_t)(exhibit_find(&e->workers, name) - e->workers.items);
    else if (name[0] != '\0')
        index = (uint64_t)(exhibit_add(&e->tasks, name) - e->tasks.items);
    return (uint64_t)what << 32 | index;
}

static const char *name_of(const struct exhibit *e, uint64_t tag)
{
    uint32_t index = (uint32_t)tag & 0xffff;

    if (index == NAMELESS)
        return "";
    if ((index & OF_WORKERS) != 0)
        return e->workers.items[index & ~(uint32_t)OF_WORKERS].name;
    return e->tasks.items[index].name;
}

void exhibit_ask(struct exhibit *e, uint32_t what, const char *name,
                 const struct rota_operation *operation)
{
    struct rota_request request = {.tag = tag_of(e, what, name), .operation = *operation};

    if (e->stopped || e->finished)
        return;
    e->stopped = !e->host->ops->door(e->host, &request);
    if (!e->stopped)
        e->backend->ops->request(e->backend, &request);
}

void exhibit_read(struct exhibit *e, uint32_t what, const char *name, enum rota_op op,
                  const char *path)
{
    exhibit_ask(e, what, name, &(struct rota_operation){.op = op, .path = path, .watch = true});
}

void exhibit_create(struct exhibit *e, uint32_t what, const char *name, const char *path,
                    const char *data, enum rota_mode mode)
{
    exhibit_ask(e, what, name,
                &(struct rota_operation){.op = ROTA_OP_CREATE,
                                         .path = path,
                                         .data = {data, (int32_t)strlen(data)},
                                         .mode = mode});
}

void exhibit_delete(struct exhibit *e, uint32_t what, const char *name, const char *path)
{
    exhibit_ask(e, what, name,
                &(struct rota_operation){.op = ROTA_OP_DELETE, .path = path, .version = -1});
}

/* ---- what is seen of it ---- */

void exhibit_note(struct exhibit *e, enum rota_note_kind kind, const char *name, const char *other,
                  int64_t a, int64_t b)
{
    struct rota_action action = {.kind = ROTA_ACTION_NOTE};

    action.note = (struct rota_note){.kind = kind, .name = name, .other = other, .a = a, .b = b};
    e->host->ops->act(e->host, &action);
}

void exhibit_lead(struct exhibit *e, bool leads)
{
    e->leads = leads;
    exhibit_note(e, leads ? ROTA_NOTE_ELECTED : ROTA_NOTE_STANDBY, "somebody", NULL, 0, 0);
}

void exhibit_leave(struct exhibit *e, const char *sentence)
{
    struct rota_action action = {.kind = ROTA_ACTION_EXIT};

    if (e->finished)
        return;
    e->finished = true;
    exhibit_note(e, ROTA_NOTE_FAULT, sentence, NULL, 0, 0);
    exhibit_note(e, ROTA_NOTE_ENDED, NULL, NULL, ROTA_EXIT_FAILED, 0);
    action.exit.status = ROTA_EXIT_FAILED;
    action.exit.sentence = sentence;
    e->host->ops->act(e->host, &action);
}

/* ---- a process's life ---- */

static void begin_session(struct exhibit *e, int64_t session, uint32_t timeout_ms)
{
    e->session = session;
    e->leads = false;
    e->tries = 0;
    e->running[0] = '\0';
    e->workers.count = 0;
    for (uint32_t i = 0; i < e->tasks.count; i++)
        e->tasks.items[i].state = 0;
    exhibit_note(e, ROTA_NOTE_CONNECTED, NULL, NULL, session, timeout_ms);
    e->role->begin(e);
}

static void session_changed(struct exhibit *e, const struct rota_handle_event *event)
{
    switch (event->session.state) {
    case ROTA_SESSION_CONNECTED:
        if (event->session.client_id.id != e->session)
            begin_session(e, event->session.client_id.id, event->session.timeout_ms);
        else
            exhibit_note(e, ROTA_NOTE_RESUMED, NULL, NULL, e->session, 0);
        break;
    case ROTA_SESSION_DISCONNECTED:
        exhibit_note(e, ROTA_NOTE_DISCONNECTED, NULL, NULL, 0, 0);
        break;
    default:
        exhibit_note(e, ROTA_NOTE_EXPIRED, NULL, NULL, 0, 0);
        e->handle = e->backend->ops->open(e->backend, NULL);
        break;
    }
}

void *exhibit_open(const struct exhibit_role *role, const struct rota_driver_config *config,
                   struct rota_backend *backend, struct rota_host *host)
{
    struct exhibit *e = calloc(1, sizeof *e);

    rota_assert(e != NULL);
    e->role = role;
    e->backend = backend;
    e->host = host;
    e->config = *config;
    exhibit_note(e, ROTA_NOTE_STARTED, NULL, NULL, 0, 0);
    e->handle = backend->ops->open(backend, NULL);
    return e;
}

void exhibit_hear(void *actor, const struct rota_handle_event *event)
{
    struct exhibit *e = actor;

    if (e->stopped || e->finished || event->handle != e->handle)
        return;
    if (event->kind == ROTA_HANDLE_SESSION)
        session_changed(e, event);
    else if (event->kind == ROTA_HANDLE_WATCH && e->role->watched != NULL)
        e->role->watched(e, event->watch.path);
    else if (event->kind == ROTA_HANDLE_REPLY)
        e->role->replied(e, (uint32_t)(event->reply.tag >> 32), name_of(e, event->reply.tag),
                         &event->reply);
}

void exhibit_tell(void *actor, struct rota_event *event)
{
    struct exhibit *e = actor;

    if (e->stopped || e->finished)
        return;
    if (event->kind == ROTA_EVENT_STOP)
        exhibit_leave(e, "asked to stop");
    else if (e->role->told != NULL)
        e->role->told(e, event);
}

void exhibit_tick(void *actor)
{
    (void)actor;
}

rota_time exhibit_deadline(const void *actor)
{
    (void)actor;
    return ROTA_NEVER;
}

bool exhibit_finished(const void *actor)
{
    const struct exhibit *e = actor;

    return e->finished;
}

void exhibit_close(void *actor)
{
    free(actor);
}
