/* The actions of one step, in order, with the memory that they point to. The next step reuses the
 * memory. */
#ifndef ROTA_MODEL_SEAM_OUTBOX_H
#define ROTA_MODEL_SEAM_OUTBOX_H

#include "model/base/mark.h"
#include "model/seam/event.h"

struct rota_outbox_block;

struct rota_outbox {
    struct rota_action *actions;
    uint32_t length;
    uint32_t capacity;
    struct rota_outbox_block *blocks; /* strings and operations: do not move until the reset */
    rota_time wake;                   /* when the role wants a TICK; ROTA_NEVER: not at all */
    struct rota_marks marks;          /* every mark ever set: a reset keeps them */
};

/* Makes an empty outbox; takes no memory yet. Failing to get memory later is reported to
 * rota_pool_exhausted. */
void rota_outbox_init(struct rota_outbox *o);

/* Frees the memory. */
void rota_outbox_close(struct rota_outbox *o);

/* Removes all actions and the time to wake; keeps the memory for the next step. */
void rota_outbox_reset(struct rota_outbox *o);

/* Appends a zeroed action of that kind. The address is valid until the next append. */
struct rota_action *rota_outbox_add(struct rota_outbox *o, enum rota_action_kind kind);

/* `bytes` zeroed bytes, aligned for every type, valid until the reset. */
void *rota_outbox_take(struct rota_outbox *o, size_t bytes);

/* A formatted text, valid until the reset. */
const char *rota_outbox_text(struct rota_outbox *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The data, at most `most` bytes of it, as a text that ends in a NUL; valid until the reset. */
char *rota_outbox_text_of(struct rota_outbox *o, struct rota_bytes data, size_t most);

/* Asks for a TICK at `when`, or earlier if an earlier time was asked for. */
void rota_outbox_wake(struct rota_outbox *o, rota_time when);

/* Sets a coverage mark. */
void rota_outbox_mark(struct rota_outbox *o, enum rota_mark mark);

/* Appends a note and sets its mark. The strings, which may be NULL, are copied: the record that
 * holds them may be removed in the same step. */
void rota_outbox_note(struct rota_outbox *o, enum rota_note_kind kind, const char *name,
                      const char *other, int64_t a, int64_t b, int64_t c);

#endif
