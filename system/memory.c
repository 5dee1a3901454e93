#include "system/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef ROTA_COVERAGE
#include <gcov.h>
#endif

#include "model/base/pool.h"

enum { FIRST_CAPACITY = 8 };

/* Without exit handlers: they may need memory, or a lock that this thread holds. */
void rota_memory_exhausted(void)
{
    fputs("rota: no memory left; give it more memory, or less to do at once\n", stderr);
    fflush(stderr);
#ifdef ROTA_COVERAGE
    __gcov_dump(); /* _exit does not write the counters */
#endif
    _exit(ROTA_MEMORY_EXIT);
}

/* The model has no stream and no way to end the program, so its pools report here. */
void rota_pool_exhausted(void)
{
    rota_memory_exhausted();
}

/* The size of an array; a size that no memory can have is a failure like any other. */
static size_t product(size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        rota_memory_exhausted();
    return bytes;
}

void *rota_memory_zeroed(size_t count, size_t size)
{
    size_t bytes = product(count, size);
    void *memory = calloc(1, bytes > 0 ? bytes : 1);

    if (memory == NULL)
        rota_memory_exhausted();
    return memory;
}

void *rota_memory_grow(void *old, size_t bytes)
{
    void *memory = realloc(old, bytes > 0 ? bytes : 1);

    if (memory == NULL)
        rota_memory_exhausted();
    return memory;
}

void *rota_memory_extend(void *array, uint32_t length, uint32_t *capacity, size_t size)
{
    if (length < *capacity)
        return array;
    if (__builtin_mul_overflow(*capacity, 2, capacity))
        rota_memory_exhausted();
    if (*capacity == 0)
        *capacity = FIRST_CAPACITY;
    return rota_memory_grow(array, product(*capacity, size));
}

void *rota_memory_copy(const void *from, size_t bytes)
{
    void *memory = rota_memory_grow(NULL, bytes);

    if (bytes > 0)
        memcpy(memory, from, bytes);
    return memory;
}

char *rota_memory_text(const char *text)
{
    return rota_memory_copy(text, strlen(text) + 1);
}

char *rota_memory_text_of(const char *bytes, size_t length)
{
    char *text = rota_memory_grow(NULL, length + 1);

    if (length > 0)
        memcpy(text, bytes, length);
    text[length] = '\0';
    return text;
}
