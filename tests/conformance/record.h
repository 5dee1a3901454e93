/* The events that the peers of a subject receive, as lines that can be compared. */
#ifndef ROTA_TESTS_CONFORMANCE_RECORD_H
#define ROTA_TESTS_CONFORMANCE_RECORD_H

#include "tests/conformance/subject_state.h"

/* Requests that are not part of the sequence: their replies are not recorded, except that of a
 * fence that fails. Wakes are not even counted. */
enum { TAG_FENCE = 1000, TAG_CLOSE, TAG_LOOK, TAG_WAKE };

/* Writes a line into the subject's journal, with the time since the sequence began. */
void record_note(struct subject *s, const struct peer *p, const char *text);

/* Adds a copy of the text to the peer's lines, and to the journal; `watch` is the kind of a watch
 * event, 0 for other lines. */
void record_add(struct subject *s, struct peer *p, const struct text *t, int watch);

/* Takes and records the events of all backends. */
void record_events(struct subject *s);

/* Moves all recorded lines into the subject's text; lines without an order are sorted. */
void record_print(struct subject *s);

/* Frees all lines but the first `kept`. */
void lines_truncate(struct lines *l, uint32_t kept);

#endif
