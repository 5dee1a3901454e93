/* A real ZooKeeper server for tests, scripts and benchmarks: Debian's package, started on a free
 * port of loopback in a directory of its own, and stopped by its process id.
 *
 * The server ends with the process that started it, unless `outlive` is set. To make an ensemble,
 * choose the ports, give each server its id and the same `server.N=` lines in `more`, launch all of
 * them, and then wait for each. */
#ifndef ROTA_TESTS_LIVE_ZKSERVER_H
#define ROTA_TESTS_LIVE_ZKSERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct rota_zkserver_config {
    const char *directory; /* made if missing; NULL: a new temporary one, removed by close */
    uint32_t tick_ms;      /* 0: 200; the shortest session timeout is twice that */
    uint16_t port;         /* 0: a free one */
    uint32_t id;           /* in an ensemble, counted from 1; else 0 */
    const char *more;      /* further lines of zoo.cfg, each with its newline; NULL for none */
    bool durable;          /* fsync every transaction, as production does; slower */
    bool outlive;          /* the server continues after the process that started it has ended */
};

struct rota_zkserver {
    char directory[256];
    char hosts[32]; /* connect string: 127.0.0.1:PORT */
    uint16_t port;
    pid_t pid; /* 0: not running */
    bool temporary;
    bool outlive;
    char error[512]; /* one sentence after a function returned false */
};

/* Writes the configuration and starts the server without waiting for it. If the directory already
 * holds a configuration, the server is started with it, on the same port. */
bool rota_zkserver_launch(struct rota_zkserver *s, const struct rota_zkserver_config *config);

/* Waits until the server answers `srvr` with its mode, at most 90 seconds. */
bool rota_zkserver_wait(struct rota_zkserver *s);

/* Whether the server reports that it leads an ensemble. */
bool rota_zkserver_leads(const struct rota_zkserver *s);

/* Launches and waits. */
bool rota_zkserver_start(struct rota_zkserver *s, const struct rota_zkserver_config *config);

/* Finds the server that runs in `directory`, started by another process. */
bool rota_zkserver_find(struct rota_zkserver *s, const char *directory);

/* Sends SIGTERM, and after 30 seconds SIGKILL. True if the process has ended. */
bool rota_zkserver_stop(struct rota_zkserver *s);

/* Sends SIGKILL and waits for the end of the process. */
bool rota_zkserver_kill(struct rota_zkserver *s);

/* Starts a stopped or killed server again, on its data and port, and waits until it serves. */
bool rota_zkserver_restart(struct rota_zkserver *s);

/* Send SIGSTOP and SIGCONT. When pause returns, the server has stopped for certain. */
bool rota_zkserver_pause(struct rota_zkserver *s);
bool rota_zkserver_resume(struct rota_zkserver *s);

/* Writes the class path of the server and its tools. False if ZooKeeper is not installed. */
bool rota_zkserver_classes(struct rota_zkserver *s, char *text, size_t size);

/* Kills the server if it runs and removes its directory if that is a temporary one. */
void rota_zkserver_close(struct rota_zkserver *s);

/* Chooses a free port on loopback, below the ports of outgoing connections, so that it stays free
 * while its server is down. A test reserves its port with an abstract socket until it exits, so
 * that other tests do not choose it. 0 if there is none. */
uint16_t rota_zkserver_port(void);

#endif
