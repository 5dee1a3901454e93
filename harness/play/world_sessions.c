#include "harness/play/world_sessions.h"

#include <stdio.h>
#include <stdlib.h>

#include "system/memory.h"

static struct rota_backend *world_open(void *context, uint32_t index, char *reason, size_t size)
{
    struct rota_world_sessions *ws = context;

    (void)reason;
    (void)size;
    rota_world_start(ws->w, ws->first + index);
    return &rota_world_process(ws->w, ws->first + index)->client.head;
}

static void world_close(void *context, uint32_t index)
{
    struct rota_world_sessions *ws = context;

    rota_world_leave(ws->w, ws->first + index);
}

static void world_deliver(void *context, uint32_t index)
{
    struct rota_world_sessions *ws = context;

    rota_world_deliver(ws->w, ws->first + index);
}

static bool world_step(void *context, rota_time until)
{
    struct rota_world_sessions *ws = context;

    return ws->step(ws->context, until);
}

static rota_time world_now(void *context)
{
    struct rota_world_sessions *ws = context;

    return rota_world_now(ws->w);
}

static const struct rota_zk_sessions_ops ops = {world_open, world_close, world_deliver, world_step,
                                                world_now};

static void on_event(void *context, const struct rota_handle_event *event)
{
    const struct rota_world_session *entry = context;

    rota_zk_sessions_handle_event(&entry->all->sessions, entry->index, event);
}

void rota_world_sessions_init(struct rota_world_sessions *ws, const struct rota_scenario *s,
                              struct rota_world *w, bool (*step)(void *context, rota_time until),
                              void *context)
{
    char name[16];

    ws->w = w;
    ws->first = rota_world_count(w);
    ws->step = step;
    ws->context = context;
    rota_zk_sessions_init(&ws->sessions, s, &ops, ws);
    ws->entries = rota_memory_zeroed(ws->sessions.count, sizeof *ws->entries);
    for (uint32_t i = 0; i < ws->sessions.count; i++) {
        ws->entries[i] = (struct rota_world_session){ws, i};
        snprintf(name, sizeof name, "z%u", i + 1);
        rota_world_add_zk_client(w, name, on_event, &ws->entries[i]);
    }
}

enum rota_zk_session_result rota_world_sessions_carry_out(struct rota_world_sessions *ws,
                                                          const struct rota_statement *st,
                                                          char **report)
{
    char text[160];

    snprintf(text, sizeof text, "types: %.*s", (int)sizeof text - 8,
             st->command == NULL ? "" : st->command);
    if (st->command != NULL)
        rota_world_note(ws->w, ws->first + st->session - 1, text);
    return rota_zk_sessions_carry_out(&ws->sessions, st, report);
}

void rota_world_sessions_close(struct rota_world_sessions *ws)
{
    rota_zk_sessions_close(&ws->sessions);
    free(ws->entries);
}
