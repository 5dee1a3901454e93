/* What the peers of a subject hear, as lines that can be compared. */
#ifndef ROTA_TESTS_CONFORMANCE_HEARD_H
#define ROTA_TESTS_CONFORMANCE_HEARD_H

#include "tests/conformance/subject.h"

/* Requests that are not of the sequence: their answers are no lines, unless a fence is refused;
 * that to a nudge is not even counted. */
enum { TAG_FENCE = 1000, TAG_CLOSE, TAG_LOOK, TAG_NUDGE };

/* Writes a line into the subject's journal, with the time since the sequence began. */
void heard_note(struct subject *s, const struct peer *p, const char *text);

/* Adds a copy of the text to what the peer has heard, and notes it; `watch` says what kind of event
 * it is, 0: none. */
void heard_add(struct subject *s, struct peer *p, const struct text *t, int watch);

/* Keeps the first lines and drops the rest, or all. */
void lines_cut(struct lines *l, uint32_t kept);
void lines_clear(struct lines *l);

/* Takes what the backends have. */
void heard_listen(struct subject *s);

/* Puts everything that was heard into the subject's text, and forgets it; what has no order is
 * sorted. */
void heard_say(struct subject *s);

#endif
