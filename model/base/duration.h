/* Durations as people write them: a whole number and a unit, such as 250ms, 10s or 7d. */
#ifndef ROTA_MODEL_BASE_DURATION_H
#define ROTA_MODEL_BASE_DURATION_H

#include <stddef.h>
#include <stdint.h>

/* The units, from the finest: us, ms, s, m, h, d. */
enum rota_duration_unit {
    ROTA_DURATION_US,
    ROTA_DURATION_MS,
    ROTA_DURATION_S,
    ROTA_DURATION_M,
    ROTA_DURATION_H,
    ROTA_DURATION_D,
};

/* Where a duration is read: which units there are, how long it may be, and what a sentence gives as
 * examples. */
enum rota_duration_language {
    ROTA_DURATION_OPTION,   /* the command line: ms to d, as long as can be counted */
    ROTA_DURATION_SCENARIO, /* a scenario file: us to h, at most 1000h; 0 needs no unit */
};

enum { ROTA_DURATION_SIZE = 32 }; /* room for every duration that is written here */

/* Reads the duration in the `length` characters of `text` into microseconds. Returns NULL, or what
 * is wrong with it: the rest of a sentence that begins with the text. Static storage. */
const char *rota_duration_read(const char *text, size_t length,
                               enum rota_duration_language language, int64_t *us);

/* Writes a duration, not negative, in the coarsest unit up to `coarsest` that leaves no rest; 0 as
 * 0ms. Returns `text`. */
const char *rota_duration_format(char text[ROTA_DURATION_SIZE], int64_t us,
                                 enum rota_duration_unit coarsest);

#endif
