/* The six znode writes in the life of a task, without any process that decides, waits or reads:
 * create the task, create its assignment, delete the assignment and create the status, delete
 * status and task. */
#ifndef ROTA_BENCH_RAW_WRITES_H
#define ROTA_BENCH_RAW_WRITES_H

#include "bench/handle.h"

enum { ROTA_RAW_WRITES_WINDOW = 64 }; /* requests in flight */

/* Writes the lives of that many tasks, with `payload` bytes each: in each step a multi for `batch`
 * tasks; if `batch` is 0, each write is a transaction of its own. The tree must exist. False if a
 * write was refused or the server did not answer. */
bool rota_raw_writes_run(struct rota_handle *h, uint32_t tasks, uint32_t batch, uint32_t payload);

#endif
