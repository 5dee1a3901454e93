/* The reader's status: one row with the master, the epoch and the numbers of workers, tasks and
 * assignments. */
#ifndef ROTA_MODEL_READER_STATUS_H
#define ROTA_MODEL_READER_STATUS_H

#include "model/reader/reader_context.h"

/* Sends the first requests. */
void rota_reader_status_begin(struct rota_reader_context *s);

/* Takes in a reply. When it was the last one, gives the row and exits. */
void rota_reader_status_replied(struct rota_reader_context *s, enum rota_reader_purpose purpose,
                                const struct rota_reply *r);

#endif
