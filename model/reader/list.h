/* The reader's lists: tasks, workers, assignments. First the lists are read, then the znodes of
 * each row, then, if a task waits for tags, the tags of the workers. */
#ifndef ROTA_MODEL_READER_LIST_H
#define ROTA_MODEL_READER_LIST_H

#include "model/reader/reader_context.h"

/* Sends the first requests. */
void rota_reader_list_begin(struct rota_reader_context *s);

/* Takes in a reply. Then sends more requests, or, after the last reply, gives the rows and exits.
 */
void rota_reader_list_replied(struct rota_reader_context *s, enum rota_reader_purpose purpose,
                              uint32_t index, const struct rota_reply *r);

#endif
