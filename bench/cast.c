#include "bench/cast.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/usage.h"
#include "cli/base/memory.h"
#include "cli/base/options.h"
#include "cli/base/signals.h"
#include "cli/jobs/run_one.h"
#include "model/master/master.h"
#include "model/tree/path.h"
#include "model/worker/worker.h"

enum { SESSION_MS = 10000, CONNECT_MS = 30000, END_MS = 10000, ASKS = 300, BETWEEN_MS = 100 };

/* ---- from outside ---- */

static pid_t start(const char *role, int number, const char *hosts)
{
    extern char **environ;
    char name[16];
    pid_t pid = 0;

    snprintf(name, sizeof name, "%c%d", role[0], number);
    char *arguments[] = {(char *)(uintptr_t) "throughput", (char *)(uintptr_t) "--play",
                         (char *)(uintptr_t)role,          name,
                         (char *)(uintptr_t)hosts,         NULL};
    int rc = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, arguments, environ);
    if (rc != 0)
        fprintf(stderr, "throughput: %s cannot be started: %s\n", name, strerror(rc));
    return rc == 0 ? pid : 0;
}

bool rota_cast_start(struct rota_cast *c, const char *hosts)
{
    bool started = true;

    *c = (struct rota_cast){0};
    for (int i = 0; i < ROTA_CAST_MASTERS; i++)
        started = (c->masters[i] = start("master", i + 1, hosts)) != 0 && started;
    for (int i = 0; i < ROTA_CAST_WORKERS; i++)
        started = (c->workers[i] = start("worker", i + 1, hosts)) != 0 && started;
    return started;
}

bool rota_cast_ready(struct rota_handle *h)
{
    struct rota_operation workers = {.op = ROTA_OP_EXISTS, .path = ROTA_PATH_WORKERS};
    struct rota_operation master = {.op = ROTA_OP_EXISTS, .path = ROTA_PATH_MASTER};

    for (int i = 0; i < ASKS; i++) {
        if (rota_handle_ask(h, &master) && rota_handle_ask(h, &workers) &&
            h->last.stat.num_children == ROTA_CAST_WORKERS)
            return true;
        poll(NULL, 0, BETWEEN_MS);
    }
    return false;
}

long rota_cast_master_peak(const struct rota_cast *c)
{
    long most = 0;

    for (int i = 0; i < ROTA_CAST_MASTERS; i++) {
        long one = rota_usage_memory(c->masters[i]);

        most = one > most ? one : most;
    }
    return most;
}

double rota_cast_processor(const struct rota_cast *c)
{
    double sum = 0;

    for (int i = 0; i < ROTA_CAST_MASTERS; i++)
        sum += rota_usage_processor(c->masters[i]);
    for (int i = 0; i < ROTA_CAST_WORKERS; i++)
        sum += rota_usage_processor(c->workers[i]);
    return sum;
}

/* Asks a child to end, waits for it. */
static bool end(pid_t *pid)
{
    int status = 0;

    if (*pid == 0)
        return true;
    struct pollfd ended = {.fd = pidfd_open(*pid, 0), .events = POLLIN};
    kill(*pid, SIGTERM);
    if (ended.fd >= 0 && poll(&ended, 1, END_MS) <= 0)
        kill(*pid, SIGKILL);
    while (waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (ended.fd >= 0)
        close(ended.fd);
    *pid = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool rota_cast_end(struct rota_cast *c)
{
    bool well = true;

    for (int i = 0; i < ROTA_CAST_WORKERS; i++)
        well = end(&c->workers[i]) && well;
    for (int i = 0; i < ROTA_CAST_MASTERS; i++)
        well = end(&c->masters[i]) && well;
    return well;
}

/* ---- from inside ---- */

/* A worker's hands: whatever they are given is done by the time they may say so. */
struct hands {
    uv_loop_t loop;
    struct rota_driver_loop process;
    struct rota_signals signals;
    uint64_t *runs; /* begun, and not yet said to be finished */
    uint32_t count;
    uint32_t capacity;
};

static void on_act(struct rota_driver_loop *p, const struct rota_action *action)
{
    struct hands *h = p->context;

    if (action->kind != ROTA_ACTION_RUN)
        return;
    if (h->count == h->capacity) {
        h->capacity = h->capacity == 0 ? ROTA_CAST_SLOTS : 2 * h->capacity;
        h->runs = rota_grow(h->runs, h->capacity * sizeof *h->runs);
    }
    h->runs[h->count++] = action->run.run;
}

/* Saying that one is finished may begin others. */
static void on_after(struct rota_driver_loop *p)
{
    struct hands *h = p->context;
    struct rota_event e = {.kind = ROTA_EVENT_FINISHED};

    e.finished.ending = ROTA_ENDING_SUCCESS;
    e.finished.output = e.finished.errors = (struct rota_bytes){"", 0};
    for (uint32_t i = 0; i < h->count; i++) {
        e.finished.run = h->runs[i];
        rota_driver_loop_tell(p, &e);
    }
    h->count = 0;
}

static void on_finished(struct rota_driver_loop *p)
{
    struct hands *h = p->context;

    rota_signals_close(&h->signals);
}

static void on_signal(struct rota_signals *signals, int number, int times)
{
    struct hands *h = signals->context;

    (void)number;
    (void)times;
    rota_driver_loop_stop(&h->process);
}

static int work(const struct rota_options *options, const struct rota_driver_config *config)
{
    struct hands *h = rota_zeroed(1, sizeof *h);
    int status = ROTA_EXIT_UNREACHABLE;

    h->process.on_act = on_act;
    h->process.on_after = on_after;
    h->process.on_finished = on_finished;
    h->process.context = h->signals.context = h;
    h->signals.on_signal = on_signal;
    if (uv_loop_init(&h->loop) == 0 && rota_driver_loop_open(&h->process, &h->loop) == 0) {
        rota_signals_open(&h->signals, &h->loop);
        rota_driver_loop_start(&h->process, config,
                               rota_options_connect(options, &h->process, NULL));
        uv_run(&h->loop, UV_RUN_DEFAULT);
        status = (int)h->process.driver.status;
        uv_loop_close(&h->loop);
    }
    free(h->runs);
    free(h);
    return status;
}

int rota_cast_play(const char *role, const char *name, const char *hosts)
{
    struct rota_options options = {.zk = hosts, .session_ms = SESSION_MS, .connect_ms = CONNECT_MS};
    struct rota_worker_config worker = {.slots = ROTA_CAST_SLOTS, .drain_timeout_ms = END_MS};
    struct rota_master_config master = {0};
    struct rota_driver_config config = {.role = &rota_master_role,
                                        .config = &master,
                                        .session = rota_options_session(&options, true)};

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* never outlives the measurement */
    if (strcmp(role, "worker") == 0) {
        config.role = &rota_worker_role;
        config.config = &worker;
        snprintf(worker.name, sizeof worker.name, "%s", name);
        rota_options_address(worker.address, sizeof worker.address);
        return work(&options, &config);
    }
    snprintf(master.id, sizeof master.id, "%s", name);
    rota_options_address(master.address, sizeof master.address);
    return (int)rota_run_one(&options, &config, name, NULL, NULL);
}
