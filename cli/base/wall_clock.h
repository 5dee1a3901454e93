/* Times of the day and the calendar, as people write them on a command line and read them. */
#ifndef ROTA_CLI_BASE_WALL_CLOCK_H
#define ROTA_CLI_BASE_WALL_CLOCK_H

#include <stdint.h>

enum { ROTA_WALL_CLOCK_SIZE = 32 }; /* room for every text that is written here */

/* Reads a time into milliseconds since 1970: `2026-11-21T08:00[:SS]`, local or with `Z` or `+HH:MM`
 * behind it; `HH:MM[:SS]` of the local day of `now_ms`; or `@SECONDS` since 1970. Returns NULL, or
 * what is wrong with it: the rest of a sentence that begins with the text. */
const char *rota_wall_clock_read(const char *text, int64_t now_ms, int64_t *ms);

/* Writes a time since 1970 as local date and time, to the second. Returns `text`. */
const char *rota_wall_clock_format(char text[ROTA_WALL_CLOCK_SIZE], int64_t ms);

/* The present time in milliseconds since 1970. */
int64_t rota_wall_clock_now(void);

#endif
