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
#include "backend_zk/log.h"
#include "model/seam/backend.h"

struct rota_zk_config {
    const char *hosts; /* connect string, with or without a chroot; copied */
    uint32_t session_timeout_ms;
    enum rota_zk_log log;    /* level and stream are the library's, one for the whole process */
    FILE *log_stream;        /* NULL: standard error; borrowed until the process ends */
    rota_zk_lookup_f lookup; /* NULL: getaddrinfo */
};

/* Makes an instance, without connecting: the `open` of its table connects. The library's threads
 * call `wake` with `context`; it must not call the backend. If the state of the session becomes
 * ROTA_SESSION_UNREACHABLE, rota_zk_reason explains it. The instance is used from one thread and
 * freed by the `destroy` of its table. */
struct rota_backend *rota_zk_open(const struct rota_zk_config *config, rota_wake_f wake,
                                  void *context);

/* Why the last `open` reported ROTA_SESSION_UNREACHABLE; or, while no server has served yet, what
 * is wrong with the servers, as far as it is known by then, such as "127.0.0.1:2181 refuses
 * connections: ...". "" if nothing is known to be wrong, or if this is another backend. Borrowed
 * until the next call. */
const char *rota_zk_reason(struct rota_backend *b);

#endif
