#include "harness/language/block.h"

#include <string.h>

#include "harness/language/line.h"
#include "system/memory.h"

static const char fence[] = "----";

static bool is_fence(const char *bytes, size_t length, size_t at)
{
    size_t n = rota_line_length(bytes, length, at);

    while (n > 0 && (bytes[at + n - 1] == ' ' || bytes[at + n - 1] == '\t'))
        n--;
    return n == strlen(fence) && memcmp(bytes + at, fence, n) == 0;
}

struct rota_block rota_block_read(uint32_t *line, const char *bytes, size_t length, size_t *at)
{
    struct rota_block block = {.line = *line};
    size_t begin, end;

    if (*at >= length || !is_fence(bytes, length, *at)) {
        block.text = rota_memory_text("");
        return block;
    }
    block.there = true;
    begin = end = rota_line_next(bytes, length, *at);
    block.line = ++*line + 1;
    while (end < length && !is_fence(bytes, length, end)) {
        end = rota_line_next(bytes, length, end);
        ++*line;
    }
    block.open = end >= length;
    block.text = rota_memory_text_of(bytes + begin, end - begin);
    *at = end;
    if (!block.open) {
        *at = rota_line_next(bytes, length, end);
        ++*line;
    }
    return block;
}
