#include "cli/base/byte_buffer.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "system/memory.h"

char *rota_byte_buffer_reserve(struct rota_byte_buffer *b, size_t size)
{
    if (b->capacity - b->length < size) {
        b->capacity = 2 * b->capacity + size;
        b->data = rota_memory_grow(b->data, b->capacity);
    }
    return b->data + b->length;
}

void rota_byte_buffer_append(struct rota_byte_buffer *b, const char *data, size_t size)
{
    if (size == 0)
        return;
    memcpy(rota_byte_buffer_reserve(b, size), data, size);
    b->length += size;
}

void rota_byte_buffer_drop(struct rota_byte_buffer *b, size_t size)
{
    rota_assert(size <= b->length);
    if (size == 0)
        return;
    b->length -= size;
    memmove(b->data, b->data + size, b->length);
}

void rota_byte_buffer_close(struct rota_byte_buffer *b)
{
    free(b->data);
    *b = (struct rota_byte_buffer){0};
}
