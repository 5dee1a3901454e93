/* Two masters and two workers, each in a process of its own that runs this program again. */
#ifndef ROTA_BENCH_REAL_CLUSTER_H
#define ROTA_BENCH_REAL_CLUSTER_H

#include <sys/types.h>

#include "bench/handle.h"

enum {
    ROTA_REAL_CLUSTER_MASTERS = 2,
    ROTA_REAL_CLUSTER_WORKERS = 2,
    ROTA_REAL_CLUSTER_SLOTS = 500
};

struct rota_real_cluster {
    pid_t masters[ROTA_REAL_CLUSTER_MASTERS]; /* 0: not running */
    pid_t workers[ROTA_REAL_CLUSTER_WORKERS];
};

/* Starts all processes; no ZooKeeper handle may be open in this process. False, with a sentence on
 * standard error, if one could not be started; rota_real_cluster_end is needed all the same. */
bool rota_real_cluster_start(struct rota_real_cluster *c, const char *hosts);

/* Waits until a master leads and all workers are registered. False if that takes more than 30
 * seconds. */
bool rota_real_cluster_wait_ready(struct rota_handle *h);

/* The most memory that a master has held since its start, in KiB. */
long rota_real_cluster_master_peak_kib(const struct rota_real_cluster *c);

/* The seconds of processor time that all processes have used. */
double rota_real_cluster_cpu_seconds(const struct rota_real_cluster *c);

/* Ends all processes in good order; kills those that have not ended after ten seconds. True if all
 * ended in good order. */
bool rota_real_cluster_end(struct rota_real_cluster *c);

/* The main function of a started process: a "master" or a "worker" of that name, until SIGTERM. The
 * runs of a worker do nothing and succeed at once. Returns the exit status. */
int rota_real_cluster_member(const char *role, const char *name, const char *hosts);

#endif
