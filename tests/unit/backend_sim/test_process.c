/* The life of a process in a world. Its role is a direct one, of no protocol, that counts its
 * events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "backend_sim/world/world.h"
#include "backend_sim/world/world_faults.h"

enum { PERIOD_US = 1000000 };

/* The role prints its state with a note of kind RECOVERED. */
struct counter {
    int64_t first;
    int64_t ticks;
    int64_t events;
    rota_time next;
};

struct counter_config {
    int64_t first;
};

static void init(void *state, const void *config, uint64_t seed)
{
    struct counter *c = state;

    (void)seed;
    c->first = ((const struct counter_config *)config)->first;
}

static void say(const struct counter *c, struct rota_outbox *out)
{
    rota_outbox_note(out, ROTA_NOTE_RECOVERED, NULL, NULL, c->first, c->ticks, c->events);
}

static void step(void *state, struct rota_pool *mem, const struct rota_event *event,
                 struct rota_outbox *out)
{
    struct counter *c = state;

    (void)mem;
    if (event->kind == ROTA_EVENT_START)
        rota_outbox_add(out, ROTA_ACTION_OPEN);
    if (event->kind == ROTA_EVENT_STOP)
        rota_outbox_add(out, ROTA_ACTION_EXIT);
    if (event->kind == ROTA_EVENT_TICK)
        c->ticks++;
    if (event->now >= c->next)
        c->next = event->now + PERIOD_US;
    rota_outbox_wake(out, c->next);
    say(c, out);
}

static void receive(void *state, struct rota_pool *mem, const struct rota_handle_event *event,
                    struct rota_outbox *out)
{
    struct counter *c = state;

    (void)mem;
    (void)event;
    c->events++;
    rota_outbox_wake(out, c->next);
    say(c, out);
}

static const struct rota_role counting = {.name = "counting",
                                          .state_size = sizeof(struct counter),
                                          .config_size = sizeof(struct counter_config),
                                          .init = init,
                                          .step = step,
                                          .receive = receive};

/* The last note of the process, and its exits. */
struct seen {
    int64_t first, ticks, events;
    uint32_t exits;
};

static void on_acted(void *context, uint32_t who, const struct rota_action *a)
{
    struct seen *seen = context;

    (void)who;
    seen->exits += a->kind == ROTA_ACTION_EXIT;
    if (a->kind != ROTA_ACTION_NOTE || a->note.kind != ROTA_NOTE_RECOVERED)
        return;
    seen->first = a->note.a;
    seen->ticks = a->note.b;
    seen->events = a->note.c;
}

/* A process that is started, crashed, started again and stopped, on a skewed clock. */
static void process_starts_crashes_and_stops(void **state)
{
    static const struct rota_world_hooks hooks = {.acted = on_acted};
    struct rota_world_config config = {.seed = 1, .latency = 1000, .session_ms = 4000};
    struct counter_config first = {.first = 7};
    struct seen seen = {0};
    struct rota_world *w = rota_world_open(&config, &hooks, &seen);
    struct rota_marks marks;
    uint32_t who =
        rota_world_add(w, "x1", ROTA_PART_MASTER,
                       &(struct rota_driver_config){.role = &counting, .config = &first});

    (void)state;
    first.first = 8; /* the world has a copy */
    rota_world_start(w, who);
    rota_world_run(w, 3500000);
    assert_int_equal(seen.first, 7);
    assert_int_equal(seen.ticks, 3);
    assert_int_equal(seen.events, 1); /* connected */
    marks = rota_world_marks(w);
    assert_true(rota_marks_have(&marks, ROTA_MARK_NOTE_RECOVERED));
    rota_world_skew(w, who, 50);
    rota_world_run(w, 5500000);
    assert_int_equal(seen.ticks, 6); /* its clock runs faster */
    rota_world_crash(w, who, true);
    rota_world_run(w, 7000000);
    assert_int_equal(seen.ticks, 2);
    assert_int_equal(seen.exits, 0);
    rota_world_stop(w, who);
    rota_world_run(w, 8000000);
    assert_int_equal(seen.exits, 1);
    assert_int_equal(rota_world_process(w, who)->incarnation, 2);
    assert_int_equal(rota_world_process(w, who)->state, ROTA_PROCESS_LEFT);
    rota_world_close(w);
}

/* ---- clocks ---- */

static void clocks(void **state)
{
    struct rota_clock c = {0};

    (void)state;
    assert_int_equal(rota_clock_local(&c, 1234567), 1234567);
    assert_int_equal(rota_clock_world(&c, 1234567), 1234567);
    rota_clock_skew(&c, 1000000, 50);
    assert_int_equal(rota_clock_local(&c, 1000000), 1000000);
    assert_int_equal(rota_clock_local(&c, 3000000), 4000000);
    assert_int_equal(rota_clock_world(&c, 4000000), 3000000);
    rota_clock_skew(&c, 3000000, -90);
    assert_int_equal(rota_clock_local(&c, 13000000), 5000000);
    assert_int_equal(rota_clock_world(&c, ROTA_NEVER), ROTA_NEVER);
    assert_int_equal(rota_clock_world(&c, 0), 3000000); /* a time in the past is now */
    /* The result is the first time of the world at which the clock shows that time. */
    for (rota_time local = 4000000; local < 4000050; local++) {
        rota_time world = rota_clock_world(&c, local);

        assert_true(rota_clock_local(&c, world) >= local);
        assert_true(world == 3000000 || rota_clock_local(&c, world - 1) < local);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(process_starts_crashes_and_stops),
        cmocka_unit_test(clocks),
    };

    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
