/* A ZooKeeper under comparison, driven through the seam. The same code drives every kind. */
#ifndef ROTA_TESTS_CONFORMANCE_SUBJECT_H
#define ROTA_TESTS_CONFORMANCE_SUBJECT_H

#include "tests/conformance/subject_state.h"

/* Makes a subject with a new server. False, after a sentence on standard error, if there is none.
 */
bool subject_open(struct subject *s, const struct fixture *fixture);
void subject_close(struct subject *s);

/* Opens the clients' sessions and creates the root of a run. */
void subject_begin(struct subject *s, uint32_t clients, const char *root);

/* Executes one step and waits until nothing is under way. Its events are in `text`, one line each:
 * in the order of receipt for each client, one client after the other; events without an order are
 * sorted. */
void subject_perform(struct subject *s, const struct step *step);

/* Ends the clients' sessions. */
void subject_end(struct subject *s);

#endif
