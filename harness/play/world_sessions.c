#include "harness/play/world_sessions.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/base/assert.h"

static struct rota_backend *guest_open(void *context, uint32_t seat, char *reason, size_t size)
{
    struct rota_world_sessions *g = context;

    (void)reason;
    (void)size;
    rota_world_start(g->w, g->first + seat);
    return &rota_world_process(g->w, g->first + seat)->client.head;
}

static void guest_close(void *context, uint32_t seat)
{
    struct rota_world_sessions *g = context;

    rota_world_leave(g->w, g->first + seat);
}

static void guest_hear(void *context, uint32_t seat)
{
    struct rota_world_sessions *g = context;

    rota_world_deliver(g->w, g->first + seat);
}

static bool guest_step(void *context, rota_time until)
{
    struct rota_world_sessions *g = context;

    return g->step(g->context, until);
}

static rota_time guest_now(void *context)
{
    struct rota_world_sessions *g = context;

    return rota_world_now(g->w);
}

static const struct rota_zk_sessions_ops ops = {guest_open, guest_close, guest_hear, guest_step,
                                                guest_now};

static void on_event(void *context, const struct rota_handle_event *event)
{
    const struct rota_world_session *guest = context;

    rota_zk_sessions_handle_event(&guest->all->typing, guest->seat, event);
}

void rota_world_sessions_init(struct rota_world_sessions *g, const struct rota_scenario *s,
                              struct rota_world *w, bool (*step)(void *context, rota_time until),
                              void *context)
{
    char name[16];

    g->w = w;
    g->first = rota_world_count(w);
    g->step = step;
    g->context = context;
    rota_zk_sessions_init(&g->typing, s, &ops, g);
    g->guests = calloc(g->typing.count + 1, sizeof *g->guests);
    rota_assert(g->guests != NULL);
    for (uint32_t i = 0; i < g->typing.count; i++) {
        g->guests[i] = (struct rota_world_session){g, i};
        snprintf(name, sizeof name, "z%u", i + 1);
        rota_world_add_zk_client(w, name, on_event, &g->guests[i]);
    }
}

enum rota_zk_session_result rota_world_sessions_carry_out(struct rota_world_sessions *g,
                                                          const struct rota_statement *st,
                                                          char **report)
{
    char text[160];

    snprintf(text, sizeof text, "types: %.*s", (int)sizeof text - 8,
             st->command == NULL ? "" : st->command);
    if (st->command != NULL)
        rota_world_note(g->w, g->first + st->session - 1, text);
    return rota_zk_sessions_carry_out(&g->typing, st, report);
}

void rota_world_sessions_close(struct rota_world_sessions *g)
{
    rota_zk_sessions_close(&g->typing);
    free(g->guests);
}
