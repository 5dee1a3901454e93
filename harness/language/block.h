/* Lines between two lines `----` of a scenario file, taken as they stand. */
#ifndef ROTA_HARNESS_LANGUAGE_BLOCK_H
#define ROTA_HARNESS_LANGUAGE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rota_block {
    bool there;    /* else the text is empty */
    bool open;     /* the file ends without the second line `----` */
    char *text;    /* freed by who keeps it */
    uint32_t line; /* the number of its first line; without a block, of the line before */
};

/* Reads the block at byte `at`, behind line `*line`; both are left behind it. Without one neither
 * moves. */
struct rota_block rota_block_read(uint32_t *line, const char *bytes, size_t length, size_t *at);

#endif
