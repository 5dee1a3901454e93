#include "backend_sim/world/world_trace.h"

#include <stdio.h>
#include <string.h>

#include "backend_sim/net/ensemble.h"
#include "backend_sim/world/process_state.h"

enum { EVENTS_STILL_MOST = 1000000 };

/* One delivered event, as it enters the hash: no byte of it is padding. */
struct delivered {
    int64_t time;
    uint64_t tag;
    int64_t zxid;
    uint32_t who;
    uint32_t kind;
    int32_t rc;
    uint32_t length;
};

void rota_world_write_note(struct rota_world *w, uint32_t who, const struct rota_note *note)
{
    bool server = who > ROTA_NOBODY - ROTA_SERVERS_MOST;
    char numbered[8];
    const char *name = server ? numbered : rota_process_at(w, who)->name;
    char line[640];
    size_t length;

    snprintf(numbered, sizeof numbered, "s%u", (ROTA_NOBODY - who) % ROTA_SERVERS_MOST + 1);
    length = rota_trace_format(w->timeline.now, name, note, line, sizeof line);
    XXH3_64bits_update(w->hash, line, length);
    if (w->hooks->line != NULL)
        w->hooks->line(w->context, server ? ROTA_NOBODY : who, line);
}

void rota_world_note(struct rota_world *w, uint32_t who, const char *text)
{
    struct rota_note note = {.kind = ROTA_NOTE_FAULT, .name = text};

    rota_marks_put(&w->marks, ROTA_MARK_NOTE_FAULT);
    rota_world_write_note(w, who, &note);
}

void rota_world_hash_event(struct rota_world *w, uint32_t who, const struct rota_handle_event *e)
{
    struct delivered d = {.time = w->timeline.now, .who = who, .kind = (uint32_t)e->kind};
    const char *path = NULL;

    switch (e->kind) {
    case ROTA_HANDLE_REPLY:
        d.tag = e->reply.tag;
        d.rc = e->reply.rc;
        d.zxid = e->reply.stat.mzxid;
        d.length = e->reply.child_count + e->reply.result_count;
        break;
    case ROTA_HANDLE_WATCH:
        d.rc = (int32_t)e->watch.kind;
        path = e->watch.path;
        d.length = (uint32_t)strlen(path);
        break;
    case ROTA_HANDLE_SESSION:
        d.rc = (int32_t)e->session.state;
        d.zxid = e->session.client_id.id;
        break;
    }
    XXH3_64bits_update(w->hash, &d, sizeof d);
    if (path != NULL)
        XXH3_64bits_update(w->hash, path, d.length);
}

bool rota_world_count_event(struct rota_world *w)
{
    w->events++;
    w->events_still++;
    return !rota_world_stuck(w);
}

bool rota_world_stuck(const struct rota_world *w)
{
    return w->events_still >= EVENTS_STILL_MOST;
}

uint64_t rota_world_events(const struct rota_world *w)
{
    return w->events;
}

uint64_t rota_world_hash(const struct rota_world *w)
{
    return XXH3_64bits_digest(w->hash);
}
