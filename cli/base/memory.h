/* Memory for the program's own bookkeeping: there is always enough, or the program ends. */
#ifndef ROTA_CLI_BASE_MEMORY_H
#define ROTA_CLI_BASE_MEMORY_H

#include <stddef.h>

/* Like realloc, but ends the program with a sentence if there is no memory. */
void *rota_grow(void *old, size_t bytes);

/* `count` zeroed elements of `size` bytes, freed by the caller. */
void *rota_zeroed(size_t count, size_t size);

/* A copy of the text, freed by the caller. */
char *rota_text_copy(const char *text);

#endif
