/* A world drives whoever lives in its processes: here rota's own driver behind other functions,
 * which count what they are asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend_sim/world/world.h"
#include "model/base/assert.h"
#include "model/tree/path.h"

struct actor {
    struct rota_driver driver;
};

struct counts {
    uint32_t opened, heard, told, closed;
};

/* What a guest would hear with, this one counts with. */
static struct counts *counts_of(struct rota_host *host)
{
    return ((struct rota_process *)host)->hear_context;
}

static void *open_actor(const struct rota_driver_config *config, struct rota_backend *backend,
                        struct rota_host *host)
{
    struct actor *a = calloc(1, sizeof *a);

    rota_assert(a != NULL);
    counts_of(host)->opened++;
    rota_driver_init(&a->driver, config, backend, host);
    return a;
}

static void hear(void *actor, const struct rota_handle_event *event)
{
    struct actor *a = actor;

    counts_of(a->driver.host)->heard++;
    rota_driver_hear(&a->driver, event);
}

static void tell(void *actor, struct rota_event *event)
{
    struct actor *a = actor;

    counts_of(a->driver.host)->told++;
    rota_driver_tell(&a->driver, event);
}

static void tick(void *actor)
{
    struct actor *a = actor;

    rota_driver_tick(&a->driver);
}

static rota_time deadline(const void *actor)
{
    const struct actor *a = actor;

    return rota_driver_deadline(&a->driver);
}

static bool finished(const void *actor)
{
    const struct actor *a = actor;

    return a->driver.finished;
}

static void close_actor(void *actor)
{
    struct actor *a = actor;

    counts_of(a->driver.host)->closed++;
    rota_driver_close(&a->driver);
    free(a);
}

static const struct rota_process_role ops = {
    .open = open_actor,
    .hear = hear,
    .tell = tell,
    .tick = tick,
    .deadline = deadline,
    .finished = finished,
    .close = close_actor,
};

/* A master that is started, crashed, started again and stopped, on a skewed clock. */
static void a_life(void **state)
{
    static const char *const paths[] = {
#define X(path) path,
        ROTA_PATH_MAP(X)
#undef X
    };
    static const struct rota_world_hooks hooks;
    struct rota_world_config config = {.seed = 1, .latency = 1000, .session_ms = 4000};
    struct rota_driver_config master = {.role = ROTA_ROLE_MASTER};
    struct rota_world *w = rota_world_open(&config, &hooks, NULL);
    struct counts counts = {0};
    struct rota_marks marks;
    uint32_t who;

    (void)state;
    memcpy(master.master.id, "m1", sizeof "m1");
    memcpy(master.master.address, "m1:1", sizeof "m1:1");
    who = rota_world_add_role(w, "m1", &master, &ops);
    rota_world_process(w, who)->hear_context = &counts;
    rota_world_found(w, paths, sizeof paths / sizeof paths[0]);
    rota_world_start(w, who);
    rota_world_run(w, 3000000);
    assert_int_equal(counts.opened, 1);
    assert_true(counts.heard > 3);
    marks = rota_world_marks(w); /* it tells of none */
    assert_false(rota_marks_have(&marks, ROTA_MARK_NOTE_ELECTED));
    rota_world_skew(w, who, 50);
    rota_world_crash(w, who, true);
    rota_world_run(w, 20000000);
    assert_int_equal(counts.closed, 1);
    assert_int_equal(counts.opened, 2);
    rota_world_stop(w, who);
    rota_world_run(w, 30000000);
    assert_int_equal(counts.told, 1);
    assert_int_equal(counts.closed, 2);
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
    assert_int_equal(rota_clock_world(&c, 0), 3000000); /* what has been is now */
    /* The moment asked for is the first at which the clock shows it. */
    for (rota_time local = 4000000; local < 4000050; local++) {
        rota_time world = rota_clock_world(&c, local);

        assert_true(rota_clock_local(&c, world) >= local);
        assert_true(world == 3000000 || rota_clock_local(&c, world - 1) < local);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life),
        cmocka_unit_test(clocks),
    };

    return cmocka_run_group_tests_name("actor", tests, NULL, NULL);
}
