/* The backend for a real ZooKeeper: one handle of libzookeeper_mt 3.8 at a time. It copies events,
 * queues them and wakes the owner; all logic is above, in model/seam/session.h.
 *
 * The library's descriptors are made close-on-exec (S87), as far as possible: at every change of
 * session, every descriptor above 2 of this process is marked. Between its creation and the first
 * connection a socket is not yet marked. A program that starts children must therefore start them
 * from a process that was forked before rota_zk_open, as the guard is. */
#ifndef ROTA_BACKEND_ZK_ZK_H
#define ROTA_BACKEND_ZK_ZK_H

#include <stdio.h>

#include "backend_zk/hosts.h"
#include "model/seam/backend.h"

enum rota_zk_log {
    ROTA_ZK_LOG_QUIET,
    ROTA_ZK_LOG_ERRORS,
    ROTA_ZK_LOG_WARNINGS,
    ROTA_ZK_LOG_ALL, /* except debug messages, which make closing unsafe (ZOOKEEPER-4809) */
};

struct rota_zk_config {
    const char *hosts; /* connect string, with or without a chroot; copied */
    uint32_t session_timeout_ms;
    enum rota_zk_log log; /* level and stream are the library's, one for the whole process */
    FILE *log_stream;     /* NULL: standard error; borrowed until the process ends */
};

/* Makes an instance, without connecting: the `open` of its table connects. The library's threads
 * call `wake` with `context`; it must not call the backend. If the state of the session becomes
 * ROTA_SESSION_UNREACHABLE, rota_zk_reason explains it. The instance is used from one thread and
 * freed by the `destroy` of its table. */
struct rota_backend *rota_zk_open(const struct rota_zk_config *config, rota_wake_f wake,
                                  void *context);

/* One sentence that says why the last `open` reported ROTA_SESSION_UNREACHABLE, "" if it did not.
 * Borrowed until the next `open`. */
const char *rota_zk_reason(const struct rota_backend *b);

#endif
