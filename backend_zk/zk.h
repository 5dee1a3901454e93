/* The real thing: one handle of libzookeeper_mt 3.8 behind the seam. It copies, queues and wakes;
 * whatever is logic sits above, in model/session.
 *
 * All its descriptors are made close-on-exec (S87), as far as the library allows: at every change
 * of session, every descriptor above 2 of this process is marked. A socket is unmarked between its
 * making and its first connection, so whoever starts children starts them from a process forked
 * before rota_zk_open, as the guard is. */
#ifndef ROTA_BACKEND_ZK_ZK_H
#define ROTA_BACKEND_ZK_ZK_H

#include <stdio.h>

#include "backend_zk/hosts.h"
#include "model/seam/backend.h"

enum rota_zk_log {
    ROTA_ZK_LOG_QUIET,
    ROTA_ZK_LOG_ERRORS,
    ROTA_ZK_LOG_WARNINGS,
    ROTA_ZK_LOG_ALL, /* but for debugging, which makes a closing handle unsafe (ZOOKEEPER-4809) */
};

struct rota_zk_config {
    const char *hosts; /* connect string, with or without a chroot; copied */
    uint32_t session_timeout_ms;
    enum rota_zk_log log; /* the library has one level and one stream for the whole process */
    FILE *log_stream;     /* NULL: standard error; borrowed until the process ends */
};

/* Makes an instance. Connects nowhere: the table's `open` does. `wake` is called with `context`
 * from the library's threads and must not call back. A session state of ROTA_SESSION_UNREACHABLE is
 * explained by rota_zk_reason. Used from one thread; destroyed by the table's `destroy`. */
struct rota_backend *rota_zk_open(const struct rota_zk_config *config, rota_wake_f wake,
                                  void *context);

/* One sentence on why the last `open` reported ROTA_SESSION_UNREACHABLE, "" if it did not. Borrowed
 * until the next `open`. */
const char *rota_zk_reason(const struct rota_backend *b);

#endif
