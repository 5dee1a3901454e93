/* Two masters and two workers, each a process of its own: this very program, started anew. */
#ifndef ROTA_BENCH_CAST_H
#define ROTA_BENCH_CAST_H

#include <sys/types.h>

#include "bench/handle.h"

enum { ROTA_CAST_MASTERS = 2, ROTA_CAST_WORKERS = 2, ROTA_CAST_SLOTS = 500 };

struct rota_cast {
    pid_t masters[ROTA_CAST_MASTERS]; /* 0: not started, or ended */
    pid_t workers[ROTA_CAST_WORKERS];
};

/* Starts everybody; no ZooKeeper handle may be open in this process. False with a sentence on
 * standard error if one could not be started; rota_cast_end is needed all the same. */
bool rota_cast_start(struct rota_cast *c, const char *hosts);

/* Waits until a master leads and all workers are registered, at most 30 seconds. */
bool rota_cast_ready(struct rota_handle *h);

/* The most memory that a master has used since it was started, in KiB. */
long rota_cast_master_peak(const struct rota_cast *c);

/* Seconds of processor time that all of them have used. */
double rota_cast_processor(const struct rota_cast *c);

/* Ends everybody in good order, after ten seconds at once. True if all ended in good order. */
bool rota_cast_end(struct rota_cast *c);

/* What a started process does: it is a "master" or a "worker" of that name until SIGTERM. A
 * worker's runs do nothing and are done at once. Returns the exit status. */
int rota_cast_play(const char *role, const char *name, const char *hosts);

#endif
