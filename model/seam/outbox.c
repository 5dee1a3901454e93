#include "model/seam/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/format.h"
#include "model/base/pool.h"

enum { BLOCK_BYTES = 32768 };

struct rota_outbox_block {
    struct rota_outbox_block *next;
    size_t size;
    size_t used;
    max_align_t bytes[];
};

void rota_outbox_init(struct rota_outbox *o)
{
    memset(o, 0, sizeof *o);
    o->wake = ROTA_NEVER;
}

void rota_outbox_close(struct rota_outbox *o)
{
    for (struct rota_outbox_block *b = o->blocks, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    free(o->actions);
    rota_outbox_init(o);
}

void rota_outbox_reset(struct rota_outbox *o)
{
    struct rota_outbox_block *kept = NULL;

    for (struct rota_outbox_block *b = o->blocks, *next; b != NULL; b = next) {
        next = b->next;
        if (kept == NULL && b->size == BLOCK_BYTES) {
            kept = b;
            kept->next = NULL;
            kept->used = 0;
        } else {
            free(b);
        }
    }
    o->blocks = kept;
    o->length = 0;
    o->wake = ROTA_NEVER;
}

struct rota_action *rota_outbox_add(struct rota_outbox *o, enum rota_action_kind kind)
{
    struct rota_action *a;

    if (o->length == o->capacity) {
        o->capacity = o->capacity == 0 ? 16 : o->capacity * 2;
        o->actions = realloc(o->actions, o->capacity * sizeof *o->actions);
        if (o->actions == NULL)
            rota_pool_exhausted();
    }
    a = &o->actions[o->length++];
    memset(a, 0, sizeof *a);
    a->kind = kind;
    return a;
}

void *rota_outbox_take(struct rota_outbox *o, size_t bytes)
{
    size_t rounded = (bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    struct rota_outbox_block *b = o->blocks;
    void *at;

    if (b == NULL || b->size - b->used < rounded) {
        size_t size = rounded > BLOCK_BYTES ? rounded : BLOCK_BYTES;

        b = malloc(sizeof *b + size);
        if (b == NULL)
            rota_pool_exhausted();
        b->next = o->blocks;
        b->size = size;
        b->used = 0;
        o->blocks = b;
    }
    at = (uint8_t *)b->bytes + b->used;
    b->used += rounded;
    memset(at, 0, rounded);
    return at;
}

const char *rota_outbox_text(struct rota_outbox *o, const char *format, ...)
{
    va_list args;
    size_t length;
    char *text;

    va_start(args, format);
    length = rota_format_list(NULL, 0, format, args);
    va_end(args);
    text = rota_outbox_take(o, length + 1);
    va_start(args, format);
    rota_format_list(text, length + 1, format, args);
    va_end(args);
    return text;
}

char *rota_outbox_text_of(struct rota_outbox *o, struct rota_bytes data, size_t most)
{
    size_t n = data.length > 0 ? (size_t)data.length : 0;
    char *text;

    if (n > most)
        n = most;
    text = rota_outbox_take(o, n + 1);
    if (n > 0)
        memcpy(text, data.data, n);
    return text;
}

void rota_outbox_wake(struct rota_outbox *o, rota_time when)
{
    if (when < o->wake)
        o->wake = when;
}

void rota_outbox_mark(struct rota_outbox *o, enum rota_mark mark)
{
    rota_marks_put(&o->marks, mark);
}

void rota_outbox_note(struct rota_outbox *o, enum rota_note_kind kind, const char *name,
                      const char *other, int64_t a, int64_t b, int64_t c)
{
    const char *name_copy = name == NULL ? NULL : rota_outbox_text(o, "%s", name);
    const char *other_copy = other == NULL ? NULL : rota_outbox_text(o, "%s", other);
    struct rota_action *action = rota_outbox_add(o, ROTA_ACTION_NOTE);

    rota_outbox_mark(o, (enum rota_mark)kind);
    action->note = (struct rota_note){kind, name_copy, other_copy, a, b, c};
}
