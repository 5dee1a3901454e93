/* What a step asks for, in order. The memory belongs to the outbox and is reused by the next step.
 */
#ifndef ROTA_MODEL_SEAM_OUTBOX_H
#define ROTA_MODEL_SEAM_OUTBOX_H

#include "model/seam/event.h"
#include "model/base/mark.h"

struct rota_outbox_block;

struct rota_outbox {
    struct rota_action *actions;
    uint32_t length;
    uint32_t capacity;
    struct rota_outbox_block *blocks; /* strings and operations: never move until reset */
    rota_time wake;                   /* when the role wants a TICK; ROTA_NEVER if not at all */
    struct rota_marks marks;          /* every place ever reached; a reset does not forget them */
};

void rota_outbox_init(struct rota_outbox *o);
void rota_outbox_close(struct rota_outbox *o);

/* Forgets everything, keeps the memory. */
void rota_outbox_reset(struct rota_outbox *o);

/* Appends a zeroed action of that kind. Valid until the next append. */
struct rota_action *rota_outbox_add(struct rota_outbox *o, enum rota_action_kind kind);

/* `bytes` zeroed bytes, valid until the outbox is reset. */
void *rota_outbox_take(struct rota_outbox *o, size_t bytes);

/* A formatted string, valid until the outbox is reset. */
const char *rota_outbox_text(struct rota_outbox *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Asks for a TICK at `when` or earlier. */
void rota_outbox_wake(struct rota_outbox *o, rota_time when);

/* This place was reached. */
void rota_outbox_mark(struct rota_outbox *o, enum rota_mark mark);

/* Appends a note, and sets its mark. Strings are copied, for what they name may go in the same
 * step. */
void rota_outbox_note(struct rota_outbox *o, enum rota_note_kind kind, const char *name,
                      const char *other, int64_t a, int64_t b, int64_t c);

#endif
