#include "harness/play/live.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "backend_zk/zk.h"
#include "harness/language/parse_scenario.h"
#include "harness/play/run.h"
#include "harness/play/zk_sessions.h"
#include "model/base/assert.h"
#include "model/tree/path.h"
#include "system/memory.h"

enum { SESSION_MS = 10000 };

#define LIVE_MAGIC ROTA_MAGIC('L', 'i', 'v', 'e')

struct live {
    uint32_t magic;
    const char *hosts;
    struct rota_zk_sessions sessions;
    struct rota_backend **backends; /* of each session; NULL: none */
    int wake;                       /* a backend has events */
};

/* ---- time and events ---- */

/* Called from any thread of a backend. */
static void on_wake(void *context)
{
    const struct live *l = rota_cast(struct live, context, LIVE_MAGIC);
    uint64_t one = 1;
    ssize_t written = write(l->wake, &one, sizeof one);

    (void)written; /* a full counter has woken us already */
}

static rota_time live_now(void *context)
{
    struct timespec now;

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (rota_time)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Delivers the events of a session. True if there were any. */
static bool deliver(struct live *l, uint32_t index)
{
    struct rota_backend *b = l->backends[index];
    struct rota_handle_event event;
    bool delivered = false;

    while (b != NULL && b->ops->next(b, &event)) {
        rota_zk_sessions_handle_event(&l->sessions, index, &event);
        delivered = true;
    }
    return delivered;
}

static bool deliver_all(struct live *l)
{
    uint64_t counter;
    ssize_t drained = read(l->wake, &counter, sizeof counter);
    bool delivered = false;

    (void)drained; /* an empty counter is fine */
    for (uint32_t i = 0; i < l->sessions.count; i++)
        delivered |= deliver(l, i);
    return delivered;
}

static bool live_step(void *context, rota_time until)
{
    struct live *l = rota_cast(struct live, context, LIVE_MAGIC);
    struct pollfd watched = {l->wake, POLLIN, 0};

    while (!deliver_all(l)) {
        rota_time left = until - live_now(NULL);

        if (left <= 0)
            return false;
        poll(&watched, 1, (int)(left / 1000) + 1);
    }
    return true;
}

/* ---- sessions ---- */

static struct rota_backend *live_open(void *context, uint32_t index, char *reason, size_t size)
{
    struct live *l = rota_cast(struct live, context, LIVE_MAGIC);
    struct rota_zk_config config = {
        .hosts = l->hosts, .session_timeout_ms = SESSION_MS, .log = ROTA_ZK_LOG_QUIET};
    char *addresses = rota_zk_resolve(l->hosts, reason, size);

    if (addresses == NULL)
        return NULL;
    free(addresses);
    l->backends[index] = rota_zk_open(&config, on_wake, l);
    return l->backends[index];
}

static void live_close(void *context, uint32_t index)
{
    struct live *l = rota_cast(struct live, context, LIVE_MAGIC);

    l->backends[index]->ops->destroy(l->backends[index]);
    l->backends[index] = NULL;
}

static void live_deliver(void *context, uint32_t index)
{
    deliver(context, index);
}

static const struct rota_zk_sessions_ops ops = {live_open, live_close, live_deliver, live_step,
                                                live_now};

/* ---- files ---- */

/* Creates the tree that a scenario begins with, as `rota init` does; existing znodes stay. */
static enum rota_zk_session_result create_tree(struct live *l, char **report)
{
    static char any[] = "<any>";
    static char nothing[] = "";
    enum rota_zk_session_result result = ROTA_ZK_SESSION_RIGHT;
    uint32_t count;
    const char *const *paths = rota_path_tree(&count);

    for (uint32_t i = 0; i <= count && result == ROTA_ZK_SESSION_RIGHT; i++) {
        bool quits = i == count;
        char command[64];
        struct rota_statement st = {.kind = ROTA_STATEMENT_ZK,
                                    .session = 1,
                                    .command = command,
                                    .expected = quits ? nothing : any};

        if (quits)
            snprintf(command, sizeof command, "quit");
        else
            snprintf(command, sizeof command, "create %s \"\"", paths[i]);
        result = rota_zk_sessions_carry_out(&l->sessions, &st, report);
    }
    return result;
}

static enum rota_verdict carry_out(struct live *l, const struct rota_scenario *s, FILE *err)
{
    char *report = NULL;
    enum rota_zk_session_result result =
        rota_scenario_has_empty_tree(s) ? ROTA_ZK_SESSION_RIGHT : create_tree(l, &report);

    for (uint32_t i = 0; i < s->count; i++) {
        const struct rota_statement *st = &s->statements[i];

        if (result == ROTA_ZK_SESSION_RIGHT)
            result = rota_zk_sessions_carry_out(&l->sessions, st, &report);
        if (result == ROTA_ZK_SESSION_RIGHT)
            continue;
        fprintf(err, "%s:%u: %s\n  statement: %s\n", s->file, st->line, report, st->text);
        fflush(err);
        free(report);
        return result == ROTA_ZK_SESSION_WRONG ? ROTA_VERDICT_FAILED : ROTA_VERDICT_NO_PROGRESS;
    }
    return ROTA_VERDICT_HELD;
}

static enum rota_verdict run_scenario(const struct rota_scenario *s, const char *hosts, FILE *err)
{
    struct live l = {
        .magic = LIVE_MAGIC, .hosts = hosts, .wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    enum rota_verdict verdict;

    if (l.wake < 0) {
        fprintf(err, "%s: no event descriptor could be created: %s\n", s->file, strerror(errno));
        return ROTA_VERDICT_NO_PROGRESS;
    }
    rota_zk_sessions_init(&l.sessions, s, &ops, &l);
    l.backends = rota_memory_zeroed(l.sessions.count, sizeof *l.backends);
    verdict = carry_out(&l, s, err);
    rota_zk_sessions_close(&l.sessions);
    free(l.backends);
    close(l.wake);
    return verdict;
}

/* A real server can be controlled only through sessions. */
static bool is_zk_only(const struct rota_scenario *s, FILE *err)
{
    uint32_t wrong = s->world_line;

    for (uint32_t i = 0; i < s->count; i++) {
        const struct rota_statement *st = &s->statements[i];

        if (st->kind != ROTA_STATEMENT_ZK && (wrong == 0 || st->line < wrong))
            wrong = st->line;
    }
    if (wrong == 0 && s->count > 0)
        return true;
    fprintf(err,
            "%s:%u: with --live a scenario may only have a title, labels, a seed and zk"
            " statements\n",
            s->file, wrong == 0 ? 1 : wrong);
    return false;
}

static enum rota_verdict run_file(const char *file, const char *hosts, FILE *out, FILE *err)
{
    struct rota_scenario_error error;
    struct rota_scenario s;
    enum rota_verdict verdict = ROTA_VERDICT_WRONG;

    if (!rota_scenario_load(&s, file, &error)) {
        fprintf(err, "%s\n", error.text);
        return verdict;
    }
    if (is_zk_only(&s, err)) {
        verdict = run_scenario(&s, hosts, err);
        fprintf(out, "%-6s %s \"%s\": at %s\n", verdict == ROTA_VERDICT_HELD ? "ok" : "FAILED",
                file, s.title, hosts);
        fflush(out);
    }
    rota_scenario_close(&s);
    return verdict;
}

int rota_live_run(const struct rota_sim_options *options, const char *hosts)
{
    FILE *out = options->out == NULL ? stdout : options->out;
    FILE *err = options->err == NULL ? stderr : options->err;
    int status = ROTA_VERDICT_HELD;

    for (uint32_t i = 0; i < options->file_count; i++)
        status = rota_verdict_worse(status, (int)run_file(options->files[i], hosts, out, err));
    return status;
}
