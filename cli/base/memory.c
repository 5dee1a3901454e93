#include "cli/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory)
{
    if (memory == NULL) {
        fputs("rota: no memory left; give it more, or less to do at once\n", stderr);
        fflush(stderr);
        abort();
    }
    return memory;
}

void *rota_grow(void *old, size_t bytes)
{
    return checked(realloc(old, bytes > 0 ? bytes : 1));
}

void *rota_zeroed(size_t count, size_t size)
{
    return checked(calloc(count > 0 ? count : 1, size));
}

char *rota_text_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(rota_grow(NULL, size), text, size);
}
