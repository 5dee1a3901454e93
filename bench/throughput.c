/* How many tasks a second live and die through one real server that makes every write durable:
 * beside the raw life of a task in multis, and beside a protocol of one transaction a step, taken
 * in turns on the same server. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/cast.h"
#include "bench/load.h"
#include "bench/raw.h"
#include "cli/options.h"
#include "cli/reading.h"
#include "model/assert.h"
#include "tests/live/zkserver.h"

enum { BATCH = 500, SIZES_MOST = 8, WARM_UP = 5000 };

struct arguments {
    uint32_t tasks[SIZES_MOST];
    uint32_t sizes;
    uint32_t rounds;
    uint32_t payload;
    const char *play[3]; /* role, name and hosts of a started process */
    uint32_t played;
    bool playing;
};

/* One measured way of letting tasks live. */
struct figure {
    double seconds;
    double transactions; /* a task */
    uint32_t lost;
    long master_kib; /* 0: there is no master */
};

static const struct argp_option options[] = {
    {"rounds", 'r', "N", 0, "how often each size is measured, 2 unless given", 0},
    {"payload", 'p', "BYTES", 0, "of each task, 100 unless given", 0},
    {"play", 'P', NULL, OPTION_HIDDEN, "be a part of the cast", 0},
    {0}};

static uint32_t number(const char *text, uint32_t most, struct argp_state *state)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (*text == '\0' || *end != '\0' || n == 0 || n > most)
        argp_error(state, "not a number from 1 to %u: %s", most, text);
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
    case 'P':
        a->playing = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->playing && a->played < 3)
            a->play[a->played++] = text;
        else if (!a->playing && a->sizes < SIZES_MOST)
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

/* Masters, workers and a client; the handle only watches. */
static bool measure_load(const char *hosts, struct rota_load *load, struct rota_cast *cast,
                         struct figure *f)
{
    struct rota_handle h;

    if (!rota_handle_open(&h, hosts))
        return say("the server does not answer");
    bool well = rota_cast_ready(&h) || say("no master leads, or a worker is missing");
    int64_t before = rota_handle_zxid(&h);
    well = well && rota_load_run(load, hosts);
    int64_t after = rota_handle_zxid(&h);
    rota_handle_close(&h);
    f->seconds = load->seconds;
    f->transactions = (double)(after - before) / load->tasks;
    f->lost = load->tasks - (load->done < load->collected ? load->done : load->collected);
    f->master_kib = rota_cast_master_peak(cast);
    return well;
}

static bool measure_rota(const char *hosts, uint32_t tasks, uint32_t payload, struct figure *f)
{
    struct rota_load load = {.tasks = tasks, .payload = payload};
    struct rota_cast cast;

    *f = (struct figure){0};
    bool well = rota_cast_start(&cast, hosts) && measure_load(hosts, &load, &cast, f);
    return (rota_cast_end(&cast) || say("a master or a worker did not end well")) && well;
}

static bool measure_raw(const char *hosts, uint32_t tasks, uint32_t payload, uint32_t batch,
                        struct figure *f)
{
    struct rota_handle h;

    *f = (struct figure){0};
    if (!rota_handle_open(&h, hosts))
        return say("the server does not answer");
    int64_t before = rota_handle_zxid(&h);
    double began = seconds();
    bool well = rota_raw_live(&h, tasks, batch, payload) || say("a raw write was refused");
    f->seconds = seconds() - began;
    f->transactions = (double)(rota_handle_zxid(&h) - before) / tasks;
    rota_handle_close(&h);
    return well;
}

/* One size, all three ways after each other. */
static bool measure(const char *hosts, uint32_t tasks, uint32_t payload, struct figure three[3])
{
    return measure_rota(hosts, tasks, payload, &three[0]) &&
           measure_raw(hosts, tasks, payload, BATCH, &three[1]) &&
           measure_raw(hosts, tasks, payload, 0, &three[2]);
}

static void print_head(void)
{
    printf("| tasks | way | seconds | tasks/s | to multis | to one a step | transactions a task "
           "| lost | master's peak |\n"
           "| ---: | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
}

static void print(uint32_t tasks, const struct figure three[3])
{
    static const char *const ways[] = {"rota", "raw, multis of 500",
                                       "raw, one write a transaction"};

    for (int i = 0; i < 3; i++) {
        const struct figure *f = &three[i];
        char peak[32] = "";

        if (f->master_kib > 0)
            snprintf(peak, sizeof peak, "%.1f MiB", (double)f->master_kib / 1024);
        printf("| %u | %s | %.2f | %.0f | %.2f | %.2f | %.3f | %u | %s |\n", tasks, ways[i],
               f->seconds, tasks / f->seconds, three[1].seconds / f->seconds,
               three[2].seconds / f->seconds, f->transactions, f->lost, peak);
    }
    fflush(stdout);
}

static bool measure_all(const struct arguments *a, const char *hosts)
{
    struct rota_options tree = {.zk = hosts, .session_ms = 10000, .connect_ms = 30000};
    struct figure three[3];
    bool well = rota_reading_create_tree(&tree) == ROTA_EXIT_DONE;

    if (!well ||
        !measure(hosts, WARM_UP, a->payload, three)) /* the server's machine code is made */
        return false;
    print_head();
    for (uint32_t round = 0; round < a->rounds; round++) {
        for (uint32_t i = 0; i < a->sizes; i++) {
            if (!measure(hosts, a->tasks[i], a->payload, three))
                return false;
            print(a->tasks[i], three);
            well = well && three[0].lost == 0;
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
        .doc = "Starts a ZooKeeper server of its own on loopback, two masters and two workers, and "
               "measures so many tasks at a time, 20000 and 50000 unless given."};
    struct arguments a = {.rounds = 2, .payload = 100};
    struct rota_zkserver server = {0};

    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (a.playing)
        return a.played == 3 ? rota_cast_play(a.play[0], a.play[1], a.play[2]) : ROTA_EXIT_USAGE;
    if (a.sizes == 0) {
        a.tasks[a.sizes++] = 20000;
        a.tasks[a.sizes++] = 50000;
    }
    bool well = rota_zkserver_start(&server, &(struct rota_zkserver_config){.durable = true});
    if (!well)
        say(server.error);
    well = well && measure_all(&a, server.hosts);
    rota_zkserver_close(&server);
    return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
