/* A real ZooKeeper server for tests, scripts and benchmarks: Debian's package, started on loopback
 * on a free port in a directory of its own, stopped by its process id.
 *
 * A server started through this interface ends with the process that started it, unless it was
 * asked to outlive it. Three servers make an ensemble: choose the ports, give each its id and the
 * same `server.N=` lines in `more`, launch all three, then wait for each. */
#ifndef ROTA_TESTS_LIVE_ZKSERVER_H
#define ROTA_TESTS_LIVE_ZKSERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct rota_zkserver_config {
    const char *directory; /* made if missing; NULL: a fresh temporary one, removed by close */
    uint32_t tick_ms;      /* 0 means 200; the least session timeout is twice that */
    uint16_t port;         /* 0: a free one */
    uint32_t id;           /* in an ensemble, counted from 1; else 0 */
    const char *more;      /* further lines of zoo.cfg, each with its newline; NULL for none */
    bool durable;          /* fsync every transaction: slower, and what production does */
    bool outlive;          /* goes on after the process that started it has ended */
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

/* Writes the configuration and starts the server without waiting for it. A directory that holds a
 * server's data and configuration already is started as it is, on the same port. */
bool rota_zkserver_launch(struct rota_zkserver *s, const struct rota_zkserver_config *config);

/* Waits until the server answers `srvr` with its mode, at most 30 seconds. */
bool rota_zkserver_wait(struct rota_zkserver *s);

/* Whether it says, now, that it leads an ensemble. */
bool rota_zkserver_leads(const struct rota_zkserver *s);

/* Launches and waits. */
bool rota_zkserver_start(struct rota_zkserver *s, const struct rota_zkserver_config *config);

/* Finds the server that runs in `directory`, started by another process. */
bool rota_zkserver_find(struct rota_zkserver *s, const char *directory);

/* SIGTERM, and after five seconds SIGKILL. True when the process has ended. */
bool rota_zkserver_stop(struct rota_zkserver *s);

/* kill -9, and waits for the process's end. */
bool rota_zkserver_kill(struct rota_zkserver *s);

/* Starts a stopped or killed server again, on its data and its port, and waits for it. */
bool rota_zkserver_restart(struct rota_zkserver *s);

/* SIGSTOP and SIGCONT. A paused server has stopped for certain when pause returns. */
bool rota_zkserver_pause(struct rota_zkserver *s);
bool rota_zkserver_resume(struct rota_zkserver *s);

/* The class path of the server and its tools. False, with the sentence in `error`, if ZooKeeper is
 * not installed. */
bool rota_zkserver_classes(struct rota_zkserver *s, char *text, size_t size);

/* Kills the server if it runs and removes its directory if that is a temporary one. */
void rota_zkserver_close(struct rota_zkserver *s);

/* A port on loopback that nobody listens on, below those the system gives to outgoing connections,
 * so that it stays free while its server is down; whoever else draws in this way does not get it
 * before this process has ended. 0 if there is none. */
uint16_t rota_zkserver_port(void);

#endif
