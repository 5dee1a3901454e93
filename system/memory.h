/* Memory for every room outside of the model. A request for memory succeeds, or the program ends
 * with one sentence and one exit status: no caller checks for NULL, and no caller asserts. All
 * memory is freed by the caller with free(). Any thread may call these functions. */
#ifndef ROTA_SYSTEM_MEMORY_H
#define ROTA_SYSTEM_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* The exit status of a program that has no memory left: EX_OSERR of <sysexits.h>. */
enum { ROTA_MEMORY_EXIT = 71 };

/* Ends the program: for a library's function that failed because there is no memory. */
_Noreturn void rota_memory_exhausted(void);

/* `count` zeroed elements of `size` bytes. Never NULL, not even for 0 bytes. */
void *rota_memory_zeroed(size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* `old`, which may be NULL, with `bytes` bytes: like realloc, but never NULL. The bytes beyond the
 * old size are undefined. */
void *rota_memory_grow(void *old, size_t bytes) __attribute__((returns_nonnull));

/* Makes room for one more element in a growing array of `length` elements of `size` bytes each. A
 * full array is doubled, and `capacity`, counted in elements, with it. Returns the array, which may
 * have moved. */
void *rota_memory_extend(void *array, uint32_t length, uint32_t *capacity, size_t size)
    __attribute__((returns_nonnull));

/* A copy of `bytes` bytes. `from` may be NULL if `bytes` is 0. */
void *rota_memory_copy(const void *from, size_t bytes) __attribute__((malloc, returns_nonnull));

/* A copy of the text. */
char *rota_memory_text(const char *text) __attribute__((malloc, returns_nonnull));

/* A copy of `length` bytes with a NUL after them. `bytes` may be NULL if `length` is 0. */
char *rota_memory_text_of(const char *bytes, size_t length)
    __attribute__((malloc, returns_nonnull));

#endif
