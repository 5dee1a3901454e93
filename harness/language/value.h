/* Numbers as a scenario file writes them. Durations are read by model/base/duration.h. */
#ifndef ROTA_HARNESS_LANGUAGE_VALUE_H
#define ROTA_HARNESS_LANGUAGE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Microseconds of virtual time. */
typedef int64_t rota_span;

/* Reads a whole decimal number of at most `max`. False if the text is no number, or a larger one.
 */
bool rota_number_read(const char *text, size_t length, uint64_t max, uint64_t *number);

#endif
