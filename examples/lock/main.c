/* lock HOSTS PATH -- COMMAND...: runs a command while it holds a lock in ZooKeeper.
 *
 * This is all that a recipe needs in production: a backend, a driver, and a host that carries out
 * the actions, on a loop of poll. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "backend_zk/zk.h"
#include "examples/lock/command.h"
#include "examples/lock/lock.h"
#include "model/base/duration.h"
#include "model/driver.h"
#include "model/seam/request_limits.h"

enum { CONNECT_MS = 15000, EVENTS_AT_ONCE = 64, LINE_SIZE = 1024 };

struct program {
    struct rota_host host;
    struct rota_driver driver;
    struct rota_backend *backend;
    struct lock_config lock;
    struct lock_command command;
    uint64_t run;     /* of the command */
    rota_time began;  /* when the program began, for the trace */
    int wake_fd;      /* an eventfd: the backend has events */
    int signals_fd;   /* a signalfd */
    bool command_ran; /* to its end, under the lock */
    bool verbose;
};

static const char usage[] =
    "usage: lock [-s TIME] [-v] HOSTS PATH -- COMMAND [ARGUMENT...]\n"
    "\n"
    "Runs COMMAND while it holds the lock PATH in the ZooKeeper at HOSTS. The command gets the "
    "fence\n"
    "of the lock as LOCK_FENCE: a number that grows with every holder. It is killed when the lock "
    "is\n"
    "lost.\n"
    "\n"
    "  -s TIME   the session timeout, such as 10s (the default)\n"
    "  -v        print the trace on standard error\n"
    "\n"
    "Exit status: that of the command; 1 if the lock was lost before the command had ended; 2 "
    "wrong\n"
    "usage; 3 ZooKeeper cannot be reached; 4 refused; 130 interrupted while it waited.\n";

/* ---- the host ---- */

static struct program *program_of(struct rota_host *host)
{
    return (struct program *)host; /* its first member */
}

static void print_note(struct program *p, const struct rota_note *note)
{
    rota_time now = p->backend->ops->now(p->backend);
    char line[LINE_SIZE];

    rota_trace_format(now - p->began, p->lock.name, note, line, sizeof line);
    fprintf(stderr, "%s\n", line);
}

static void act(struct rota_host *host, const struct rota_action *a)
{
    struct program *p = program_of(host);

    switch (a->kind) {
    case ROTA_ACTION_NOTE:
        if (p->verbose)
            print_note(p, &a->note);
        break;
    case ROTA_ACTION_RUN:
        fprintf(stderr, "lock: holds %s, fence %lld\n", p->lock.path, (long long)a->run.fence);
        p->run = a->run.run;
        lock_command_start(&p->command, p->lock.path, a->run.fence);
        break;
    case ROTA_ACTION_CANCEL:
        lock_command_cancel(&p->command, a->cancel.at_once);
        break;
    default: /* LEASE: a cancel follows when the lease is over; EXIT: the driver knows */
        break;
    }
}

static const struct rota_host_ops host_ops = {.act = act};

/* ---- the loop ---- */

/* Called from a thread of the client library. */
static void on_wake(void *context)
{
    const struct program *p = context;

    eventfd_write(p->wake_fd, 1);
}

static void command_ended(struct program *p)
{
    struct rota_event e = {.kind = ROTA_EVENT_FINISHED};
    int status = lock_command_exit_status(&p->command);

    p->command_ran = !p->command.cancelled;
    e.finished.run = p->run;
    e.finished.ending = p->command.cancelled ? ROTA_ENDING_STOPPED
                        : status == 0        ? ROTA_ENDING_SUCCESS
                                             : ROTA_ENDING_FAILURE;
    e.finished.exit_status = status;
    e.finished.reason = "";
    e.finished.output = e.finished.errors = ROTA_NULL_BYTES;
    rota_driver_notify(&p->driver, &e);
}

static void handle_signals(struct program *p)
{
    struct signalfd_siginfo info;
    struct rota_event stop = {.kind = ROTA_EVENT_STOP};

    while (read(p->signals_fd, &info, sizeof info) == sizeof info)
        if (info.ssi_signo != SIGCHLD)
            rota_driver_notify(&p->driver, &stop);
        else if (lock_command_reap(&p->command))
            command_ended(p);
}

/* Milliseconds until the driver wants to be called, as poll takes them. */
static int patience_ms(struct program *p)
{
    rota_time deadline = rota_driver_deadline(&p->driver);
    rota_time left = deadline - p->backend->ops->now(p->backend);

    if (deadline == ROTA_NEVER)
        return -1;
    return left <= 0 ? 0 : left >= 1000000000 ? 1000000 : (int)(left / 1000 + 1);
}

static void run(struct program *p)
{
    struct pollfd fds[] = {{p->wake_fd, POLLIN, 0}, {p->signals_fd, POLLIN, 0}};
    eventfd_t events;

    while (!p->driver.finished) {
        poll(fds, 2, patience_ms(p));
        eventfd_read(p->wake_fd, &events);
        handle_signals(p);
        while (!p->driver.finished && rota_driver_run(&p->driver, EVENTS_AT_ONCE))
            ;
    }
}

/* ---- the program ---- */

static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL); /* for the threads of the client library, too */
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int conclude(const struct program *p)
{
    if (p->driver.status == ROTA_EXIT_DONE && p->command_ran)
        return lock_command_exit_status(&p->command);
    if (p->driver.sentence[0] != '\0')
        fprintf(stderr, "lock: %s\n", p->driver.sentence);
    return p->driver.status == ROTA_EXIT_DONE ? ROTA_EXIT_INTERRUPTED : (int)p->driver.status;
}

static int lock_run(struct program *p, const char *hosts, uint32_t session_ms)
{
    const char *chroot = strchr(hosts, '/');
    struct rota_zk_config zk = {
        .hosts = hosts, .session_timeout_ms = session_ms, .log = ROTA_ZK_LOG_QUIET};
    struct rota_driver_config config = {
        .role = &lock_role,
        .config = &p->lock,
        .session = {.connect_timeout_ms = CONNECT_MS,
                    .chroot_length = chroot == NULL ? 0 : (uint32_t)strlen(chroot),
                    .lease = true}};
    int status;

    p->host.ops = &host_ops;
    p->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    p->signals_fd = open_signals();
    p->backend = rota_zk_open(&zk, on_wake, p);
    if (p->wake_fd < 0 || p->signals_fd < 0 || p->backend == NULL) {
        fprintf(stderr, "lock: this system gives no descriptor or no thread: %s\n",
                strerror(errno));
        return ROTA_EXIT_REFUSED;
    }
    p->began = p->backend->ops->now(p->backend);
    rota_driver_init(&p->driver, &config, p->backend, &p->host);
    run(p);
    status = conclude(p);
    rota_driver_close(&p->driver);
    p->backend->ops->destroy(p->backend);
    return status;
}

static int refuse(const char *what, const char *why)
{
    fprintf(stderr, "lock: %s %s\n%s", what, why, usage);
    return ROTA_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct program p = {.lock = {.once = true, .write_ms = 1000}};
    int64_t session_us = 10000000;
    const char *wrong;
    int option;

    while ((option = getopt(argc, argv, "+s:v")) != -1)
        if (option == 'v')
            p.verbose = true;
        else if (option != 's')
            return refuse("an option", "is not known");
        else if ((wrong = rota_duration_read(optarg, strlen(optarg), ROTA_DURATION_OPTION,
                                             &session_us)) != NULL)
            return refuse(optarg, wrong);
    if (argc - optind < 4 || strcmp(argv[optind + 2], "--") != 0)
        return refuse("HOSTS, PATH, -- and COMMAND", "are needed, in this order");
    if (strlen(argv[optind + 1]) >= sizeof p.lock.path ||
        !rota_path_valid(argv[optind + 1], false) || strcmp(argv[optind + 1], "/") == 0)
        return refuse(argv[optind + 1], "is not the path of a lock, such as /locks/backup");
    snprintf(p.lock.path, sizeof p.lock.path, "%s", argv[optind + 1]);
    snprintf(p.lock.name, sizeof p.lock.name, "%ld", (long)getpid());
    p.command.argv = argv + optind + 3;
    return lock_run(&p, argv[optind], (uint32_t)(session_us / 1000));
}
