/* Lines between two lines `----` of a scenario file, taken as they are. */
#ifndef ROTA_HARNESS_LANGUAGE_BLOCK_H
#define ROTA_HARNESS_LANGUAGE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rota_block {
    bool there;    /* if not, the text is empty */
    bool open;     /* the file ends without the second line `----` */
    char *text;    /* freed by the caller */
    uint32_t line; /* the number of its first line; without a block, of the line before */
};

/* Reads the block at byte `at`, after line `*line`. Both then point after the block. Without a
 * block, neither changes. */
struct rota_block rota_block_read(uint32_t *line, const char *bytes, size_t length, size_t *at);

#endif
