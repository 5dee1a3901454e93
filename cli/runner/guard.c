#include "cli/runner/guard.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/base/alarm.h"
#include "cli/runner/channel.h"
#include "cli/runner/child.h"
#include "model/base/assert.h"
#include "system/memory.h"

enum {
    /* Bytes that the worker has not read yet; above that standard error of the runs is not read. */
    LOG_HIGH_WATER = 256 * 1024,
    KILL_ROUNDS = 10000, /* of a millisecond */
    DESCRIPTORS = 20480, /* four for each of 4096 runs, and some more */
};

#define GUARD_MAGIC ROTA_MAGIC('G', 'A', 'R', 'D')

struct guard {
    uint32_t magic;
    struct rota_child_config config;
    struct rota_channel channel;
    struct rota_child *first;
    struct rota_alarm lease;
    uv_signal_t signals[4];
    uv_timer_t reaper;
    bool ending;  /* the worker is gone: no run is begun, and the guard ends after the last one */
    bool killing; /* all descendants */
    uint32_t rounds;
};

static struct guard *guard_of(void *data)
{
    return rota_cast(struct guard, data, GUARD_MAGIC);
}

static void on_log(struct rota_child *c, struct rota_bytes text)
{
    struct guard *g = c->context;
    struct rota_frame frame = {.kind = ROTA_FRAME_LOG, .run = c->run, .bytes = text};

    rota_channel_send(&g->channel, &frame);
    if (rota_channel_waiting(&g->channel) > LOG_HIGH_WATER)
        rota_child_pause_log(c);
}

static void on_drain(struct rota_channel *channel)
{
    struct guard *g = channel->context;

    for (struct rota_child *c = g->first; c != NULL; c = c->next)
        rota_child_resume_log(c);
}

static void on_progress(struct rota_child *c, const char *line)
{
    struct guard *g = c->context;
    struct rota_frame frame = {.kind = ROTA_FRAME_PROGRESS, .run = c->run, .text = line};

    rota_channel_send(&g->channel, &frame);
}

static void on_finished(struct rota_child *c)
{
    struct guard *g = c->context;
    size_t tail = c->tail_length < ROTA_CHILD_TAIL ? c->tail_length : ROTA_CHILD_TAIL;
    struct rota_frame frame = {.kind = ROTA_FRAME_FINISHED,
                               .run = c->run,
                               .number = c->ending,
                               .status = c->exit_status,
                               .hopeless = c->hopeless,
                               .text = c->reason,
                               .errors = {c->tail + c->tail_length - tail, (int32_t)tail},
                               .bytes = {c->output.data, (int32_t)c->output.length}};

    rota_channel_send(&g->channel, &frame);
}

static void on_guard_closed(uv_handle_t *handle)
{
    (void)handle;
}

static void close_all(struct guard *g)
{
    rota_channel_close(&g->channel);
    rota_alarm_close(&g->lease);
    uv_close((uv_handle_t *)&g->reaper, on_guard_closed);
    for (size_t i = 0; i < sizeof g->signals / sizeof *g->signals; i++)
        uv_close((uv_handle_t *)&g->signals[i], on_guard_closed);
}

/* Reaps adopted processes. The main process of a run is reaped by libuv. */
static void reap(const struct guard *g)
{
    siginfo_t info = {0};

    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0 &&
           !rota_child_is_main(g->first, info.si_pid)) {
        waitpid(info.si_pid, NULL, WNOHANG);
        info.si_pid = 0;
    }
}

static void on_reap(uv_timer_t *timer)
{
    reap(guard_of(timer->data));
}

static bool has_children(void)
{
    struct rota_process_tree children = {0};
    bool found = !rota_process_tree_read_children(&children) || children.count > 0;

    rota_process_tree_close(&children);
    return found;
}

/* Reaps descendants that have ended and kills the others. Returns whether there are any. */
static bool kill_descendants(const struct guard *g)
{
    struct rota_process_tree descendants = {0};

    reap(g);
    if (!has_children())
        return false;
    rota_process_tree_read(&descendants, getpid());
    for (size_t i = 0; i < descendants.count; i++)
        kill(descendants.members[i].pid, SIGKILL);
    bool found = descendants.count > 0;
    rota_process_tree_close(&descendants);
    return found;
}

static void on_kill_round(uv_timer_t *timer)
{
    struct guard *g = guard_of(timer->data);
    bool left = kill_descendants(g) || g->first != NULL;

    if (left && ++g->rounds < KILL_ROUNDS)
        return;
    g->killing = false;
    uv_timer_stop(timer);
    if (g->ending)
        close_all(g);
}

/* Kills all descendants of the guard, also those that have changed their group, session or
 * environment; then closes the guard if its worker is gone. */
static void kill_all(struct guard *g)
{
    g->killing = true;
    g->rounds = 0;
    uv_timer_start(&g->reaper, on_kill_round, 0, 1);
}

/* The start time of the oldest run that still runs; 0 if it is not known. */
static uint64_t first_start(const struct guard *g, const struct rota_process_tree *descendants)
{
    uint64_t first = UINT64_MAX;

    for (const struct rota_child *c = g->first; c != NULL; c = c->next) {
        uint64_t started = c->settling ? first : rota_process_tree_start_of(descendants, c->pid);

        first = started < first ? started : first;
    }
    return first;
}

/* Kills the adopted processes that are older than all runs that still run. They belong to runs that
 * have ended, even if neither their group, session nor environment shows it. */
static void kill_older_than_runs(const struct guard *g)
{
    struct rota_process_tree descendants = {0};

    reap(g);
    if (!rota_child_has_adopted(g->first))
        return;
    rota_process_tree_read(&descendants, getpid());
    uint64_t first = first_start(g, &descendants);
    for (size_t i = 0; i < descendants.count; i++)
        if (descendants.members[i].started < first)
            kill(descendants.members[i].pid, SIGKILL);
    rota_process_tree_close(&descendants);
}

static void on_closed(struct rota_child *c)
{
    struct guard *g = c->context;
    struct rota_child **at = &g->first;

    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    free(c);
    if (g->first == NULL)
        kill_all(g);
    else
        kill_older_than_runs(g);
}

static void end_all_runs(struct guard *g)
{
    for (struct rota_child *c = g->first; c != NULL; c = c->next)
        rota_child_stop(c, true);
    kill_all(g);
}

static void leave(struct guard *g)
{
    if (g->ending)
        return;
    g->ending = true;
    end_all_runs(g);
}

static void run(struct guard *g, const struct rota_frame *frame)
{
    struct rota_child *c = rota_memory_zeroed(1, sizeof *c);

    c->context = g;
    c->on_log = on_log;
    c->on_progress = on_progress;
    c->on_finished = on_finished;
    c->on_closed = on_closed;
    c->next = g->first;
    g->first = c;
    g->killing = false;
    uv_timer_start(&g->reaper, on_reap, 0, 0);
    rota_child_start(c, g->channel.pipe.loop, &g->config, frame);
    if (rota_clock_boottime() >= g->lease.when)
        rota_child_stop(c, true);
}

static void cancel(struct guard *g, const struct rota_frame *frame)
{
    for (struct rota_child *c = g->first; c != NULL; c = c->next)
        if (c->run == frame->run)
            rota_child_stop(c, frame->number != 0);
}

static void on_lease_over(struct rota_alarm *lease)
{
    end_all_runs(lease->context);
}

static void on_frame(struct rota_channel *channel, const struct rota_frame *frame)
{
    struct guard *g = channel->context;

    if (frame->kind == ROTA_FRAME_RUN && !g->ending)
        run(g, frame);
    else if (frame->kind == ROTA_FRAME_CANCEL)
        cancel(g, frame);
    else if (frame->kind == ROTA_FRAME_LEASE)
        rota_alarm_set(&g->lease, frame->number);
}

/* The worker has closed the channel or has died. */
static void on_end(struct rota_channel *channel)
{
    leave(channel->context);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    leave(guard_of(handle->data));
}

/* The reaping is left to a timer, so that libuv reaps the main processes of runs first. */
static void on_child_signal(uv_signal_t *handle, int number)
{
    (void)number;
    struct guard *g = guard_of(handle->data);
    if (!g->killing)
        uv_timer_start(&g->reaper, on_reap, 0, 0);
}

static void watch_signals(struct guard *g, uv_loop_t *loop)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        uv_signal_init(loop, &g->signals[i]);
        g->signals[i].data = g;
        uv_signal_start(&g->signals[i], numbers[i] == SIGCHLD ? on_child_signal : on_signal,
                        numbers[i]);
    }
    uv_timer_init(loop, &g->reaper);
    g->reaper.data = g;
}

/* Returns 0 or a libuv error. */
static int open_guard(struct guard *g, uv_loop_t *loop)
{
    g->config.first = &g->first;
    g->channel.context = g;
    g->channel.on_frame = on_frame;
    g->channel.on_end = on_end;
    g->channel.on_drain = on_drain;
    g->lease.context = g;
    g->lease.on_alarm = on_lease_over;
    watch_signals(g, loop);
    int rc = rota_alarm_open(&g->lease, loop);
    if (rc == 0)
        rc = rota_channel_open(&g->channel, loop, ROTA_GUARD_DESCRIPTOR);
    return rc;
}

/* Raises the limit as far as it is allowed. The usual limit is not enough for some hundred runs. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int rota_guard_main(int argc, char **argv)
{
    enum { FIXED = 4 }; /* arguments before the program */

    if (argc < FIXED || fcntl(ROTA_GUARD_DESCRIPTOR, F_SETFD, FD_CLOEXEC) != 0) {
        fputs("rota: rota guard is started by a worker, not by hand; see rota help worker\n",
              stderr);
        return 2;
    }
    struct guard *g = rota_memory_zeroed(1, sizeof *g);
    g->magic = GUARD_MAGIC;
    g->config.max_result = (uint32_t)strtoul(argv[1], NULL, 10);
    g->config.grace_ms = (uint32_t)strtoul(argv[2], NULL, 10);
    g->config.worker = argv[3];
    g->config.argv = argc > FIXED ? argv + FIXED : NULL;
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG,
          SIGCONT); /* a stopped guard would not notice that its worker has died */
    raise_descriptor_limit();
    int rc = open_guard(g, uv_default_loop());
    if (rc == 0)
        uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    else
        fprintf(stderr, "rota: the guard process cannot start: %s\n", uv_strerror(rc));
    free(g);
    return rc == 0 ? 0 : 1;
}
