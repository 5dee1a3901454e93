#include "tests/unit/model/toy_roles.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"

enum { TOY_PERIOD_US = 5000000, TOY_DIRECT_NEXT_US = 30000000, TOY_SEED = 4 };

struct toy {
    struct toy_config config;
    uint64_t seed;
    uint64_t reads;
    rota_time next; /* when it reads again; 0: not yet */
    rota_ref names; /* a text in the pool: shows that the role gets the same pool each time */
};

static void init(void *state, const void *config, uint64_t seed)
{
    struct toy *t = state;

    t->config = *(const struct toy_config *)config;
    t->seed = seed;
}

static void read(struct toy *t, struct rota_outbox *out)
{
    t->next = 0;
    rota_request_add_read(out, rota_request_tag(1, 0, (uint32_t)++t->reads), ROTA_OP_GET,
                          t->config.path, true);
}

static void say(const struct toy *t, struct rota_pool *mem, const char *text,
                struct rota_outbox *out)
{
    rota_outbox_note(out, ROTA_NOTE_RESULT, rota_pool_at(mem, t->names), text, 0, 0, 0);
}

/* The events that both roles receive. */
static void handle_common(struct toy *t, struct rota_pool *mem, const struct rota_event *event,
                          struct rota_outbox *out)
{
    if (event->kind == ROTA_EVENT_START)
        t->names = rota_text_take(mem, t->config.path);
    else if (event->kind == ROTA_EVENT_TICK && t->next != 0 && event->now >= t->next)
        read(t, out);
    else if (event->kind == ROTA_EVENT_STOP)
        rota_exit_add(out, ROTA_EXIT_FAILED, "the toy was stopped");
}

static void wake(const struct toy *t, struct rota_outbox *out)
{
    if (t->next != 0)
        rota_outbox_wake(out, t->next);
}

static void step(void *state, struct rota_pool *mem, const struct rota_event *event,
                 struct rota_outbox *out)
{
    static const char *const outcomes[] = {"done", "refused", "unknown"};
    struct toy *t = state;

    handle_common(t, mem, event, out);
    if (event->kind == ROTA_EVENT_UP)
        read(t, out);
    if (event->kind == ROTA_EVENT_CLOSE_INPUT)
        rota_outbox_add(out, ROTA_ACTION_RESTART);
    if (event->kind == ROTA_EVENT_REPLY) {
        say(t, mem, outcomes[event->reply.outcome], out);
        t->next = event->now + TOY_PERIOD_US;
    }
    wake(t, out);
}

static void check(const void *state, const struct rota_pool *mem)
{
    const struct toy *t = state;

    rota_assert_equal(t->seed, TOY_SEED);
    rota_assert(strcmp(t->config.path, rota_pool_at(mem, t->names)) == 0);
}

const struct rota_role toy_role = {.name = "toy",
                                   .state_size = sizeof(struct toy),
                                   .config_size = sizeof(struct toy_config),
                                   .init = init,
                                   .step = step,
                                   .check = check};

static void direct_step(void *state, struct rota_pool *mem, const struct rota_event *event,
                        struct rota_outbox *out)
{
    struct toy *t = state;

    handle_common(t, mem, event, out);
    if (event->kind == ROTA_EVENT_START)
        rota_outbox_add(out, ROTA_ACTION_OPEN);
    wake(t, out);
}

static void session_changed(struct toy *t, struct rota_pool *mem,
                            const struct rota_handle_event *event, struct rota_outbox *out)
{
    switch (event->session.state) {
    case ROTA_SESSION_CONNECTED:
        read(t, out);
        break;
    case ROTA_SESSION_EXPIRED:
        say(t, mem, "expired", out);
        rota_outbox_add(out, ROTA_ACTION_OPEN);
        break;
    default:
        say(t, mem, "disconnected", out);
        break;
    }
}

static void direct_receive(void *state, struct rota_pool *mem,
                           const struct rota_handle_event *event, struct rota_outbox *out)
{
    struct toy *t = state;

    if (event->kind == ROTA_HANDLE_SESSION)
        session_changed(t, mem, event, out);
    else if (event->kind == ROTA_HANDLE_WATCH)
        say(t, mem, "changed", out);
    else
        say(t, mem, event->reply.rc == ROTA_ERR_OK ? "read" : "not read", out);
    if (event->kind == ROTA_HANDLE_REPLY && t->reads == 1)
        t->next = TOY_DIRECT_NEXT_US;
    wake(t, out);
}

const struct rota_role toy_direct_role = {.name = "direct toy",
                                          .state_size = sizeof(struct toy),
                                          .config_size = sizeof(struct toy_config),
                                          .init = init,
                                          .step = direct_step,
                                          .check = check,
                                          .receive = direct_receive};
