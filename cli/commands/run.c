/* rota run: a master, a worker and a client in one process, over a tree of its own or a real one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend_sim/embedded.h"
#include "cli/commands/command.h"
#include "cli/jobs/job_feed.h"
#include "cli/base/memory.h"
#include "cli/base/options.h"
#include "cli/base/signals.h"
#include "cli/jobs/tree_reader.h"
#include "cli/jobs/worker_host.h"
#include "model/client/client.h"
#include "model/master/master.h"
#include "model/worker/worker.h"

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

/* Everybody, and the one loop. */
struct crew {
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
    {"jobs", 'j', "N", 0, "commands at once (the number of processors)", 0},
    {"grace", 'g', "D", 0, "from a TERM that ends a command to the KILL, if it goes on (3s)", 0},
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
            argp_error(state, "one file at a time; \"%s\" is too many", argument);
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
    .doc =
        "Run each line of FILE, or of standard input, as a shell command, several at once, and "
        "print "
        "what they print in the order of the lines. Without a ZooKeeper everything happens in this "
        "one process.\vExit status: 0 if every command ended with 0, 1 if one did not, 130 if "
        "interrupted."};

/* The worker goes before the master: what it holds it has finished or gives back. */
static void on_client_finished(struct rota_job_feed *d)
{
    struct crew *crew = d->context;
    if (crew->worker.process.finished)
        rota_driver_loop_stop(&crew->master);
    else
        rota_driver_loop_stop(&crew->worker.process);
}

static void on_worker_finished(struct rota_worker_host *s)
{
    struct crew *crew = s->context;
    if (crew->client.finished)
        rota_driver_loop_stop(&crew->master);
    else if (!crew->client.stopping)
        rota_job_feed_stop(&crew->client);
}

static void on_master_finished(struct rota_driver_loop *p)
{
    struct crew *crew = p->context;
    if (p->driver.status != ROTA_EXIT_DONE && !crew->client.finished && !crew->client.stopping)
        rota_job_feed_stop(&crew->client);
}

/* Ends the children at once; when they have ended, what is done is printed and the rest withdrawn.
 */
static void on_signal(struct rota_signals *signals, int number, int times)
{
    struct crew *crew = signals->context;
    (void)number;
    if (times > 2)
        _exit(ROTA_EXIT_INTERRUPTED); /* standard output is not being taken */
    crew->interrupted = true;
    rota_driver_loop_stop(&crew->worker.process);
    rota_job_feed_hold(&crew->client);
    rota_driver_loop_stop(&crew->worker.process);
    if (times > 1 || crew->worker.process.finished)
        rota_job_feed_stop(&crew->client);
}

static void on_redraw(uv_timer_t *timer)
{
    struct crew *crew = timer->data;
    rota_screen_draw(&crew->screen);
}

static void watch(struct crew *crew)
{
    crew->signals.context = crew;
    crew->signals.on_signal = on_signal;
    rota_signals_open(&crew->signals, &crew->loop);
    uv_timer_init(&crew->loop, &crew->redraw);
    crew->redraw.data = crew;
    uv_timer_start(&crew->redraw, on_redraw, REDRAW_MS, REDRAW_MS);
    uv_unref((uv_handle_t *)&crew->redraw);
}

static bool start_one(struct crew *crew, const struct rota_options *o, struct rota_driver_loop *p,
                      const char *who, struct rota_driver_config *config)
{
    struct rota_backend *backend = rota_options_connect(o, p, &crew->screen);
    if (backend == NULL)
        return false;
    p->who = who;
    p->log = &crew->log;
    p->on_trace = o->verbose ? rota_driver_loop_print_trace : NULL;
    config->session = rota_options_session(o, config->role != &rota_client_role);
    rota_driver_loop_start(p, config, backend);
    return true;
}

static bool start_all(struct crew *crew, const struct arguments *a)
{
    struct rota_master_config master = {0};
    struct rota_worker_config worker = {.slots = a->jobs, .drain_timeout_ms = DRAIN_MS};
    struct rota_client_config client = {
        .wait = true, .collect = true, .withdraw = true, .progress = crew->screen.bar};
    struct rota_driver_config masters = {.role = &rota_master_role, .config = &master};
    struct rota_driver_config workers = {.role = &rota_worker_role, .config = &worker};
    struct rota_driver_config clients = {.role = &rota_client_role, .config = &client};
    snprintf(master.id, sizeof master.id, "%.60s", crew->name);
    rota_options_address(master.address, sizeof master.address);
    snprintf(worker.name, sizeof worker.name, "%s", crew->name);
    rota_options_place(worker.address, sizeof worker.address);
    return start_one(crew, &a->options, &crew->master, "master", &masters) &&
           start_one(crew, &a->options, &crew->worker.process, "worker", &workers) &&
           start_one(crew, &a->options, &crew->client.process, "client", &clients);
}

static bool gave_up(const struct rota_driver *driver)
{
    return driver->status > ROTA_EXIT_FAILED && driver->status != ROTA_EXIT_INTERRUPTED;
}

/* Says why it did not go well, if it did not. Returns the exit status. */
static enum rota_exit conclude(struct crew *crew, const struct rota_options *o)
{
    const struct rota_driver *drivers[] = {&crew->master.driver, &crew->worker.process.driver,
                                           &crew->client.process.driver};
    rota_screen_clear(&crew->screen);
    if (crew->interrupted)
        return ROTA_EXIT_INTERRUPTED;
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++)
        if (gave_up(drivers[i])) {
            rota_options_explain(o, drivers[i], &crew->screen);
            return drivers[i]->status;
        }
    if (crew->client.next == 0 && !crew->client.input_failed)
        rota_screen_say(&crew->screen, "%s holds no commands, one a line; nothing was done",
                        crew->client.config.input);
    return crew->worker.guard_lost ? ROTA_EXIT_FAILED : rota_job_feed_status(&crew->client);
}

static int open_all(struct crew *crew, const struct arguments *a)
{
    struct rota_executor_config hands = {.worker = crew->name,
                                         .max_result = MAX_RESULT,
                                         .max_log = UINT32_MAX,
                                         .grace_ms = a->grace_ms};
    struct rota_job_feed_config desk = {.results = true,
                                        .collect = true,
                                        .json = a->json,
                                        .errors = a->options.zk != NULL,
                                        .terms = &a->terms,
                                        .input = strcmp(a->input, "-") == 0 ? "standard input"
                                                                            : a->input};
    crew->worker.context = crew;
    crew->worker.on_finished = on_worker_finished;
    crew->worker.screen = &crew->screen;
    crew->client.context = crew;
    crew->client.on_finished = on_client_finished;
    crew->master.context = crew;
    crew->master.on_finished = on_master_finished;
    int rc = rota_worker_host_open(&crew->worker, &crew->loop, &hands);
    if (rc == 0)
        rc = rota_driver_loop_open(&crew->master, &crew->loop);
    if (rc == 0)
        rc = rota_job_feed_open(&crew->client, &crew->loop, &desk, &crew->screen);
    return rc;
}

static void close_all(struct crew *crew)
{
    rota_driver_loop_close(&crew->master);
    rota_worker_host_close(&crew->worker);
    rota_driver_loop_close(&crew->client.process);
    rota_source_close(&crew->client.source);
}

/* The tree, real or embedded, is made as by rota init. */
static enum rota_exit found(struct crew *crew, struct rota_options *o)
{
    if (o->zk == NULL)
        o->tree = crew->tree = rota_embedded_tree_open(0);
    return rota_tree_reader_create_tree(o, -1);
}

static enum rota_exit work(struct crew *crew, struct arguments *a)
{
    enum rota_exit status = found(crew, &a->options);
    if (status != ROTA_EXIT_DONE)
        return status;
    int rc = rota_source_open_lines(&crew->client.source, &crew->loop, a->input);
    if (rc != 0) {
        rota_screen_say(&crew->screen, "%s cannot be opened: %s", a->input, strerror(-rc));
        return ROTA_EXIT_USAGE;
    }
    if (!start_all(crew, a))
        return ROTA_EXIT_UNREACHABLE;
    watch(crew);
    uv_run(&crew->loop, UV_RUN_DEFAULT);
    status = conclude(crew, &a->options);
    rota_signals_close(&crew->signals);
    uv_close((uv_handle_t *)&crew->redraw, NULL);
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
    struct crew *crew = rota_zeroed(1, sizeof *crew);
    rota_options_own_name(crew->name, sizeof crew->name, "run");
    rota_screen_open(&crew->screen, true);
    crew->screen.log = &crew->log;
    enum rota_exit status = ROTA_EXIT_REFUSED;
    if (uv_loop_init(&crew->loop) == 0) {
        rota_log_open(&crew->log, &crew->loop);
        int rc = open_all(crew, &a);
        if (rc == 0)
            status = work(crew, &a);
        else
            rota_screen_say(&crew->screen, "the guard process cannot be started: %s",
                            uv_strerror(rc));
        close_all(crew);
        rota_log_close(&crew->log);
        uv_run(&crew->loop, UV_RUN_DEFAULT);
        uv_loop_close(&crew->loop);
    }
    rota_job_feed_close(&crew->client);
    if (crew->tree != NULL)
        rota_embedded_tree_close(crew->tree);
    free(crew);
    return (int)status;
}

const struct rota_command rota_command_run = {
    "run", "run each line of a file as a command; needs no server", &argp, run};
