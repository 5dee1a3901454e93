/* Measures how many tasks a second rota completes on one real server that makes every write
 * durable. For comparison the same znode writes are made without rota, once in multis and once in a
 * transaction each, in turns on the same server. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/load.h"
#include "bench/process_usage.h"
#include "bench/raw_writes.h"
#include "bench/real_cluster.h"
#include "cli/base/options.h"
#include "cli/jobs/tree_reader.h"
#include "tests/live/zkserver.h"

enum {
    BATCH = 500,
    SIZES_MOST = 8,
    WARM_UP = 5000,
    STEPS_SHARE = 5, /* the slowest way is measured with one fifth of the tasks */
};

struct arguments {
    uint32_t tasks[SIZES_MOST];
    uint32_t sizes;
    uint32_t rounds;
    uint32_t payload;
    const char *member[3]; /* role, name and hosts of a started process */
    uint32_t member_count;
    bool is_member;
};

/* The measurement of one way. */
struct figure {
    const char *way;
    uint32_t tasks;
    double seconds;
    double cpu_seconds;  /* of all processes: server, client, masters and workers */
    double transactions; /* for each task */
    uint32_t lost;
    long master_kib; /* 0: there is no master */
};

/* The three ways. */
enum { ROTA, MULTIS, STEPS, WAYS };

static const struct argp_option options[] = {
    {"rounds", 'r', "N", 0, "measure each number of tasks N times (default 2)", 0},
    {"payload", 'p', "BYTES", 0, "the payload of each task (default 100)", 0},
    {"member", 'M', NULL, OPTION_HIDDEN, "be a process of the cluster", 0},
    {0}};

static uint32_t number(const char *text, uint32_t most, struct argp_state *state)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (*text == '\0' || *end != '\0' || n == 0 || n > most)
        argp_error(state, "give a number from 1 to %u, not \"%s\"", most, text);
    return (uint32_t)n;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (key) {
    case 'r':
        a->rounds = number(text, 1000, state);
        return 0;
    case 'p':
        a->payload = number(text, 1000000, state);
        return 0;
    case 'M':
        a->is_member = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->is_member && a->member_count < 3)
            a->member[a->member_count++] = text;
        else if (!a->is_member && a->sizes < SIZES_MOST)
            a->tasks[a->sizes++] = number(text, 10000000, state);
        else
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool say(const char *sentence)
{
    fprintf(stderr, "throughput: %s\n", sentence);
    return false;
}

static double cpu_seconds(const struct rota_zkserver *server)
{
    return rota_process_usage_cpu_seconds(server->pid) + rota_process_usage_cpu_seconds(getpid());
}

/* Measures masters, workers and a client; the handle only reads zxids. */
static bool measure_load(const struct rota_zkserver *server,
                         const struct rota_real_cluster *cluster, uint32_t payload,
                         struct figure *f)
{
    struct rota_load load = {.tasks = f->tasks, .payload = payload};
    struct rota_handle h;

    if (!rota_handle_open(&h, server->hosts))
        return say("the server does not answer");
    bool well = rota_real_cluster_wait_ready(&h) || say("no master leads, or a worker is missing");
    int64_t before = rota_handle_zxid(&h);
    double used = cpu_seconds(server) + rota_real_cluster_cpu_seconds(cluster);
    well = well && rota_load_run(&load, server->hosts);
    f->cpu_seconds = cpu_seconds(server) + rota_real_cluster_cpu_seconds(cluster) - used;
    f->transactions = (double)(rota_handle_zxid(&h) - before) / f->tasks;
    rota_handle_close(&h);
    f->seconds = load.seconds;
    f->lost = f->tasks - (load.done < load.collected ? load.done : load.collected);
    f->master_kib = rota_real_cluster_master_peak_kib(cluster);
    return well;
}

static bool measure_rota(const struct rota_zkserver *server, uint32_t tasks, uint32_t payload,
                         struct figure *f)
{
    struct rota_real_cluster cluster;

    *f = (struct figure){.way = "rota", .tasks = tasks};
    bool well = rota_real_cluster_start(&cluster, server->hosts) &&
                measure_load(server, &cluster, payload, f);
    return (rota_real_cluster_end(&cluster) ||
            say("a master or a worker did not end in good order")) &&
           well;
}

static bool measure_raw(const struct rota_zkserver *server, uint32_t tasks, uint32_t payload,
                        uint32_t batch, struct figure *f)
{
    struct rota_handle h;

    *f = (struct figure){.way = batch > 0 ? "raw, multis of 500" : "raw, one write a transaction",
                         .tasks = tasks};
    if (!rota_handle_open(&h, server->hosts))
        return say("the server does not answer");
    int64_t before = rota_handle_zxid(&h);
    double used = cpu_seconds(server);
    double began = seconds();
    bool well = rota_raw_writes_run(&h, tasks, batch, payload) || say("a raw write was refused");
    f->seconds = seconds() - began;
    f->cpu_seconds = cpu_seconds(server) - used;
    f->transactions = (double)(rota_handle_zxid(&h) - before) / tasks;
    rota_handle_close(&h);
    return well;
}

/* Measures one number of tasks in the three ways, one after the other. */
static bool measure(const struct rota_zkserver *server, uint32_t tasks, uint32_t payload,
                    struct figure all[WAYS])
{
    uint32_t share = tasks < STEPS_SHARE ? 1 : tasks / STEPS_SHARE;

    return measure_rota(server, tasks, payload, &all[ROTA]) &&
           measure_raw(server, tasks, payload, BATCH, &all[MULTIS]) &&
           measure_raw(server, share, payload, 0, &all[STEPS]);
}

static void print_head(void)
{
    printf("| tasks | way                          | seconds | tasks/s | to multis | to one a step "
           "| CPU us a task | transactions a task | lost | master's peak |\n"
           "| ----: | :--------------------------- | ------: | ------: | --------: | ------------: "
           "| ------------: | ------------------: | ---: | ------------: |\n");
}

static double rate(const struct figure *f)
{
    return f->tasks / f->seconds;
}

static void print(const struct figure all[WAYS])
{
    for (int i = 0; i < WAYS; i++) {
        const struct figure *f = &all[i];
        char peak[32] = "";

        if (f->master_kib > 0)
            snprintf(peak, sizeof peak, "%.1f MiB", (double)f->master_kib / 1024);
        printf("| %5u | %-28s | %7.2f | %7.0f | %9.2f | %13.2f | %13.0f | %19.3f | %4u | %13s |\n",
               f->tasks, f->way, f->seconds, rate(f), rate(f) / rate(&all[MULTIS]),
               rate(f) / rate(&all[STEPS]), f->cpu_seconds * 1e6 / f->tasks, f->transactions,
               f->lost, peak);
    }
    fflush(stdout);
}

static bool measure_all(const struct arguments *a, const struct rota_zkserver *server)
{
    struct rota_options tree = {.zk = server->hosts, .session_ms = 10000, .connect_ms = 30000};
    struct figure all[WAYS];
    bool well = rota_tree_reader_create_tree(&tree, -1) == ROTA_EXIT_DONE;

    if (!well ||
        !measure(server, WARM_UP, a->payload, all)) /* until the server's code is compiled */
        return false;
    print_head();
    for (uint32_t round = 0; round < a->rounds; round++) {
        for (uint32_t i = 0; i < a->sizes; i++) {
            if (!measure(server, a->tasks[i], a->payload, all))
                return false;
            print(all);
            well = well && all[ROTA].lost == 0;
        }
    }
    return well;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[TASKS...]",
        .doc = "Start a ZooKeeper server on loopback, two masters and two workers, and measure how "
               "fast they complete that many tasks (default 20000, then 50000)."};
    struct arguments a = {.rounds = 2, .payload = 100};
    struct rota_zkserver server = {0};

    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (a.is_member)
        return a.member_count == 3 ? rota_real_cluster_member(a.member[0], a.member[1], a.member[2])
                                   : ROTA_EXIT_USAGE;
    if (a.sizes == 0) {
        a.tasks[a.sizes++] = 20000;
        a.tasks[a.sizes++] = 50000;
    }
    bool well = rota_zkserver_start(&server, &(struct rota_zkserver_config){.durable = true});
    if (!well)
        say(server.error);
    well = well && measure_all(&a, &server);
    rota_zkserver_close(&server);
    return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
