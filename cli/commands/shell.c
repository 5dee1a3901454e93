/* rota shell: zkCli's commands on a ZooKeeper, or on a tree in memory. */
#include <argp.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "backend_sim/embedded.h"
#include "backend_zk/zk.h"
#include "cli/base/line.h"
#include "cli/base/options.h"
#include "cli/commands/command.h"
#include "harness/zkcli/zkcli.h"
#include "model/seam/event.h"
#include "system/memory.h"

enum {
    OPTION_SIM = 256,
    OPTION_OLD,
    COMPLETION_MS = 2000,
};

struct arguments {
    struct rota_options options;
    const char **commands; /* -c, in order */
    uint32_t command_count;
    uint32_t command_capacity;
    bool sim;
    bool old;
};

struct shell {
    const struct arguments *arguments;
    char *hosts; /* connect string of the backend */
    struct rota_embedded_tree *tree;
    struct rota_backend *backend;
    struct rota_zkcli *zkcli;
    struct rota_line *line; /* NULL: the commands are in the arguments */
    int wake;               /* an eventfd: the backend has events */
    int signals;
    bool interrupted;
    bool unreachable; /* no server was reached */
};

/* ---- the command line ---- */

static const struct argp_option options[] = {
    {"sim", OPTION_SIM, 0, 0, "use a new tree in memory instead of a ZooKeeper", 0},
    {"command", 'c', "COMMAND", 0,
     "carry out COMMAND instead of reading commands; can be given again", 0},
    {"old", OPTION_OLD, 0, 0,
     "answer as zkCli of ZooKeeper 3.4 does: get and set also print the stat", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->options;
        return 0;
    case OPTION_SIM:
        a->sim = true;
        return 0;
    case OPTION_OLD:
        a->old = true;
        return 0;
    case 'c':
        a->commands = rota_memory_extend(a->commands, a->command_count, &a->command_capacity,
                                         sizeof *a->commands);
        a->commands[a->command_count++] = argument;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument \"%s\"; give a command with -c", argument);
        return 0;
    case ARGP_KEY_END:
        if (!a->sim)
            rota_options_need_zk(state, &a->options);
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
    .doc = "Carry out zkCli's commands on a ZooKeeper, or with --sim on a tree in memory. On a "
           "terminal lines can be edited, and TAB completes commands and paths; from a pipe each "
           "line is a command.\vExit status: 0; with -c or from a pipe 1 if the last command "
           "failed; 3 if no server could be reached; 130 if interrupted. docs/SHELL.md describes "
           "the commands."};

/* ---- events ---- */

/* Called from any thread of the backend. */
static void on_wake(void *context)
{
    const struct shell *s = context;
    uint64_t one = 1;
    ssize_t written = write(s->wake, &one, sizeof one);

    (void)written; /* it fails only if the counter is full, and then the shell is awake */
}

static void drain(int descriptor)
{
    char bytes[512];

    while (read(descriptor, bytes, sizeof bytes) > 0)
        ;
}

/* Passes all events of the backend to the session. */
static void pass_events(struct shell *s)
{
    struct rota_handle_event event;

    drain(s->wake);
    while (s->backend->ops->next(s->backend, &event))
        rota_zkcli_handle_event(s->zkcli, &event);
}

/* Waits until there is an event, or input if `input` is set, or the time is over; then passes the
 * events on. Returns whether input can be read. */
static bool wait_once(struct shell *s, bool input, int timeout_ms)
{
    struct pollfd watched[] = {
        {s->wake, POLLIN, 0}, {s->signals, POLLIN, 0}, {input ? STDIN_FILENO : -1, POLLIN, 0}};

    if (poll(watched, 3, timeout_ms) < 0)
        return false;
    if (watched[1].revents != 0) {
        drain(s->signals);
        s->interrupted = true;
    }
    pass_events(s);
    return watched[2].revents != 0;
}

/* Waits until no command runs, at most `timeout_ms`; -1: without limit. */
static void wait_idle(struct shell *s, int timeout_ms)
{
    rota_time end = s->backend->ops->now(s->backend) + (rota_time)timeout_ms * 1000;

    pass_events(s);
    while (rota_zkcli_busy(s->zkcli) && !s->interrupted) {
        int left = -1;

        if (timeout_ms >= 0) {
            left = (int)((end - s->backend->ops->now(s->backend) + 999) / 1000);
            if (left <= 0)
                return;
        }
        wait_once(s, false, left);
    }
}

/* Waits until the session is connected or has ended, at most for the time of --connect. */
static void wait_connected(struct shell *s)
{
    uint32_t timeout_ms = s->arguments->options.connect_ms;
    rota_time end = s->backend->ops->now(s->backend) + (rota_time)timeout_ms * 1000;

    pass_events(s);
    while (!rota_zkcli_connected(s->zkcli) && !rota_zkcli_ended(s->zkcli) && !s->interrupted) {
        rota_time left = (end - s->backend->ops->now(s->backend) + 999) / 1000;

        if (left <= 0)
            return;
        wait_once(s, false, (int)left);
    }
}

/* ---- callbacks of the session ---- */

static void on_print(void *context, enum rota_zkcli_stream stream, const char *text, size_t length)
{
    const struct shell *s = context;
    FILE *out = stream == ROTA_ZKCLI_OUT ? stdout : stderr;

    fwrite(text, 1, length, out);
    fflush(out);
    if (s->line != NULL)
        rota_line_show(s->line);
}

static struct rota_backend *new_backend(struct shell *s)
{
    struct rota_zk_config config = {.hosts = s->hosts,
                                    .session_timeout_ms = s->arguments->options.session_ms,
                                    .log = s->arguments->options.verbose ? ROTA_ZK_LOG_WARNINGS
                                                                         : ROTA_ZK_LOG_QUIET};

    if (s->tree != NULL)
        return rota_embedded_open(s->tree, s->arguments->options.session_ms, on_wake, s);
    return rota_zk_open(&config, on_wake, s);
}

/* Resolves the servers first, so that a wrong list is reported with a sentence. In memory there is
 * only one tree. */
static bool hosts_usable(struct shell *s, const char *hosts)
{
    struct rota_options named = s->arguments->options;

    named.zk = hosts;
    return s->tree != NULL || rota_options_check(&named, NULL);
}

static struct rota_backend *on_connect(void *context, const char *hosts)
{
    struct shell *s = context;

    if (!hosts_usable(s, hosts))
        return NULL;
    char *copy = rota_memory_text(hosts);
    free(s->hosts);
    s->hosts = copy;
    s->backend->ops->destroy(s->backend);
    s->backend = new_backend(s);
    return s->backend;
}

/* ---- input ---- */

static bool on_wait(void *context)
{
    struct shell *s = context;

    while (!s->interrupted)
        if (wait_once(s, true, -1))
            return true;
    return false;
}

static void on_prompt(void *context, char *text, size_t size)
{
    const struct shell *s = context;

    rota_zkcli_prompt(s->zkcli, text, size);
}

static void on_complete(void *context, const char *line, size_t length,
                        struct rota_line_candidates *candidates)
{
    struct shell *s = context;

    if (rota_zkcli_busy(s->zkcli))
        return; /* the last completion was not answered yet */
    rota_zkcli_complete(s->zkcli, line, length);
    wait_idle(s, COMPLETION_MS);
    if (!rota_zkcli_busy(s->zkcli))
        candidates->texts = rota_zkcli_candidates(s->zkcli, &candidates->count, &candidates->from);
}

static bool goes_on(const struct shell *s)
{
    return !s->interrupted && !rota_zkcli_quit(s->zkcli);
}

static bool on_terminal(const struct shell *s)
{
    return s->line != NULL && rota_line_terminal(s->line);
}

/* Waits for the connection after `connect`, except on a terminal, where the prompt shows whether
 * there is one. */
static void carry_out(struct shell *s, const char *line, size_t length)
{
    wait_idle(s, -1);
    if (!s->interrupted)
        rota_zkcli_command(s->zkcli, line, length);
    wait_idle(s, -1);
    if (goes_on(s) && !on_terminal(s))
        wait_connected(s);
}

static void read_commands(struct shell *s)
{
    const char *line;
    size_t length;
    struct rota_line_config config = {on_wait, on_prompt, on_complete, s};

    s->line = rota_line_open(&config);
    if (rota_line_terminal(s->line))
        printf("Connected to %s; help lists the commands, quit or Ctrl-D ends.\n", s->hosts);
    while (goes_on(s) && (line = rota_line_read(s->line, &length)) != NULL)
        carry_out(s, line, length);
    if (on_terminal(s) && !rota_zkcli_quit(s->zkcli))
        putchar('\n');
}

/* ---- the whole run ---- */

static enum rota_exit status_of(const struct shell *s)
{
    if (s->unreachable)
        return ROTA_EXIT_UNREACHABLE;
    if (s->interrupted)
        return ROTA_EXIT_INTERRUPTED;
    if (on_terminal(s))
        return ROTA_EXIT_DONE;
    return rota_zkcli_failed(s->zkcli) ? ROTA_EXIT_FAILED : ROTA_EXIT_DONE;
}

static void converse(struct shell *s)
{
    const struct arguments *a = s->arguments;

    wait_connected(s);
    s->unreachable = !rota_zkcli_connected(s->zkcli) && !s->interrupted;
    if (s->unreachable)
        rota_screen_say(
            NULL,
            "no ZooKeeper server answered within %u s (at %s); check --zk or ROTA_ZK, and "
            "whether the servers run",
            a->options.connect_ms / 1000, s->hosts);
    else if (a->command_count == 0)
        read_commands(s);
    for (uint32_t i = 0; i < a->command_count && goes_on(s) && !s->unreachable; i++)
        carry_out(s, a->commands[i], strlen(a->commands[i]));
}

/* Signals are read from a descriptor, so that the session can be closed in good order. They must be
 * blocked before the client library starts its threads. */
static void open_descriptors(struct shell *s)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    s->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

static void close_all(struct shell *s)
{
    if (s->line != NULL)
        rota_line_close(s->line);
    if (s->zkcli != NULL)
        rota_zkcli_close(s->zkcli);
    if (s->backend != NULL)
        s->backend->ops->destroy(s->backend);
    if (s->tree != NULL)
        rota_embedded_tree_close(s->tree);
    close(s->signals);
    close(s->wake);
    free(s->hosts);
}

static enum rota_exit converse_with(struct shell *s)
{
    struct rota_zkcli_config config = {.name = s->hosts,
                                       .old = s->arguments->old,
                                       .session_events = s->arguments->command_count == 0,
                                       .print = on_print,
                                       .connect = on_connect,
                                       .context = s};

    if (!hosts_usable(s, s->hosts))
        return ROTA_EXIT_UNREACHABLE;
    s->backend = new_backend(s);
    if (s->backend == NULL)
        return ROTA_EXIT_UNREACHABLE;
    config.backend = s->backend;
    s->zkcli = rota_zkcli_open(&config);
    converse(s);
    return status_of(s);
}

static int run(int argc, char **argv)
{
    struct arguments a = {0};
    struct shell s = {.arguments = &a};

    rota_options_parse(&argp, argc, argv, &a);
    open_descriptors(&s);
    s.tree = a.sim ? rota_embedded_tree_open(0) : NULL;
    s.hosts = rota_memory_text(a.sim ? "sim" : a.options.zk);
    enum rota_exit status = converse_with(&s);
    close_all(&s);
    free(a.commands);
    return (int)status;
}

const struct rota_command rota_command_shell = {
    "shell", "carry out zkCli's commands on a ZooKeeper or on a tree in memory", run};
