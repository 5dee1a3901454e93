/* rota worker: runs tasks, each as a child of its guard process. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/base/identity.h"
#include "cli/base/options.h"
#include "cli/base/signals.h"
#include "cli/commands/command.h"
#include "cli/jobs/worker_host.h"
#include "model/tree/spec.h"
#include "model/worker/worker.h"
#include "system/memory.h"

enum {
    DRAIN_MS = 30000,
    GRACE_MS = 3000,
    DAY_MS = 86400000,
    MAX_RESULT = 512 * 1024,
    MAX_LOG = 64 * 1024,
    MOST_LOG = 1024 * 1024 * 1024,
    MOST_RESULT = 900000,
};

struct arguments {
    struct rota_options options;
    const char *name;
    uint32_t slots;
    uint32_t drain_ms;
    uint32_t grace_ms;
    char tags[sizeof((struct rota_worker_config *)0)->tags]; /* separated by commas */
    uint32_t max_result;
    uint32_t max_log;
    bool shell;
    char **program; /* argv of --exec, ends with NULL */
};

struct worker {
    struct rota_log log;
    struct rota_screen screen;
    struct rota_worker_host host;
    struct rota_signals signals;
};

static const struct argp_option options[] = {
    {"name", 'n', "NAME", 0, "the worker's name; no other worker may have it", 0},
    {"slots", 'j', "N", 0, "run up to N tasks at once (default 1)", 0},
    {"shell", 'S', 0, 0, "a payload is a command for /bin/sh -c", 0},
    {"exec", 'e', "PROGRAM [ARG...]", 0,
     "run PROGRAM for each task, with the payload on its standard input; must be the last option",
     0},
    {"tag", 't', "TAG", 0, "a tag that tasks can ask for; can be given again", 0},
    {"drain-timeout", 'd', "D", 0,
     "how long running tasks may take to finish after SIGTERM or rota drain (default 30s)", 0},
    {"drain", 0, 0, OPTION_ALIAS, 0, 0},
    {"grace", 'g', "D", 0, "the time from SIGTERM to SIGKILL when a task is stopped (default 3s)",
     0},
    {"max-log", 'l', "BYTES", 0,
     "how much of the standard error of an attempt goes to this log (default 65536)", 0},
    {"max-result", 'm', "BYTES", 0,
     "a task fails if its standard output is longer (default 524288)", 0},
    {0}};

/* Everything behind --exec belongs to the program. */
static void take_program(struct arguments *a, char *program, struct argp_state *state)
{
    int rest = state->argc - state->next;

    a->program = rota_memory_zeroed((size_t)rest + 2, sizeof *a->program);
    a->program[0] = program;
    memcpy(a->program + 1, state->argv + state->next, (size_t)rest * sizeof *a->program);
    state->next = state->argc;
}

static void add_tag(struct arguments *a, const char *tag, const struct argp_state *state)
{
    size_t length = strlen(a->tags);
    const char *wrong = rota_spec_tag_wrong(tag);

    if (wrong != NULL)
        argp_error(state, "--tag %s: %s", tag, wrong);
    if (length + strlen(tag) + 2 > sizeof a->tags)
        argp_error(state, "--tag: the tags together are longer than %zu bytes; use shorter tags",
                   sizeof a->tags - 1);
    snprintf(a->tags + length, sizeof a->tags - length, "%s%s", length > 0 ? "," : "", tag);
}

static bool is_program(const char *path)
{
    struct stat stat_of;

    return access(path, X_OK) == 0 && stat(path, &stat_of) == 0 && S_ISREG(stat_of.st_mode);
}

/* Whether the program exists, looked up in the same way as by execvp. The check is made at the
 * start, since a worker that cannot run its program would fail every task. */
static bool is_found(const char *program)
{
    char path[PATH_MAX], usual[PATH_MAX];
    const char *folder = getenv("PATH");

    if (strchr(program, '/') != NULL)
        return is_program(program);
    if (folder == NULL) {
        confstr(_CS_PATH, usual, sizeof usual);
        folder = usual;
    }
    for (;; folder++) {
        size_t length = strcspn(folder, ":");

        snprintf(path, sizeof path, "%.*s/%s", length > 0 ? (int)length : 1,
                 length > 0 ? folder : ".", program);
        if (is_program(path))
            return true;
        folder += length;
        if (*folder == '\0')
            return false;
    }
}

static void check(const struct arguments *a, struct argp_state *state)
{
    rota_options_need_zk(state, &a->options);
    if (a->name == NULL)
        argp_error(state, "the worker has no name; give one that no other worker has: --name NAME");
    if (a->shell == (a->program != NULL))
        argp_error(
            state,
            "give one of --shell, if payloads are commands, and --exec PROGRAM, if they are its "
            "input");
    if (a->program != NULL && !is_found(a->program[0]))
        argp_error(state, "--exec: no program \"%s\" that can be run is found", a->program[0]);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->options;
        return 0;
    case 'n':
        a->name = rota_options_name(state, "--name", argument, 199);
        return 0;
    case 'j':
        a->slots = rota_options_number(state, "--slots", argument, 1, 4096);
        return 0;
    case 'S':
        a->shell = true;
        return 0;
    case 'e':
        take_program(a, argument, state);
        return 0;
    case 'd':
        a->drain_ms =
            (uint32_t)rota_options_duration(state, "--drain-timeout", argument, 0, DAY_MS);
        return 0;
    case 'g':
        a->grace_ms = (uint32_t)rota_options_duration(state, "--grace", argument, 0, DAY_MS);
        return 0;
    case 't':
        add_tag(a, argument, state);
        return 0;
    case 'm':
        a->max_result = rota_options_number(state, "--max-result", argument, 0, MOST_RESULT);
        return 0;
    case 'l':
        a->max_log = rota_options_number(state, "--max-log", argument, 0, MOST_LOG);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument \"%s\"", argument);
        return 0;
    case ARGP_KEY_END:
        check(a, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&rota_options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = options,
    .parser = parse,
    .children = children,
    .doc =
        "Run tasks. The standard output of a task is its result; its standard error goes to the "
        "log of the worker, which is standard error. On SIGTERM the worker lets running tasks "
        "finish, hands back those that do not finish in time, and ends; on a second SIGTERM it "
        "hands back all of them at once.\vA task finds ROTA_TASK, ROTA_ATTEMPT, ROTA_FENCE and "
        "ROTA_WORKER in its environment. A task can report its progress on file descriptor 3; the "
        "last line is shown by rota list, and on a terminal by rota wait and rota submit --wait. "
        "When the main process of a task ends, processes that it left in the background are "
        "killed."};

static void on_finished(struct rota_worker_host *h)
{
    (void)h; /* the loop ends when the guard has ended */
}

static void on_signal(struct rota_signals *s, int number, int times)
{
    struct worker *w = s->context;

    (void)number;
    (void)times;
    rota_driver_loop_stop(&w->host.driver_loop);
}

static struct rota_worker_config configure(const struct arguments *a)
{
    struct rota_worker_config config = {.slots = a->slots, .drain_timeout_ms = a->drain_ms};

    snprintf(config.name, sizeof config.name, "%s", a->name);
    rota_identity_worker_address(config.address, sizeof config.address);
    snprintf(config.tags, sizeof config.tags, "%s", a->tags);
    return config;
}

static enum rota_exit serve(struct worker *w, const struct arguments *a, uv_loop_t *loop)
{
    struct rota_executor_config executor = {.worker = a->name,
                                            .argv = a->program,
                                            .max_result = a->max_result,
                                            .max_log = a->max_log,
                                            .grace_ms = a->grace_ms};
    struct rota_worker_config worker = configure(a);
    struct rota_driver_config config = {.role = &rota_worker_role,
                                        .config = &worker,
                                        .session = rota_options_session(&a->options, true)};
    struct rota_driver_loop *driver_loop = &w->host.driver_loop;
    int rc = rota_worker_host_open(&w->host, loop, &executor);

    if (rc != 0) {
        rota_screen_say(&w->screen, "the guard process cannot be started: %s", uv_strerror(rc));
        return ROTA_EXIT_REFUSED;
    }
    driver_loop->name = worker.name;
    driver_loop->log = &w->log;
    driver_loop->on_trace = rota_driver_loop_print_trace;
    struct rota_backend *backend = rota_options_connect(&a->options, driver_loop, &w->screen);
    if (backend == NULL) {
        rota_worker_host_close(&w->host);
        return ROTA_EXIT_UNREACHABLE;
    }
    rota_driver_loop_start(driver_loop, &config, backend);
    uv_run(loop, UV_RUN_DEFAULT);
    rota_options_explain(&a->options, &driver_loop->driver, &w->screen);
    if (w->host.guard_lost && driver_loop->driver.status == ROTA_EXIT_DONE)
        return ROTA_EXIT_FAILED;
    return driver_loop->driver.status;
}

static int run(int argc, char **argv)
{
    struct arguments a = {.slots = 1,
                          .drain_ms = DRAIN_MS,
                          .grace_ms = GRACE_MS,
                          .max_result = MAX_RESULT,
                          .max_log = MAX_LOG};
    enum rota_exit status = ROTA_EXIT_UNREACHABLE;
    uv_loop_t *loop = uv_default_loop();

    rota_options_parse(&argp, argc, argv, &a);
    struct worker *w = rota_memory_zeroed(1, sizeof *w);
    w->host.on_finished = on_finished;
    w->screen.log = &w->log;
    w->host.screen = &w->screen;
    w->host.names = true;
    w->signals.context = w;
    w->signals.on_signal = on_signal;
    if (rota_options_check(&a.options, &w->screen)) {
        rota_log_open(&w->log, loop);
        rota_signals_open(&w->signals, loop);
        status = serve(w, &a, loop);
        rota_signals_close(&w->signals);
        rota_log_close(&w->log);
    }
    uv_run(loop, UV_RUN_DEFAULT);
    uv_loop_close(loop);
    free(a.program);
    free(w);
    return (int)status;
}

const struct rota_command rota_command_worker = {
    "worker", "run tasks, with the shell or with a program", run};
