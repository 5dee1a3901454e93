/* Coverage marks: places in the code that a scenario can require to be reached
 * (`sometimes takeover-with-backlog`).
 *
 * Each kind of note is a mark, which writing the note sets: `sometimes lease-over`. A place that
 * writes no note sets a mark with rota_outbox_mark. Marks are bits in the outbox, not part of a
 * role's state, and change nothing in its behaviour. */
#ifndef ROTA_MODEL_BASE_MARK_H
#define ROTA_MODEL_BASE_MARK_H

#include "model/base/trace.h"

/* The marks that are not kinds of notes. */
#define ROTA_MARK_MAP(X)                                                                           \
    /* a new master found tasks when it took over */                                               \
    X(TAKEOVER_WITH_BACKLOG)                                                                       \
    /* a new master found assignments of the master before it */                                   \
    X(TAKEOVER_WITH_ASSIGNMENTS)

enum rota_mark {
#define X(name, sentence) ROTA_MARK_NOTE_##name,
    ROTA_NOTE_MAP(X)
#undef X
#define X(name) ROTA_MARK_##name,
        ROTA_MARK_MAP(X)
#undef X
            ROTA_MARKS
};

/* A set of marks; zeroed memory is the empty one. */
struct rota_marks {
    uint64_t bits[(ROTA_MARKS + 63) / 64];
};

/* Adds a mark to a set. */
static inline void rota_marks_put(struct rota_marks *m, enum rota_mark mark)
{
    m->bits[(unsigned)mark / 64] |= UINT64_C(1) << (unsigned)mark % 64;
}

/* 1 if the mark is in the set, otherwise 0. */
static inline int rota_marks_have(const struct rota_marks *m, enum rota_mark mark)
{
    return (int)(m->bits[(unsigned)mark / 64] >> (unsigned)mark % 64 & 1);
}

/* Adds all marks of `more` to `m`. */
void rota_marks_join(struct rota_marks *m, const struct rota_marks *more);

/* Writes the mark's name, such as "takeover-with-backlog", into `text` of `size` bytes; cut if it
 * does not fit, always terminated. */
void rota_mark_format(enum rota_mark mark, char *text, size_t size);

#endif
