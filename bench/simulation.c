/* Measures how fast a simulated cluster runs: two masters, three workers and a client with one
 * server, once with a steady flow of tasks and once idle. */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend_sim/net/choice.h"
#include "backend_sim/world/world.h"
#include "backend_sim/world/world_servers.h"
#include "model/base/assert.h"
#include "model/client/client.h"
#include "model/master/master.h"
#include "model/tree/path.h"
#include "model/worker/worker.h"

enum {
    MASTERS = 2,
    WORKERS = 3,
    SLOTS = 4,
    IN_FLIGHT = 32,
    PAYLOAD = 100,
    MS = 1000,
    BACKLOG_US = 2200000,
    MIB = 1 << 20,
};

struct arguments {
    uint64_t events; /* of one row */
    uint64_t seed;
};

/* One world with its client and what became of its tasks. */
struct cluster {
    struct rota_world *world;
    uint32_t client;
    uint64_t submitted;
    uint64_t collected;
    uint64_t failed;
};

static const struct argp_option options[] = {
    {"events", 'e', "N", 0, "simulate N events for each row (default 5000000)", 0},
    {"seed", 's', "N", 0, "the seed of the world (default 1)", 0},
    {0}};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    char *end;

    if (key != 'e' && key != 's')
        return ARGP_ERR_UNKNOWN;
    uint64_t number = strtoull(text, &end, 10);
    if (*text == '\0' || *end != '\0' || number == 0)
        argp_error(state, "--%s must be a number above 0, not \"%s\"",
                   key == 'e' ? "events" : "seed", text);
    *(key == 'e' ? &a->events : &a->seed) = number;
    return 0;
}

static void submit(struct cluster *c)
{
    static const char text[PAYLOAD];
    char name[32];

    snprintf(name, sizeof name, "t%" PRIu64, c->submitted + 1);
    rota_world_submit(c->world, c->client, c->submitted++, name,
                      &(struct rota_bytes){text, PAYLOAD});
}

/* A run takes 10 to 100 ms of virtual time. */
static struct rota_work_plan plan(void *context, uint32_t who, const struct rota_action *action)
{
    struct cluster *c = context;
    struct rota_choices *choices = rota_world_choices(c->world);

    (void)who;
    (void)action;
    return (struct rota_work_plan){
        .duration = (rota_time)(10 * MS + rota_choose(choices, ROTA_SITE_WORK, 90 * MS))};
}

/* Submits another task for each one that was collected. */
static void acted(void *context, uint32_t who, const struct rota_action *action)
{
    struct cluster *c = context;

    if (who != c->client)
        return;
    if (action->kind == ROTA_ACTION_RESULT && strcmp(action->job.state, "done") != 0)
        c->failed++;
    if (action->kind != ROTA_ACTION_COLLECTED)
        return;
    c->collected++;
    submit(c);
}

static const struct rota_world_hooks hooks = {.acted = acted, .plan = plan};

static void add(struct cluster *c, const char *name, enum rota_part part,
                const struct rota_driver_config *config)
{
    rota_world_start(c->world, rota_world_add(c->world, name, part, config));
}

static void open_cluster(struct cluster *c, uint64_t seed)
{
    uint32_t path_count;
    const char *const *paths = rota_path_tree(&path_count);
    struct rota_world_config config = {.seed = seed, .latency = MS, .session_ms = 10000};
    struct rota_master_config master = {0};
    struct rota_worker_config worker = {.slots = SLOTS};
    struct rota_client_config client = {.wait = true, .collect = true};
    struct rota_driver_config masters = {
        .role = &rota_master_role, .config = &master, .session = {.lease = true}};
    struct rota_driver_config workers = {
        .role = &rota_worker_role, .config = &worker, .session = {.lease = true}};
    struct rota_driver_config clients = {.role = &rota_client_role, .config = &client};
    char name[16];

    *c = (struct cluster){.world = rota_world_open(&config, &hooks, c)};
    rota_world_create_znodes(c->world, paths, path_count);
    for (int i = 1; i <= MASTERS; i++) {
        snprintf(name, sizeof name, "m%d", i);
        snprintf(master.id, sizeof master.id, "%s", name);
        snprintf(master.address, sizeof master.address, "host %d", i);
        add(c, name, ROTA_PART_MASTER, &masters);
    }
    for (int i = 1; i <= WORKERS; i++) {
        snprintf(name, sizeof name, "w%d", i);
        snprintf(worker.name, sizeof worker.name, "%s", name);
        add(c, name, ROTA_PART_WORKER, &workers);
    }
    c->client = rota_world_add(c->world, "c1", ROTA_PART_CLIENT, &clients);
    rota_world_start(c->world, c->client);
}

/* The seconds of processor time of this process. */
static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Simulates the events of one row and prints it. False if the world had no more events or a task
 * was not done. */
static bool measure_row(const struct arguments *a, const char *name, uint32_t in_flight)
{
    struct cluster c;

    open_cluster(&c, a->seed);
    for (uint32_t i = 0; i < in_flight; i++)
        submit(&c);
    double began = cpu_seconds();
    bool alive = true;
    while (alive && rota_world_events(c.world) < a->events)
        alive = rota_world_step(c.world);
    double real = cpu_seconds() - began;
    double virtual = (double)rota_world_now(c.world) * 1e-6;
    double events = (double)rota_world_events(c.world);
    printf("| %-13s | %10.0f | %7.2f | %16.2f | %15.0f | %15.0f | %7" PRIu64 " | %016" PRIx64
           " |\n",
           name, events, real, events / real / 1e6, virtual, virtual / real, c.collected,
           rota_world_hash(c.world));
    bool held = alive && c.failed == 0 && (in_flight == 0 || c.collected > 0);
    rota_world_close(c.world);
    return held;
}

/* The memory of the leading master, which holds more than the other one. */
static const struct rota_pool *leader_memory(const struct cluster *c)
{
    const struct rota_pool *most = NULL;

    for (uint32_t i = 0; i < MASTERS; i++) {
        const struct rota_pool *one = &rota_world_process(c->world, i)->driver.memory;

        most = most == NULL || one->live > most->live ? one : most;
    }
    return most;
}

/* Submits that many tasks at once and prints the memory of the leading master a little later. */
static void measure_backlog(const struct arguments *a, uint32_t tasks)
{
    struct cluster c;

    open_cluster(&c, a->seed);
    for (uint32_t i = 0; i < tasks; i++)
        submit(&c);
    rota_world_run(c.world, BACKLOG_US);
    const struct rota_pool *memory = leader_memory(&c);
    printf("| %7" PRIu32 " | %18.1f | %14.1f |\n", tasks, (double)memory->live / MIB,
           (double)memory->size / MIB);
    rota_world_close(c.world);
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc =
            "Print how many events a second a simulated cluster handles on one core, and how many "
            "times faster than real time it runs."};
    static const uint32_t backlogs[] = {1000, 64000, 256000, 512000};
    struct arguments a = {.events = 5000000, .seed = 1};

    argp_parse(&argp, argc, argv, 0, NULL, &a);
    printf(
        "| cluster       | events     | CPU s   | million events/s | virtual seconds | times real "
        "time | tasks   | trace hash       |\n"
        "| :------------ | ---------: | ------: | ---------------: | --------------: | "
        "--------------: | ------: | ---------------: |\n");
    bool held = measure_row(&a, "tasks flowing", IN_FLIGHT);
    held = measure_row(&a, "idle", 0) && held;
    printf("\n| backlog | MiB in use, master | MiB, its block |\n"
           "| ------: | -----------------: | -------------: |\n");
    for (size_t i = 0; i < sizeof backlogs / sizeof *backlogs; i++)
        measure_backlog(&a, backlogs[i]);
    return held ? EXIT_SUCCESS : EXIT_FAILURE;
}
