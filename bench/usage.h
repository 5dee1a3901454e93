/* What a process has used so far, as the system's /proc tells it. */
#ifndef ROTA_BENCH_USAGE_H
#define ROTA_BENCH_USAGE_H

#include <sys/types.h>

/* Seconds of processor time, of all its threads; 0 if there is no such process. */
double rota_usage_processor(pid_t pid);

/* The most memory it ever held, in KiB; 0 if there is no such process. */
long rota_usage_memory(pid_t pid);

#endif
