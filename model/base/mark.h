/* Coverage marks: places in the code that a scenario can demand to have been reached
 * (`sometimes takeover-with-backlog`).
 *
 * Every kind of note of the trace is a mark, set by writing the note: `sometimes lease-over`. Where
 * nothing is written a mark of its own is set with rota_outbox_mark. Setting one is a bit in the
 * outbox: no state of a role, nothing that changes what happens. */
#ifndef ROTA_MODEL_BASE_MARK_H
#define ROTA_MODEL_BASE_MARK_H

#include "model/base/trace.h"

/* Marks beside those of the notes, with what has been reached. */
#define ROTA_MARK_MAP(X)                                                                           \
    /* a new master found tasks in the tree when it took over */                                   \
    X(TAKEOVER_WITH_BACKLOG)                                                                       \
    /* a new master found assignments of the one before it */                                      \
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

/* Puts a mark into a set. */
static inline void rota_marks_put(struct rota_marks *m, enum rota_mark mark)
{
    m->bits[(unsigned)mark / 64] |= UINT64_C(1) << (unsigned)mark % 64;
}

/* Whether a mark is in a set: 1 or 0. */
static inline int rota_marks_have(const struct rota_marks *m, enum rota_mark mark)
{
    return (int)(m->bits[(unsigned)mark / 64] >> (unsigned)mark % 64 & 1);
}

/* Puts all marks of `more` into `m`. */
void rota_marks_join(struct rota_marks *m, const struct rota_marks *more);

/* Writes the mark's word, such as "takeover-with-backlog", into `text` of `size` bytes, terminated.
 */
void rota_mark_format(enum rota_mark mark, char *text, size_t size);

#endif
