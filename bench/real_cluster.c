#include "bench/real_cluster.h"

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

#include "bench/process_usage.h"
#include "cli/base/identity.h"
#include "cli/base/options.h"
#include "cli/base/signals.h"
#include "cli/jobs/role_main.h"
#include "model/master/master.h"
#include "model/tree/path.h"
#include "model/worker/worker.h"
#include "system/memory.h"

enum { SESSION_MS = 10000, CONNECT_MS = 30000, END_MS = 10000, POLLS = 300, POLL_MS = 100 };

/* ---- in the measuring process ---- */

static pid_t start(const char *role, int number, const char *hosts)
{
    extern char **environ;
    char name[16];
    pid_t pid = 0;

    snprintf(name, sizeof name, "%c%d", role[0], number);
    char *arguments[] = {(char *)(uintptr_t) "throughput", (char *)(uintptr_t) "--member",
                         (char *)(uintptr_t)role,          name,
                         (char *)(uintptr_t)hosts,         NULL};
    int rc = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, arguments, environ);
    if (rc != 0)
        fprintf(stderr, "throughput: %s cannot be started: %s\n", name, strerror(rc));
    return rc == 0 ? pid : 0;
}

bool rota_real_cluster_start(struct rota_real_cluster *c, const char *hosts)
{
    bool started = true;

    *c = (struct rota_real_cluster){0};
    for (int i = 0; i < ROTA_REAL_CLUSTER_MASTERS; i++)
        started = (c->masters[i] = start("master", i + 1, hosts)) != 0 && started;
    for (int i = 0; i < ROTA_REAL_CLUSTER_WORKERS; i++)
        started = (c->workers[i] = start("worker", i + 1, hosts)) != 0 && started;
    return started;
}

bool rota_real_cluster_wait_ready(struct rota_handle *h)
{
    struct rota_operation workers = {.op = ROTA_OP_EXISTS, .path = ROTA_PATH_WORKERS};
    struct rota_operation master = {.op = ROTA_OP_EXISTS, .path = ROTA_PATH_MASTER};

    for (int i = 0; i < POLLS; i++) {
        if (rota_handle_ask(h, &master) && rota_handle_ask(h, &workers) &&
            h->last.stat.num_children == ROTA_REAL_CLUSTER_WORKERS)
            return true;
        poll(NULL, 0, POLL_MS);
    }
    return false;
}

long rota_real_cluster_master_peak_kib(const struct rota_real_cluster *c)
{
    long most = 0;

    for (int i = 0; i < ROTA_REAL_CLUSTER_MASTERS; i++) {
        long one = rota_process_usage_peak_kib(c->masters[i]);

        most = one > most ? one : most;
    }
    return most;
}

double rota_real_cluster_cpu_seconds(const struct rota_real_cluster *c)
{
    double sum = 0;

    for (int i = 0; i < ROTA_REAL_CLUSTER_MASTERS; i++)
        sum += rota_process_usage_cpu_seconds(c->masters[i]);
    for (int i = 0; i < ROTA_REAL_CLUSTER_WORKERS; i++)
        sum += rota_process_usage_cpu_seconds(c->workers[i]);
    return sum;
}

/* Ends a child and waits for it. True if it ended in good order. */
static bool end(pid_t *pid)
{
    int status = 0;

    if (*pid == 0)
        return true;
    struct pollfd ended = {.fd = pidfd_open(*pid, 0), .events = POLLIN};
    kill(*pid, SIGTERM);
    if (ended.fd >= 0 && poll(&ended, 1, END_MS) <= 0)
        kill(*pid, SIGKILL);
    while (waitpid(*pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (ended.fd >= 0)
        close(ended.fd);
    *pid = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool rota_real_cluster_end(struct rota_real_cluster *c)
{
    bool well = true;

    for (int i = 0; i < ROTA_REAL_CLUSTER_WORKERS; i++)
        well = end(&c->workers[i]) && well;
    for (int i = 0; i < ROTA_REAL_CLUSTER_MASTERS; i++)
        well = end(&c->masters[i]) && well;
    return well;
}

/* ---- in a started process ---- */

/* A worker whose runs are done as soon as their end can be reported. */
struct instant_worker {
    uv_loop_t loop;
    struct rota_driver_loop driver_loop;
    struct rota_signals signals;
    uint64_t *runs; /* that were begun and not reported as finished */
    uint32_t count;
    uint32_t capacity;
};

static void on_act(struct rota_driver_loop *d, const struct rota_action *action)
{
    struct instant_worker *w = d->context;

    if (action->kind != ROTA_ACTION_RUN)
        return;
    w->runs = rota_memory_extend(w->runs, w->count, &w->capacity, sizeof *w->runs);
    w->runs[w->count++] = action->run.run;
}

/* Reports all runs as finished; that may begin others. */
static void on_after(struct rota_driver_loop *d)
{
    struct instant_worker *w = d->context;
    struct rota_event e = {.kind = ROTA_EVENT_FINISHED};

    e.finished.ending = ROTA_ENDING_SUCCESS;
    e.finished.output = e.finished.errors = (struct rota_bytes){"", 0};
    for (uint32_t i = 0; i < w->count; i++) {
        e.finished.run = w->runs[i];
        rota_driver_loop_notify(d, &e);
    }
    w->count = 0;
}

static void on_finished(struct rota_driver_loop *d)
{
    struct instant_worker *w = d->context;

    rota_signals_close(&w->signals);
}

static void on_signal(struct rota_signals *signals, int number, int times)
{
    struct instant_worker *w = signals->context;

    (void)number;
    (void)times;
    rota_driver_loop_stop(&w->driver_loop);
}

static int work(const struct rota_options *options, const struct rota_driver_config *config)
{
    struct instant_worker *w = rota_memory_zeroed(1, sizeof *w);
    int status = ROTA_EXIT_UNREACHABLE;

    w->driver_loop.on_act = on_act;
    w->driver_loop.on_after = on_after;
    w->driver_loop.on_finished = on_finished;
    w->driver_loop.context = w->signals.context = w;
    w->signals.on_signal = on_signal;
    if (uv_loop_init(&w->loop) == 0 && rota_driver_loop_open(&w->driver_loop, &w->loop) == 0) {
        rota_signals_open(&w->signals, &w->loop);
        rota_driver_loop_start(&w->driver_loop, config,
                               rota_options_connect(options, &w->driver_loop, NULL));
        uv_run(&w->loop, UV_RUN_DEFAULT);
        status = (int)w->driver_loop.driver.status;
        uv_loop_close(&w->loop);
    }
    free(w->runs);
    free(w);
    return status;
}

int rota_real_cluster_member(const char *role, const char *name, const char *hosts)
{
    struct rota_options options = {.zk = hosts, .session_ms = SESSION_MS, .connect_ms = CONNECT_MS};
    struct rota_worker_config worker = {.slots = ROTA_REAL_CLUSTER_SLOTS,
                                        .drain_timeout_ms = END_MS};
    struct rota_master_config master = {0};
    struct rota_driver_config config = {.role = &rota_master_role,
                                        .config = &master,
                                        .session = rota_options_session(&options, true)};

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* it must not outlive the measurement */
    if (strcmp(role, "worker") == 0) {
        config.role = &rota_worker_role;
        config.config = &worker;
        snprintf(worker.name, sizeof worker.name, "%s", name);
        rota_identity_master_address(worker.address, sizeof worker.address);
        return work(&options, &config);
    }
    snprintf(master.id, sizeof master.id, "%s", name);
    rota_identity_master_address(master.address, sizeof master.address);
    return (int)rota_role_main_run(&options, &config, name, NULL, NULL);
}
