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
#include "cli/base/memory.h"

enum {
    LOG_HIGH_WATER =
        256 * 1024,            /* bytes not yet taken by the worker before errors are left unread */
    EXTINGUISH_ROUNDS = 10000, /* of a millisecond */
    DESCRIPTORS = 20480,       /* four for each of 4096 runs, and more */
};

struct guard {
    struct rota_child_config config;
    struct rota_channel channel;
    struct rota_child *first;
    struct rota_alarm lease;
    uv_signal_t signals[4];
    uv_timer_t reaper;
    bool ending; /* the worker is gone: nothing is begun, and the last run closes the guard */
    bool extinguishing;
    uint32_t rounds;
};

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
                               .bytes = {c->output, (int32_t)c->output_length}};
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

static bool is_main_of_a_run(const struct guard *g, pid_t pid)
{
    for (const struct rota_child *c = g->first; c != NULL; c = c->next)
        if (c->pid == pid && !c->settling)
            return true;
    return false;
}

/* Reaps what was adopted; the main process of a run is libuv's to reap. */
static void reap(const struct guard *g)
{
    siginfo_t info = {0};
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0 &&
           !is_main_of_a_run(g, info.si_pid)) {
        waitpid(info.si_pid, NULL, WNOHANG);
        info.si_pid = 0;
    }
}

static void on_reap(uv_timer_t *timer)
{
    reap(timer->data);
}

static bool has_children(void)
{
    struct rota_process_tree children = {0};
    bool found = !rota_process_tree_read_children(&children) || children.count > 0;
    rota_process_tree_close(&children);
    return found;
}

/* Reaps what has ended and kills what has not. Returns whether anything descends from the guard. */
static bool kill_descendants(const struct guard *g)
{
    struct rota_process_tree family = {0};
    reap(g);
    if (!has_children())
        return false;
    rota_process_tree_read(&family, getpid());
    for (size_t i = 0; i < family.count; i++)
        kill(family.members[i].pid, SIGKILL);
    bool found = family.count > 0;
    rota_process_tree_close(&family);
    return found;
}

static void on_extinguish(uv_timer_t *timer)
{
    struct guard *g = timer->data;
    bool left = kill_descendants(g) || g->first != NULL;
    if (left && ++g->rounds < EXTINGUISH_ROUNDS)
        return;
    g->extinguishing = false;
    uv_timer_stop(timer);
    if (g->ending)
        close_all(g);
}

/* No run is to be left: kills whatever descends from the guard, in a group of its own, in a session
 * of its own or with an environment of its own; then closes a guard whose worker is gone. */
static void extinguish(struct guard *g)
{
    g->extinguishing = true;
    g->rounds = 0;
    uv_timer_start(&g->reaper, on_extinguish, 0, 1);
}

/* Whether the guard has children that are no run's main process. */
static bool has_strangers(const struct guard *g)
{
    struct rota_process_tree children = {0};
    bool found = !rota_process_tree_read_children(&children);
    for (size_t i = 0; i < children.count; i++)
        found = found || !is_main_of_a_run(g, children.members[i].pid);
    rota_process_tree_close(&children);
    return found;
}

/* When the first of the runs under way began; 0 if that cannot be told. */
static uint64_t first_start(const struct guard *g, const struct rota_process_tree *family)
{
    uint64_t first = UINT64_MAX;
    for (const struct rota_child *c = g->first; c != NULL; c = c->next) {
        uint64_t started = c->settling ? first : rota_process_tree_start_of(family, c->pid);
        first = started < first ? started : first;
    }
    return first;
}

/* What began before every run that is under way belongs to none of them: a run that has ended left
 * it behind, though neither its group nor its session nor its environment says so. */
static void kill_elders(const struct guard *g)
{
    struct rota_process_tree family = {0};
    reap(g);
    if (!has_strangers(g))
        return;
    rota_process_tree_read(&family, getpid());
    uint64_t first = first_start(g, &family);
    for (size_t i = 0; i < family.count; i++)
        if (family.members[i].started < first)
            kill(family.members[i].pid, SIGKILL);
    rota_process_tree_close(&family);
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
        extinguish(g);
    else
        kill_elders(g);
}

static void end_all_runs(struct guard *g)
{
    for (struct rota_child *c = g->first; c != NULL; c = c->next)
        rota_child_stop(c, true);
    extinguish(g);
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
    struct rota_child *c = rota_zeroed(1, sizeof *c);
    c->context = g;
    c->on_log = on_log;
    c->on_progress = on_progress;
    c->on_finished = on_finished;
    c->on_closed = on_closed;
    c->next = g->first;
    g->first = c;
    g->extinguishing = false;
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

/* The worker has closed the channel or is dead. */
static void on_end(struct rota_channel *channel)
{
    leave(channel->context);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    leave(handle->data);
}

/* A timer, so that libuv has reaped its own first. */
static void on_child_signal(uv_signal_t *handle, int number)
{
    (void)number;
    struct guard *g = handle->data;
    if (!g->extinguishing)
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

/* As far as may be: the usual limit is less than a few hundred runs take. */
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
    enum { FIXED = 4 }; /* words before the program */
    if (argc < FIXED || fcntl(ROTA_GUARD_DESCRIPTOR, F_SETFD, FD_CLOEXEC) != 0) {
        fputs("rota: guard is started by a worker, not by hand; see rota help\n", stderr);
        return 2;
    }
    struct guard *g = rota_zeroed(1, sizeof *g);
    g->config.max_result = (uint32_t)strtoul(argv[1], NULL, 10);
    g->config.grace_ms = (uint32_t)strtoul(argv[2], NULL, 10);
    g->config.worker = argv[3];
    g->config.argv = argc > FIXED ? argv + FIXED : NULL;
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, SIGCONT); /* stopped, it would not see that the worker has died */
    raise_descriptor_limit();
    int rc = open_guard(g, uv_default_loop());
    if (rc == 0)
        uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    else
        fprintf(stderr, "rota: the guard cannot begin: %s\n", uv_strerror(rc));
    free(g);
    return rc == 0 ? 0 : 1;
}
