/* rota run: a master, a worker and a client in one process, on a tree in memory or on a real
 * ZooKeeper. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend_sim/embedded.h"
#include "cli/base/identity.h"
#include "cli/base/options.h"
#include "cli/base/signals.h"
#include "cli/commands/command.h"
#include "cli/jobs/job_feed.h"
#include "cli/jobs/tree_reader.h"
#include "cli/jobs/worker_host.h"
#include "model/base/assert.h"
#include "model/client/client.h"
#include "model/master/master.h"
#include "model/worker/worker.h"
#include "system/memory.h"

#define LOCAL_CLUSTER_MAGIC ROTA_MAGIC('C', 'L', 'S', 'T')

enum {
    MAX_RESULT = 512 * 1024,
    REDRAW_MS = 100,
    DRAIN_MS = 1000,
    GRACE_MS = 3000,
    DAY_MS = 86400000
};

struct arguments {
    struct rota_options options;
    struct rota_terms_options terms;
    uint32_t jobs;
    uint32_t grace_ms;
    bool json;
    const char *input;
};

/* The three roles of the process, and their loop. */
struct local_cluster {
    uint32_t magic;
    uv_loop_t loop;
    uv_timer_t redraw;
    struct rota_log log;
    struct rota_screen screen;
    struct rota_signals signals;
    struct rota_embedded_tree *tree;
    struct rota_driver_loop master;
    struct rota_worker_host worker;
    struct rota_job_feed client;
    char name[200];
    bool interrupted;
};

static const struct argp_option options[] = {
    {"jobs", 'j', "N", 0, "run up to N commands at once (default: the number of processors)", 0},
    {"grace", 'g', "D", 0,
     "the time from SIGTERM to SIGKILL when a command is stopped (default 3s)", 0},
    {"json", 'J', 0, 0, "print one JSON object a line", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        rota_terms_options_init(&a->terms);
        state->child_inputs[0] = &a->options;
        state->child_inputs[1] = &a->terms;
        return 0;
    case 'j':
        a->jobs = rota_options_number(state, "--jobs", argument, 1, 4096);
        return 0;
    case 'g':
        a->grace_ms = (uint32_t)rota_options_duration(state, "--grace", argument, 0, DAY_MS);
        return 0;
    case 'J':
        a->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->input != NULL)
            argp_error(state, "give one file at a time, not also \"%s\"", argument);
        a->input = argument;
        return 0;
    case ARGP_KEY_END:
        rota_terms_options_check(state, &a->terms);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    {&rota_options_argp, 0, NULL, 0}, {&rota_terms_attempts_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "[FILE|-]",
    .children = children,
    .doc = "Run each line of FILE, or of standard input, as a shell command, several at once, and "
           "print their output in the order of the lines. Without --zk and ROTA_ZK no server is "
           "needed: everything happens in this one process.\vExit status: 0 if every command "
           "ended with status 0, 1 if one did not, 130 if interrupted."};

/* The worker stops before the master, so that its tasks are finished or handed back. */
static void on_client_finished(struct rota_job_feed *f)
{
    struct local_cluster *c = f->context;

    if (c->worker.driver_loop.finished)
        rota_driver_loop_stop(&c->master);
    else
        rota_driver_loop_stop(&c->worker.driver_loop);
}

static void on_worker_finished(struct rota_worker_host *h)
{
    struct local_cluster *c = h->context;

    if (c->client.finished)
        rota_driver_loop_stop(&c->master);
    else if (!c->client.stopping)
        rota_job_feed_stop(&c->client);
}

static void on_master_finished(struct rota_driver_loop *d)
{
    struct local_cluster *c = d->context;

    if (d->driver.status != ROTA_EXIT_DONE && !c->client.finished && !c->client.stopping)
        rota_job_feed_stop(&c->client);
}

/* Ends the children at once. When they have ended, the results that are done are printed and the
 * other tasks withdrawn. */
static void on_signal(struct rota_signals *signals, int number, int times)
{
    struct local_cluster *c = signals->context;

    (void)number;
    if (times > 2)
        _exit(ROTA_EXIT_INTERRUPTED); /* standard output is not read */
    c->interrupted = true;
    rota_driver_loop_stop(&c->worker.driver_loop);
    rota_job_feed_hold(&c->client);
    rota_driver_loop_stop(&c->worker.driver_loop);
    if (times > 1 || c->worker.driver_loop.finished)
        rota_job_feed_stop(&c->client);
}

static void on_redraw(uv_timer_t *timer)
{
    struct local_cluster *c = rota_cast(struct local_cluster, timer->data, LOCAL_CLUSTER_MAGIC);

    rota_screen_draw(&c->screen);
}

static void start_watching(struct local_cluster *c)
{
    c->signals.context = c;
    c->signals.on_signal = on_signal;
    rota_signals_open(&c->signals, &c->loop);
    uv_timer_init(&c->loop, &c->redraw);
    c->redraw.data = c;
    uv_timer_start(&c->redraw, on_redraw, REDRAW_MS, REDRAW_MS);
    uv_unref((uv_handle_t *)&c->redraw);
}

static bool start_one(struct local_cluster *c, const struct rota_options *o,
                      struct rota_driver_loop *d, const char *name,
                      struct rota_driver_config *config)
{
    struct rota_backend *backend = rota_options_connect(o, d, &c->screen);

    if (backend == NULL)
        return false;
    d->name = name;
    d->log = &c->log;
    d->on_trace = o->verbose ? rota_driver_loop_print_trace : NULL;
    config->session = rota_options_session(o, config->role != &rota_client_role);
    rota_driver_loop_start(d, config, backend);
    return true;
}

static bool start_all(struct local_cluster *c, const struct arguments *a)
{
    struct rota_master_config master = {0};
    struct rota_worker_config worker = {.slots = a->jobs, .drain_timeout_ms = DRAIN_MS};
    struct rota_client_config client = {
        .wait = true, .collect = true, .withdraw = true, .progress = c->screen.bar};
    struct rota_driver_config masters = {.role = &rota_master_role, .config = &master};
    struct rota_driver_config workers = {.role = &rota_worker_role, .config = &worker};
    struct rota_driver_config clients = {.role = &rota_client_role, .config = &client};

    snprintf(master.id, sizeof master.id, "%.60s", c->name);
    rota_identity_master_address(master.address, sizeof master.address);
    snprintf(worker.name, sizeof worker.name, "%s", c->name);
    rota_identity_worker_address(worker.address, sizeof worker.address);
    return start_one(c, &a->options, &c->master, "master", &masters) &&
           start_one(c, &a->options, &c->worker.driver_loop, "worker", &workers) &&
           start_one(c, &a->options, &c->client.driver_loop, "client", &clients);
}

static bool gave_up(const struct rota_driver *driver)
{
    return driver->status > ROTA_EXIT_FAILED && driver->status != ROTA_EXIT_INTERRUPTED;
}

/* Prints why a role gave up, if one did. Returns the exit status. */
static enum rota_exit conclude(struct local_cluster *c, const struct rota_options *o)
{
    const struct rota_driver *drivers[] = {&c->master.driver, &c->worker.driver_loop.driver,
                                           &c->client.driver_loop.driver};

    rota_screen_clear(&c->screen);
    if (c->interrupted)
        return ROTA_EXIT_INTERRUPTED;
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++)
        if (gave_up(drivers[i])) {
            rota_options_explain(o, drivers[i], &c->screen);
            return drivers[i]->status;
        }
    if (c->client.jobs.next == 0 && !c->client.input_failed)
        rota_screen_say(&c->screen, "%s holds no commands; nothing was run",
                        c->client.config.input);
    return c->worker.guard_lost ? ROTA_EXIT_FAILED : rota_job_feed_status(&c->client);
}

static int open_all(struct local_cluster *c, const struct arguments *a)
{
    struct rota_executor_config executor = {.worker = c->name,
                                            .max_result = MAX_RESULT,
                                            .max_log = UINT32_MAX,
                                            .grace_ms = a->grace_ms};
    struct rota_job_feed_config feed = {.results = true,
                                        .collect = true,
                                        .json = a->json,
                                        .errors = a->options.zk != NULL,
                                        .terms = &a->terms,
                                        .input = strcmp(a->input, "-") == 0 ? "standard input"
                                                                            : a->input};

    c->worker.context = c;
    c->worker.on_finished = on_worker_finished;
    c->worker.screen = &c->screen;
    c->client.context = c;
    c->client.on_finished = on_client_finished;
    c->master.context = c;
    c->master.on_finished = on_master_finished;
    int rc = rota_worker_host_open(&c->worker, &c->loop, &executor);
    if (rc == 0)
        rc = rota_driver_loop_open(&c->master, &c->loop);
    if (rc == 0)
        rc = rota_job_feed_open(&c->client, &c->loop, &feed, &c->screen);
    return rc;
}

static void close_all(struct local_cluster *c)
{
    rota_driver_loop_close(&c->master);
    rota_worker_host_close(&c->worker);
    rota_driver_loop_close(&c->client.driver_loop);
    rota_source_close(&c->client.source);
}

/* Creates the tree, in memory or on ZooKeeper, as rota init does. */
static enum rota_exit create_tree(struct local_cluster *c, struct rota_options *o)
{
    if (o->zk == NULL)
        o->tree = c->tree = rota_embedded_tree_open(0);
    return rota_tree_reader_create_tree(o, -1);
}

static enum rota_exit work(struct local_cluster *c, struct arguments *a)
{
    enum rota_exit status = create_tree(c, &a->options);

    if (status != ROTA_EXIT_DONE)
        return status;
    int rc = rota_source_open_lines(&c->client.source, &c->loop, a->input);
    if (rc != 0) {
        rota_screen_say(&c->screen, "%s cannot be opened: %s", a->input, strerror(-rc));
        return ROTA_EXIT_USAGE;
    }
    if (!start_all(c, a))
        return ROTA_EXIT_UNREACHABLE;
    start_watching(c);
    uv_run(&c->loop, UV_RUN_DEFAULT);
    status = conclude(c, &a->options);
    rota_signals_close(&c->signals);
    uv_close((uv_handle_t *)&c->redraw, NULL);
    return status;
}

static int run(int argc, char **argv)
{
    struct arguments a = {.jobs = uv_available_parallelism(), .grace_ms = GRACE_MS};

    rota_options_parse(&argp, argc, argv, &a);
    if (a.input == NULL)
        a.input = "-";
    if (a.options.zk != NULL && !rota_options_check(&a.options, NULL))
        return ROTA_EXIT_UNREACHABLE;
    struct local_cluster *c = rota_memory_zeroed(1, sizeof *c);
    c->magic = LOCAL_CLUSTER_MAGIC;
    rota_identity_name(c->name, sizeof c->name, "run");
    rota_screen_open(&c->screen, true);
    c->screen.log = &c->log;
    enum rota_exit status = ROTA_EXIT_REFUSED;
    int rc = uv_loop_init(&c->loop);
    if (rc != 0) {
        rota_screen_say(&c->screen, "the event loop cannot be opened: %s", uv_strerror(rc));
    } else {
        rota_log_open(&c->log, &c->loop);
        rc = open_all(c, &a);
        if (rc == 0)
            status = work(c, &a);
        else
            rota_screen_say(&c->screen, "the guard process cannot be started: %s", uv_strerror(rc));
        close_all(c);
        rota_log_close(&c->log);
        uv_run(&c->loop, UV_RUN_DEFAULT);
        uv_loop_close(&c->loop);
    }
    rota_job_feed_close(&c->client);
    if (c->tree != NULL)
        rota_embedded_tree_close(c->tree);
    c->magic = 0;
    free(c);
    return (int)status;
}

const struct rota_command rota_command_run = {
    "run", "run each line of a file as a command; needs no server", run};
