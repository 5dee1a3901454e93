/* The reader's history: the attempts of one task. The attempts that have ended are lines in the
 * record under /assign or /retry, and in /history/<t> once the task has its final status. */
#ifndef ROTA_MODEL_READER_HISTORY_H
#define ROTA_MODEL_READER_HISTORY_H

#include "model/reader/reader_context.h"

/* Sends the first requests. */
void rota_reader_history_begin(struct rota_reader_context *s);

/* Takes in a reply. After the last one, sends what is next, or gives the rows and exits. */
void rota_reader_history_replied(struct rota_reader_context *s, enum rota_reader_purpose purpose,
                                 uint32_t index, const struct rota_reply *r);

#endif
