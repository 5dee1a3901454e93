/* Durations and times as people write them on a command line, and as they are shown to them. */
#ifndef ROTA_CLI_BASE_WHEN_H
#define ROTA_CLI_BASE_WHEN_H

#include <stddef.h>
#include <stdint.h>

enum { ROTA_WHEN_SIZE = 32 }; /* room for whatever is written here */

/* Reads a duration such as 250ms, 10s, 2m, 1h or 7d into milliseconds. Returns NULL, or what is
 * wrong with it, to be put behind the text. */
const char *rota_when_read_duration(const char *text, int64_t *ms);

/* Reads a time: `2026-11-21T08:00[:SS]`, local or with `Z` or `+HH:MM` behind it; `HH:MM[:SS]`, of
 * the local day that `now_ms` is in; or `@SECONDS` since 1970. In milliseconds since 1970. Returns
 * NULL, or what is wrong with it. */
const char *rota_when_read_time(const char *text, int64_t now_ms, int64_t *ms);

/* Writes a duration in the largest unit that leaves no rest. Returns `text`. */
const char *rota_when_write_duration(char text[ROTA_WHEN_SIZE], int64_t ms);

/* Writes a time since 1970 as local date and time, to the second. Returns `text`. */
const char *rota_when_write_time(char text[ROTA_WHEN_SIZE], int64_t ms);

/* Now, by this machine's clock, in milliseconds since 1970. */
int64_t rota_when_now(void);

#endif
