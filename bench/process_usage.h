/* The processor time and memory that a process has used, read from /proc. */
#ifndef ROTA_BENCH_PROCESS_USAGE_H
#define ROTA_BENCH_PROCESS_USAGE_H

#include <sys/types.h>

/* Seconds of processor time of all its threads; 0 if there is no such process. */
double rota_process_usage_cpu_seconds(pid_t pid);

/* The most memory that it has held, in KiB; 0 if there is no such process. */
long rota_process_usage_peak_kib(pid_t pid);

#endif
