#include "model/reader/reader_context.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"

const char *rota_reader_text(const struct rota_reader_context *s, rota_ref ref)
{
    return ref == 0 ? "" : rota_pool_at(s->mem, ref);
}

struct rota_reader_row *rota_reader_row_at(const struct rota_reader_context *s, uint32_t i)
{
    rota_assert(i < s->r->rows.length);
    return rota_array_at(s->mem, &s->r->rows, i, sizeof(struct rota_reader_row));
}

uint32_t rota_reader_row_add(struct rota_reader_context *s, const char *name)
{
    uint32_t i = rota_array_push(s->mem, &s->r->rows, sizeof(struct rota_reader_row));
    rota_ref text = rota_text_take(s->mem, name);

    rota_reader_row_at(s, i)->name = text;
    return i;
}

void rota_reader_request(struct rota_reader_context *s, enum rota_reader_purpose purpose,
                         uint32_t index, enum rota_op op, const char *path)
{
    uint64_t tag = rota_request_tag(purpose, s->r->generation, index);

    rota_assert(s->r->up);
    if (op == ROTA_OP_CREATE)
        rota_request_add_create(s->out, tag, path);
    else
        rota_request_add_read(s->out, tag, op, path, false);
    s->r->replies_pending++;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **rota_reader_sorted_names(struct rota_reader_context *s, const struct rota_reply *r)
{
    const char **names = rota_outbox_take(s->out, (r->child_count + 1u) * sizeof *names);

    if (r->child_count > 0)
        memcpy(names, r->children, r->child_count * sizeof *names);
    qsort(names, r->child_count, sizeof *names, compare_names);
    return names;
}

void rota_reader_exit(struct rota_reader_context *s, enum rota_exit status, const char *sentence)
{
    rota_exit_add(s->out, status, sentence);
    s->r->up = false;
}
