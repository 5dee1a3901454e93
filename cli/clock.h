/* The clock that counts suspended time too (hazard 7). */
#ifndef ROTA_CLI_CLOCK_H
#define ROTA_CLI_CLOCK_H

#include "model/backend.h"

/* CLOCK_BOOTTIME in microseconds: comparable between the processes of one machine. */
rota_time rota_clock_boottime(void);

#endif
