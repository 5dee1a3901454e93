/* zkserver: starts, stops and kills a real ZooKeeper server on loopback, for scripts. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/live/zkserver.h"

enum {
    KEY_TICK = 't',
    KEY_PORT = 'p',
    KEY_DURABLE = 'd',
    KEY_ID = 'i',
    KEY_LINE = 'l',
};

struct arguments {
    const char *command;
    struct rota_zkserver_config config;
    char more[1024]; /* lines for the configuration */
};

static const struct argp_option options[] = {
    {"tick", KEY_TICK, "MS", 0, "the server's tickTime (default 200)", 0},
    {"port", KEY_PORT, "N", 0, "listen on this port instead of a free one", 0},
    {"durable", KEY_DURABLE, NULL, 0, "fsync every transaction, as production does", 0},
    {"id", KEY_ID, "N", 0, "make it server N of an ensemble", 0},
    {"line", KEY_LINE, "TEXT", 0, "add a line to zoo.cfg, such as server.1=HOST:PORT:PORT", 0},
    {0},
};

static unsigned long number(const char *text, unsigned long most, struct argp_state *state)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (*text == '\0' || *end != '\0' || n > most)
        argp_error(state, "give a number up to %lu, not \"%s\"", most, text);
    return n;
}

static void add_line(struct arguments *a, const char *text, struct argp_state *state)
{
    size_t used = strlen(a->more);
    size_t left = sizeof a->more - used;

    if (strlen(text) + 2 > left)
        argp_error(state, "the lines of --line are too long together");
    snprintf(a->more + used, left, "%s\n", text);
    a->config.more = a->more;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (key) {
    case KEY_TICK:
        a->config.tick_ms = (uint32_t)number(text, 60000, state);
        return 0;
    case KEY_PORT:
        a->config.port = (uint16_t)number(text, UINT16_MAX, state);
        return 0;
    case KEY_DURABLE:
        a->config.durable = true;
        return 0;
    case KEY_ID:
        a->config.id = (uint32_t)number(text, 255, state);
        return 0;
    case KEY_LINE:
        add_line(a, text, state);
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num == 0)
            a->command = text;
        else if (state->arg_num == 1)
            a->config.directory = text;
        else
            return ARGP_ERR_UNKNOWN;
        return 0;
    case ARGP_KEY_END:
        if (state->arg_num != 2)
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool start(struct rota_zkserver *s, const struct rota_zkserver_config *config)
{
    if (!rota_zkserver_start(s, config)) {
        rota_zkserver_kill(s);
        return false;
    }
    printf("%s %ld\n", s->hosts, (long)s->pid);
    return true;
}

static bool signal_running(struct rota_zkserver *s, const struct arguments *a)
{
    if (!rota_zkserver_find(s, a->config.directory))
        return false;
    return strcmp(a->command, "stop") == 0 ? rota_zkserver_stop(s) : rota_zkserver_kill(s);
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "start|stop|kill DIR",
        "Run Debian's ZooKeeper on loopback with its data in DIR.\v"
        "start prints HOST:PORT and the process id as soon as the server serves; it starts a "
        "stopped "
        "or killed server of DIR again, on its data and port. stop ends the server in good order, "
        "kill ends it with SIGKILL.",
        NULL,
        NULL,
        NULL};
    struct arguments a = {.config.outlive = true};
    struct rota_zkserver server = {0};

    argp_parse(&argp, argc, argv, 0, NULL, &a);
    bool done;
    if (strcmp(a.command, "start") == 0) {
        done = start(&server, &a.config);
    } else if (strcmp(a.command, "stop") == 0 || strcmp(a.command, "kill") == 0) {
        done = signal_running(&server, &a);
    } else {
        fprintf(stderr, "zkserver: unknown command \"%s\"; use start, stop or kill\n", a.command);
        return 2;
    }
    if (!done)
        fprintf(stderr, "zkserver: %s\n", server.error);
    return done ? 0 : 1;
}
