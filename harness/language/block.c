#include "harness/language/block.h"

#include <string.h>

#include "system/memory.h"

static const char fence[] = "----";

/* The length of the line at `at`, without its newline. */
static size_t line_length(const char *bytes, size_t length, size_t at)
{
    const char *end = memchr(bytes + at, '\n', length - at);

    return end == NULL ? length - at : (size_t)(end - bytes) - at;
}

static bool is_fence(const char *bytes, size_t length, size_t at)
{
    size_t n = line_length(bytes, length, at);

    while (n > 0 && (bytes[at + n - 1] == ' ' || bytes[at + n - 1] == '\t'))
        n--;
    return n == strlen(fence) && memcmp(bytes + at, fence, n) == 0;
}

/* Where the line after the one at `at` begins. */
static size_t next_line(const char *bytes, size_t length, size_t at)
{
    size_t end = at + line_length(bytes, length, at) + 1;

    return end < length ? end : length;
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
    begin = end = next_line(bytes, length, *at);
    block.line = ++*line + 1;
    while (end < length && !is_fence(bytes, length, end)) {
        end = next_line(bytes, length, end);
        ++*line;
    }
    block.open = end >= length;
    block.text = rota_memory_text_of(bytes + begin, end - begin);
    *at = end;
    if (!block.open) {
        *at = next_line(bytes, length, end);
        ++*line;
    }
    return block;
}
