#include "cli/base/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/memory.h"

void rota_table_add(struct rota_table *t, const char *const cells[ROTA_TABLE_COLUMNS])
{
    t->rows = rota_memory_extend(t->rows, t->count, &t->capacity, sizeof *t->rows);
    for (int i = 0; i < ROTA_TABLE_COLUMNS; i++)
        t->rows[t->count][i] = cells[i] != NULL ? rota_memory_text(cells[i]) : NULL;
    t->count++;
}

static int last_column(char *const row[ROTA_TABLE_COLUMNS])
{
    int last = 0;

    for (int i = 0; i < ROTA_TABLE_COLUMNS; i++)
        if (row[i] != NULL)
            last = i;
    return last;
}

void rota_table_print(const struct rota_table *t)
{
    int widths[ROTA_TABLE_COLUMNS] = {0};

    for (uint32_t r = 0; r < t->count; r++)
        for (int i = 0; i < ROTA_TABLE_COLUMNS; i++)
            if (t->rows[r][i] != NULL && (int)strlen(t->rows[r][i]) > widths[i])
                widths[i] = (int)strlen(t->rows[r][i]);
    for (uint32_t r = 0; r < t->count; r++) {
        int last = last_column(t->rows[r]);

        for (int i = 0; i <= last; i++) {
            const char *cell = t->rows[r][i] != NULL ? t->rows[r][i] : "";

            printf("%-*s%s", i < last ? widths[i] : 0, cell, i < last ? "  " : "\n");
        }
    }
}

void rota_table_close(struct rota_table *t)
{
    for (uint32_t r = 0; r < t->count; r++)
        for (int i = 0; i < ROTA_TABLE_COLUMNS; i++)
            free(t->rows[r][i]);
    free(t->rows);
    *t = (struct rota_table){0};
}
