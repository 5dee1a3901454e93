/* A growing list of texts. */
#ifndef ROTA_HARNESS_ZKCLI_ZKLIST_H
#define ROTA_HARNESS_ZKCLI_ZKLIST_H

#include <stddef.h>
#include <stdint.h>

/* Owned texts, in order. */
struct rota_zklist {
    char **items;
    uint32_t count;
    uint32_t capacity;
};

/* Appends a copy of the text, or of "parent/name". */
void rota_zklist_add(struct rota_zklist *l, const char *text, size_t length);
void rota_zklist_add_child(struct rota_zklist *l, const char *parent, const char *name);

/* Sorts the list as strcmp does. */
void rota_zklist_sort(struct rota_zklist *l);

/* Frees the texts and empties the list. */
void rota_zklist_clear(struct rota_zklist *l);

#endif
