/* The raw life of a task, six znode writes with nobody deciding anything: create the task, create
 * its assignment, delete that and create the status, delete both. */
#ifndef ROTA_BENCH_RAW_H
#define ROTA_BENCH_RAW_H

#include "bench/handle.h"

enum { ROTA_RAW_WINDOW = 64 }; /* requests in flight */

/* Lets so many tasks live, with `payload` bytes each, in multis of `batch` tasks a step; with 0
 * each write is a transaction of its own. The tree's directories exist. Returns false if a write
 * was refused or the server fell silent. */
bool rota_raw_live(struct rota_handle *h, uint32_t tasks, uint32_t batch, uint32_t payload);

#endif
