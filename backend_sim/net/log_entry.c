#include "backend_sim/net/log_entry.h"

#include <stdlib.h>
#include <string.h>

#include "system/memory.h"

static size_t text_bytes(const char *text)
{
    return text == NULL ? 0 : strlen(text) + 1;
}

static size_t text_bytes_of(const struct rota_change *c)
{
    size_t bytes = text_bytes(c->path) + (c->data.length > 0 ? (size_t)c->data.length : 0);

    for (uint32_t i = 0; i < c->acl_count; i++)
        bytes += text_bytes(c->acl[i].scheme) + text_bytes(c->acl[i].id);
    return bytes;
}

/* Copies bytes to `*to`, which moves behind the copy. NULL stays NULL. */
static void *place(char **to, const void *from, size_t bytes)
{
    void *at = *to;

    if (from == NULL)
        return NULL;
    if (bytes > 0)
        memcpy(at, from, bytes);
    *to += bytes;
    return at;
}

/* Copies the texts, the data and the access list of a change into the block. */
static void place_change(struct rota_change *c, struct rota_acl **acl, char **texts)
{
    c->path = place(texts, c->path, text_bytes(c->path));
    c->data.data = place(texts, c->data.data, c->data.length > 0 ? (size_t)c->data.length : 0);
    if (c->acl_count == 0)
        return;
    memcpy(*acl, c->acl, c->acl_count * sizeof **acl);
    c->acl = *acl;
    for (uint32_t i = 0; i < c->acl_count; i++, ++*acl) {
        (*acl)->scheme = place(texts, (*acl)->scheme, text_bytes((*acl)->scheme));
        (*acl)->id = place(texts, (*acl)->id, text_bytes((*acl)->id));
    }
}

struct rota_log_entry *rota_log_entry_copy(const struct rota_commit *commit)
{
    size_t changes = commit->change_count * sizeof(struct rota_change);
    size_t acls = 0;
    size_t bytes = 0;
    struct rota_log_entry *entry;
    struct rota_change *to;
    struct rota_acl *acl;
    char *texts;

    for (uint32_t i = 0; i < commit->change_count; i++) {
        acls += commit->changes[i].acl_count * sizeof *acl;
        bytes += text_bytes_of(&commit->changes[i]);
    }
    entry = rota_memory_zeroed(1, sizeof *entry + changes + acls + bytes);
    to = (struct rota_change *)(entry + 1);
    acl = (struct rota_acl *)(to + commit->change_count);
    texts = (char *)(acl + acls / sizeof *acl);
    entry->commit = *commit;
    entry->commit.changes = to;
    if (changes > 0)
        memcpy(to, commit->changes, changes);
    for (uint32_t i = 0; i < commit->change_count; i++)
        place_change(&to[i], &acl, &texts);
    return entry;
}

void rota_log_entry_free(struct rota_log_entry *entry)
{
    free(entry);
}
