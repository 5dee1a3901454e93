#include "cli/base/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend_sim/embedded.h"
#include "backend_zk/hosts.h"
#include "backend_zk/zk.h"
#include "model/base/duration.h"
#include "model/base/map.h"
#include "model/base/utf8.h"

enum {
    SESSION_MS = 10000,
    CONNECT_MS = 10000,
    HOUR_MS = 3600000,
};

static const struct argp_option options[] = {
    {"zk", 'z', "HOSTS", 0,
     "the ZooKeeper servers: host:port[,host:port...][/chroot] (default: the environment variable "
     "ROTA_ZK)",
     10},
    {"session", 's', "D", 0, "the session timeout, such as 500ms, 10s or 2m (default 10s)", 10},
    {"connect", 'c', "D", 0, "give up if no server answers within this time (default 10s)", 10},
    {"verbose", 'v', 0, 0, "print the trace on standard error", 10},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct rota_options *o = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        *o = (struct rota_options){
            .zk = getenv("ROTA_ZK"), .session_ms = SESSION_MS, .connect_ms = CONNECT_MS};
        if (o->zk != NULL && o->zk[0] == '\0')
            o->zk = NULL;
        return 0;
    case 'z':
        o->zk = argument;
        return 0;
    case 's':
        o->session_ms = (uint32_t)rota_options_duration(state, "--session", argument, 100, HOUR_MS);
        return 0;
    case 'c':
        o->connect_ms =
            (uint32_t)rota_options_duration(state, "--connect", argument, 100, 24 * HOUR_MS);
        return 0;
    case 'v':
        o->trace = o->verbose = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp rota_options_argp = {.options = options, .parser = parse};

void rota_options_need_zk(const struct argp_state *state, const struct rota_options *o)
{
    if (o->zk == NULL)
        argp_error(state, "no ZooKeeper server is given; use --zk HOST:PORT or set ROTA_ZK");
}

int64_t rota_options_duration(const struct argp_state *state, const char *option, const char *text,
                              int64_t least_ms, int64_t most_ms)
{
    char least[ROTA_DURATION_SIZE];
    char most[ROTA_DURATION_SIZE];
    int64_t us = 0;
    const char *wrong = rota_duration_read(text, strlen(text), ROTA_DURATION_OPTION, &us);
    int64_t ms = us / 1000;

    if (wrong != NULL)
        argp_error(state, "%s: \"%s\" %s", option, text, wrong);
    if (ms < least_ms || ms > most_ms)
        argp_error(state, "%s must be between %s and %s, not \"%s\"", option,
                   rota_duration_format(least, least_ms * 1000, ROTA_DURATION_D),
                   rota_duration_format(most, most_ms * 1000, ROTA_DURATION_D), text);
    return ms;
}

int64_t rota_options_integer(const struct argp_state *state, const char *option, const char *text,
                             int64_t least, int64_t most)
{
    enum { DIGITS = 18 }; /* a number of so many digits cannot overflow */
    char *end;
    bool negative = text[0] == '-';
    int64_t number = strtoll(text, &end, 10);

    if (text[negative] < '0' || text[negative] > '9' || *end != '\0' || strlen(text) > DIGITS ||
        number < least || number > most)
        argp_error(state, "%s must be a whole number from %" PRId64 " to %" PRId64 ", not \"%s\"",
                   option, least, most, text);
    return number;
}

uint32_t rota_options_number(const struct argp_state *state, const char *option, const char *text,
                             uint32_t least, uint32_t most)
{
    return (uint32_t)rota_options_integer(state, option, text, least, most);
}

const char *rota_options_name(const struct argp_state *state, const char *option, const char *text,
                              size_t most)
{
    size_t length = strlen(text);

    if (length == 0 || length > most)
        argp_error(state, "%s must be a name of 1 to %zu bytes; this one has %zu", option, most,
                   length);
    if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0 || strchr(text, '/') != NULL)
        argp_error(state,
                   "%s: \"%s\" cannot be the name of a znode; use a name without \"/\" that is not "
                   "\".\" or \"..\"",
                   option, text);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == 127)
            argp_error(state, "%s: use a name without spaces and control characters, not \"%s\"",
                       option, text);
    if (!rota_utf8_valid(text))
        argp_error(state, "%s: the name is not UTF-8, as ZooKeeper needs it; use another name",
                   option);
    return text;
}

char **rota_options_names(const struct argp_state *state, const char *option, size_t most)
{
    char **names = state->argv + state->next;
    uint32_t count = 0;
    struct rota_map seen = {0};
    struct rota_pool pool;

    rota_pool_init(&pool);
    for (int i = state->next; i < state->argc; i++) {
        rota_options_name(state, option, state->argv[i], most);
        if (rota_map_get(&pool, &seen, state->argv[i]) != ROTA_MAP_NONE)
            continue;
        rota_map_put(&pool, &seen, state->argv[i], count);
        names[count++] = state->argv[i];
    }
    names[count] = NULL;
    rota_pool_close(&pool);
    return names;
}

void rota_options_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    argp_err_exit_status = ROTA_EXIT_USAGE;
    argp_parse(argp, argc, argv, 0, NULL, input);
}

bool rota_options_check(const struct rota_options *o, struct rota_screen *screen)
{
    char reason[512] = "";

    if (o->tree != NULL)
        return true;
    char *list = rota_zk_resolve(o->zk, reason, sizeof reason);
    if (list == NULL)
        rota_screen_say(screen, "%s; check --zk or ROTA_ZK", reason);
    free(list);
    return list != NULL;
}

struct rota_session_config rota_options_session(const struct rota_options *o, bool lease)
{
    return (struct rota_session_config){.connect_timeout_ms = o->connect_ms,
                                        .chroot_length =
                                            o->zk != NULL ? rota_zk_hosts_chroot_length(o->zk) : 0,
                                        .lease = lease};
}

struct rota_backend *rota_options_connect(const struct rota_options *o, struct rota_driver_loop *d,
                                          struct rota_screen *screen)
{
    struct rota_zk_config config = {.hosts = o->zk,
                                    .session_timeout_ms = o->session_ms,
                                    .log = o->verbose ? ROTA_ZK_LOG_WARNINGS : ROTA_ZK_LOG_QUIET};

    if (o->tree != NULL)
        return rota_embedded_open(o->tree, o->session_ms, rota_driver_loop_wake, d);
    struct rota_backend *backend = rota_zk_open(&config, rota_driver_loop_wake, d);
    if (backend == NULL)
        rota_screen_say(screen, "the ZooKeeper client library cannot open a handle for %s", o->zk);
    return backend;
}

void rota_options_explain(const struct rota_options *o, const struct rota_driver *driver,
                          struct rota_screen *screen)
{
    if (driver->sentence[0] == '\0')
        return;
    if (driver->status == ROTA_EXIT_UNREACHABLE && o->zk != NULL)
        rota_screen_say(screen, "%s (at %s; check --zk or ROTA_ZK)", driver->sentence, o->zk);
    else
        rota_screen_say(screen, "%s", driver->sentence);
}
