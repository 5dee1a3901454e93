/* A table of texts on standard output, whose columns are as wide as their longest cell. */
#ifndef ROTA_CLI_BASE_TABLE_H
#define ROTA_CLI_BASE_TABLE_H

#include <stdint.h>

enum { ROTA_TABLE_COLUMNS = 6 };

/* Zeroed memory is an empty table. */
struct rota_table {
    char *(*rows)[ROTA_TABLE_COLUMNS];
    uint32_t count;
    uint32_t capacity;
};

/* Appends a row of copies; a cell may be NULL. The first row is the heading. */
void rota_table_add(struct rota_table *t, const char *const cells[ROTA_TABLE_COLUMNS]);

/* Prints the table on standard output. */
void rota_table_print(const struct rota_table *t);

/* Frees the rows. */
void rota_table_close(struct rota_table *t);

#endif
