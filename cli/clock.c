#include "cli/clock.h"

#include <time.h>

rota_time rota_clock_boottime(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (rota_time)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
